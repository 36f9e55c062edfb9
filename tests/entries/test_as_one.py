"""Zero is wrong for equal numbers that stand still alone, and move f as they go together; not where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries import as_one
from gradcheck._model import leaf


def judged(f, x, claims=None, sigma=1e-16):
    """Return the codes, and what is said, where each entry was found to stand still."""
    x = np.asarray(x, dtype=np.float64)
    claims = np.zeros(len(x)) if claims is None else np.asarray(claims, dtype=np.float64)
    tested = under_test(f, claims, x, sigma=sigma)
    tested.columns.with_sides()
    for numbers in (tested.columns.estimates, tested.columns.lefts, tested.columns.rights):
        numbers[:] = 0.0
    tested.columns.codes[:] = Verdict.UNTESTED
    as_one.judge_as_one(tested, np.arange(len(x)))
    return tested


def median(x):
    return float(np.median(x))


def test_zero_is_wrong_for_a_median_of_equal_numbers():
    """A third of the slope is that of each; another number has none of it."""
    tested = judged(lambda x: 2 * median(x[:3]) + 0 * x[3], [3.0, 3.0, 3.0, 7.0])
    assert tested.columns.codes.tolist() == [Verdict.WRONG] * 3 + [Verdict.UNTESTED]
    np.testing.assert_allclose(tested.columns.estimates, [2 / 3, 2 / 3, 2 / 3, 0.0], atol=1e-6)
    assert any("x[0], x[1], x[2]: each claim is legal by itself, but not together" in n for n in tested.tally.said)
    assert any("slope 2, and the claims give 0" in note for note in tested.tally.said)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: float(np.maximum(x, 0).sum()), [-1.0, -1.0, -1.0]),  # it stands still together as well
        (median, [3.0, 2.0, 1.0]),  # no two are equal
        (lambda x: float(np.sqrt(np.abs(x[0] * x[1]))), [0.0, 0.0]),  # a kink as they move as one
        (lambda x: float(x[0] ** 3 / (x[0] ** 2 + x[1] ** 2 + 1e-300) - x[0]), [0.0, 0.0]),  # other slopes all around
        (lambda x: 1e-13 * median(x), [3.0, 3.0, 3.0]),  # what it rises by is noise
    ],
    ids=["dead units", "not equal", "a kink", "a cone", "noise"],
)
def test_nothing_is_said_where_zero_may_be_right(f, x):
    """Or is not known to be wrong."""
    tested = judged(f, x)
    assert tested.columns.codes.tolist() == [Verdict.UNTESTED] * len(x)
    assert not tested.tally.said


def test_one_of_thirty_equal_numbers_may_take_it_all():
    """Zero is right for the others, though at most places around the point one of those is the median."""
    tested = judged(median, np.ones(31), np.eye(31)[5])
    assert not (tested.columns.codes == Verdict.WRONG).any()
    fixed = judged(lambda x: float(np.median(np.append(x, 1.0))), np.ones(30))  # or a number that is not moved
    assert not (fixed.columns.codes == Verdict.WRONG).any()


def test_equal_numbers_are_looked_for_in_all_blocks_of_a_tensor(monkeypatch):
    """The one that takes it all may lie in another than the rest."""
    monkeypatch.setattr(leaf, "BLOCK", 4)
    x = np.concatenate([np.ones(3), 2.0 + np.arange(5), np.ones(1)])
    tested = judged(lambda x: median(x[[0, 1, 2]]), x, np.eye(9)[8])
    assert not (tested.columns.codes == Verdict.WRONG).any()
    assert judged(lambda x: median(x[[0, 1, 2]]), x[:8]).columns.codes[:3].tolist() == [Verdict.WRONG] * 3


def test_what_is_claimed_is_judged_elsewhere():
    """Two zeros are right beside a one: f has a slope along both, or none, from place to place around the point."""
    assert not (judged(median, [3.0] * 3, [1.0, 0.0, 0.0]).columns.codes == Verdict.WRONG).any()


@pytest.mark.parametrize(("count", "looked"), [(16, 16), (17, 16)])
def test_sixteen_groups_are_looked_at(count, looked):
    """If there are more, the largest ones."""
    x = np.repeat(np.arange(count) + 1.0, 3)
    tested = judged(lambda x: float(np.sum(np.median(x.reshape(-1, 3), axis=1))), x)
    assert np.count_nonzero(tested.columns.codes == Verdict.WRONG) == 3 * looked


def test_a_check_says_so():
    """Of a median whose gradient is left out where numbers are equal; shared out it is legal."""

    def chosen(x):
        return 1.0 * (np.arange(3) == np.argsort(x, kind="stable")[1])

    def missing(x):
        return chosen(x) if np.ptp(x) else np.zeros(3)

    def shared(x):
        return chosen(x) if np.ptp(x) else np.full(3, 1 / 3)

    assert check_gradients(median, np.ones(3), grad=missing).verdict is Verdict.WRONG
    assert check_gradients(median, np.ones(3), grad=shared).verdict is Verdict.KINK
    assert check_gradients(median, np.ones(3), grad=chosen).verdict is Verdict.KINK
