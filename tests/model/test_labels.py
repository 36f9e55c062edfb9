"""An entry of a table is told by the labels that its owner knows it by."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import check_gradients

pd = pytest.importorskip("pandas")

ODD = np.array([1.0, 1.1, 1.0])


def notes(given, claim):
    report = check_gradients(lambda s: float((s**2).to_numpy().sum()), given, grad=claim)
    return [note for note in report.notes if " is " in note]


def test_a_wrong_entry_of_a_series_is_told_by_its_label():
    """Whatever its labels are."""
    for label, said in (("cash", "'cash'"), (2026, "2026"), (pd.Timestamp("2026-01-02"), "Timestamp(")):
        s = pd.Series([1.0, 2.0, 3.0], index=["a", label, "c"])
        (note,) = notes(s, lambda s: 2 * s * ODD)
        assert note.startswith(f"s[1] is {said}")
    assert notes(s, lambda s: 2 * s) == []


def test_a_wrong_entry_of_a_table_is_told_by_row_and_column():
    """Columns that hold no floats are none of its entries."""
    d = pd.DataFrame({"day": ["mon", "tue"], "u": [1.0, 2.0], "v": [3.0, 4.0]}, index=["r1", "r2"])

    def f(d):
        return float((d[["u", "v"]] ** 2).to_numpy().sum())

    report = check_gradients(f, d, grad=lambda d: 2 * d[["u", "v"]].to_numpy() * [[1, 1], [1, 1.1]])
    assert any("[1,1] is 'r2', 'v'" in note for note in report.notes)


def test_labels_that_count_say_nothing():
    """As those that nobody gave."""
    assert notes(pd.Series([1.0, 2.0, 3.0]), lambda s: 2 * s * ODD) == []
