"""A day of checks in one process: what grows is found, what is accused is told, and nothing of ours does either."""

from __future__ import annotations

import endurance
import numpy as np
import pytest
from endurance import KINDS, Endurance, main

from gradcheck import check_gradients


@pytest.mark.parametrize(
    "kind", ["function", "several outputs", "network", "raising", "damaged report", "damaged case"]
)
def test_no_kind_accuses_what_is_right(kind):
    """A few of each; a wrong factor among them is found."""
    found = Endurance({kind: KINDS[kind]}, 1).run(6, 3)
    assert found.accused == []
    assert found.made == {kind: 6}


def test_a_page_tells_of_every_kind(capsys, tmp_path):
    """Written, and printed; 0 says that nothing was found."""
    assert not main(["--checks", "12", "--kind", "damaged report", "--kind", "raising", "--output", f"{tmp_path}/a.md"])
    page = (tmp_path / "a.md").read_text()
    assert capsys.readouterr().out.startswith(page)
    assert "12 checks in one process" in page
    assert "| damaged report  |" in page
    assert "Nothing was accused." in page


KEPT = []


@pytest.mark.parametrize("column", [1, 2, 3], ids=["memory", "handles", "threads"])
def test_what_grows_is_found(column):
    """Whatever it is."""
    found = Endurance({}, 0)
    grown = (np.arange(1, 31)[:, None] * [1, 0, 0, 0, 0]) + [0, 1 << 28, 5, 1, 1000]
    found.seen = [tuple(row) for row in grown]
    assert not found.failed
    grown[20:, column] += endurance.GROWN + 1
    found.seen = [tuple(row) for row in grown]
    assert found.failed


def test_a_right_gradient_that_is_accused_is_told():
    """With the state of the generator that drew it; so is a wrong one that is missed, and a crash."""

    def accused(_rng):
        return check_gradients(np.sum, np.ones(2), grad=lambda x: 2 * x), 1.0

    def missed(_rng):
        return check_gradients(np.sum, np.ones(2), grad=np.ones_like), 2.0

    def crashed(_rng):
        raise ZeroDivisionError

    for kind, said in (
        (accused, "of a right gradient is WRONG"),
        (missed, "a factor of 2.0 is CORRECT"),
        (crashed, "Z"),
    ):
        found = Endurance({"kind": kind}, 0).run(1, 1)
        assert said in found.accused[0]
        assert found.failed


def test_the_time_is_kept():
    """No check begins after it."""
    assert sum(Endurance({"raising": KINDS["raising"]}, 0).run(10**6, 0).made.values()) == 1
