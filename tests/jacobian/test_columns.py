"""What two evaluations for each group of columns show."""

from __future__ import annotations

import numpy as np

from gradcheck._jacobian.columns import Swept, Taken, comparable, sweep, tolerance
from gradcheck._jacobian.groups import groups
from gradcheck._jacobian.probe import Probe
from gradcheck._model.questions import Entries, Matrix
from gradcheck._model.tally import Tally
from gradcheck._results.floating import DOUBLE, SINGLE
from gradcheck._results.verdict import Verdict

X = np.array([0.5, -1.0, 2.0, 3.0])


def probe(f, claimed):
    m, n = claimed.shape
    return Probe(Matrix("J", "f", f, lambda _: claimed, X, (m,), (n,), ("f", "x")), Tally())


def diagonal(values):
    return Entries(np.arange(4), np.arange(4), np.asarray(values), (4, 4))


def swept(f, claimed):
    known = Swept.nothing(len(claimed.values))
    sweep(probe(f, claimed), X, claimed, groups(claimed), known)
    return known


def test_what_agrees_is_settled_and_what_does_not_stays_open():
    """With its slope, which is no accusation yet."""
    known = swept(lambda x: x**3, diagonal(3 * X**2 * [1, 1, 1.1, 1]))
    assert [*known.codes] == [Verdict.CORRECT, Verdict.CORRECT, Verdict.UNDECIDED, Verdict.CORRECT]
    np.testing.assert_allclose(known.estimates, 3 * X**2, rtol=1e-8)


def test_a_claim_is_compared_with_what_moves_its_output_as_far():
    """Ten times as far, in units of its own steps; of numbers of one size that is the largest of its row."""
    claimed = Entries.full(np.array([[1e9, 1e-6, 2.0], [0.0, 0.0, 0.0]]))
    found = comparable(claimed, np.array([1e-9, 1e6, 1.0]))
    np.testing.assert_allclose(found, [20.0, 2e-5, 20.0, 0, 0, 0])
    plain = Entries.full(np.array([[1.0, 1e-3, 2.0]]))
    np.testing.assert_allclose(comparable(plain, np.array([1.0, -2.0, 0.5])), [2.0, 2.0, 2.0])
    np.testing.assert_allclose(comparable(plain, np.zeros(3)), [2.0, 2.0, 2.0])


def test_what_moves_beside_the_pattern_is_located():
    """One column among those that are moved at once."""
    known = swept(lambda x: x**3 + np.array([0, x[2], 0, 0]), diagonal(3 * X**2))
    assert known.outside == {(1, 2)}


def test_several_columns_at_once_stand_where_they_were():
    """Each by its own step, and nothing else moves."""
    taken = Taken.of(probe(lambda x: x, diagonal(np.ones(4))), X, np.array([0, 3]))
    assert (taken.steps != 0).tolist() == [True, False, False, True]
    assert (taken.central() != 0).tolist() == [True, False, False, True]


def test_coarser_outputs_leave_more_unknown():
    """And double precision no more than what matters."""
    assert tolerance(DOUBLE) < 1e-6 < tolerance(SINGLE) < 1e-2
