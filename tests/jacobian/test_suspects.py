"""How entries that seem wrong are measured: with ladders, and no accusation rests on less."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._jacobian.probe import Probe
from gradcheck._jacobian.suspects import suspected
from gradcheck._model.questions import Entries, Matrix
from gradcheck._model.tally import Tally
from gradcheck._results.verdict import Verdict

X = np.array([0.5, -1.0, 2.0])


def measured(f, matrix, *places):
    claimed = Entries.full(np.asarray(matrix))
    m, n = claimed.shape
    ask = Probe(Matrix("J", "f", f, lambda _: claimed, X, (m,), (n,), ("f", "x"), constant=True), Tally())
    found = suspected(ask, X, claimed, places, seed=0)
    return {place: (round(numbers[0], 8), Verdict(numbers[-1])) for place, numbers in found.items()}


@pytest.mark.parametrize(
    ("claim", "verdict"), [(np.exp(2.0), Verdict.CORRECT), (7.4, Verdict.WRONG)], ids=["right", "wrong"]
)
def test_a_suspect_is_acquitted_or_accused(claim, verdict):
    """By what a ladder shows of it."""
    found = measured(np.exp, np.diag([*np.exp(X[:2]), claim]), (2, 2))
    assert found == {(2, 2): (round(np.exp(2.0), 8), verdict)}


def test_an_entry_of_a_row_without_claims():
    """Where all is said to be zero."""
    assert measured(lambda x: x[:1] * 0 + 3 * x[1], [[0.0, 0.0, 0.0]], (0, 1)) == {(0, 1): (3.0, Verdict.WRONG)}


def test_stairs_are_no_slope():
    """What stands still nearby and jumps further away is not called wrong."""
    found = measured(lambda x: np.round(x * 1e5) / 1e5, np.eye(3), (0, 0))
    assert found[0, 0][1] is not Verdict.WRONG
