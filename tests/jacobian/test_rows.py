"""How some entries of a row are measured alone, and that what other entries set is seen before one is accused."""

from __future__ import annotations

import numpy as np
import pytest
from traps.solvers_jacobian import f, jac

from gradcheck import check_gradients
from gradcheck._jacobian.probe import Probe
from gradcheck._jacobian.rows import measured_alone
from gradcheck._model.questions import Entries, Matrix
from gradcheck._model.tally import Tally
from gradcheck._results.verdict import Verdict

X = np.random.default_rng(1).standard_normal(5)


def of(f, claim, row, columns):
    claimed = Entries.full(claim)
    matrix = Matrix("J", "f", f, lambda _: claimed, X, (5,), (5,), ("f", "x"), constant=True)
    return measured_alone(Probe(matrix, Tally()), X, claimed, row, columns, seed=0)


@pytest.mark.parametrize(("by", "verdict"), [(1.01, Verdict.WRONG), (1.0, Verdict.CORRECT)], ids=["wrong", "right"])
def test_an_entry_of_an_iteration_is_judged_within_what_that_leaves(by, verdict):
    """Its row is smooth along it alone, as another entry takes the most steps."""
    found = of(f, jac(X) * np.where(np.eye(5) * X == X[1], by, 1), 1, [1])
    assert Verdict(found[1, 1][-1]) is verdict


def test_only_the_columns_asked_for_are_returned():
    """The largest of the row is measured besides, to be compared with."""
    found = of(np.tanh, np.diag(1 - np.tanh(X) ** 2), 2, [0, 2])
    assert set(found) == {(2, 0), (2, 2)}


def test_what_an_iteration_leaves_is_said_once():
    """However many rows it was found in."""
    report = check_gradients(f, X, jac=jac)
    assert sum("looks like an iteration stopped" in note for note in report.notes) == 1
