"""One tensor: every entry that was asked for is measured, what could not be is open, and the result says by what."""

from __future__ import annotations

import numpy as np
from tested import sine, under_test

from gradcheck import Verdict
from gradcheck._entries import tensor
from gradcheck._entries.table import LARGE

X = np.linspace(0.3, 1.5, 40)


def one_wrong(size, k, by=2.0):
    """Return the gradient of the sum of sines, one entry of which is wrong."""
    factors = np.ones(size)
    factors[k] = by
    return lambda x: factors * np.cos(x)


def whole(tested, entries="auto"):
    return tensor.whole(tested, entries, tested.subject)[0]


def test_the_wrong_entry_is_found_and_no_other():
    """One by one."""
    result = whole(under_test(sine, one_wrong(40, 7), X))
    assert [e.name for e in result.entries(Verdict.WRONG)] == ["x[7]"]
    assert (result.means, result.checked) == ("one by one", 40)


def test_in_a_large_tensor_it_is_found_by_directions():
    """And the result says how many entries were measured besides."""
    size = 4 * LARGE
    result = whole(under_test(sine, one_wrong(size, 777), np.linspace(0.3, 1.5, size)))
    assert [e.name for e in result.entries(Verdict.WRONG)] == ["x[777]"]
    assert "random directions, and" in result.means
    assert result.checked < size / 10


def test_directions_alone_judge_no_entry_that_agrees():
    """There is no row then, and the note says what would have been seen; a few that disagree are measured anew."""
    assert tensor.by_itself(under_test(sine, one_wrong(40, 7), X)) is None
    result, _ = tensor.by_itself(under_test(sine, np.cos, X))
    assert result.checked == 0
    assert "an error above" in result.note


def test_what_could_not_be_measured_is_open():
    """No entry after the last evaluation is called right; what was left undone is told."""
    tested = under_test(sine, np.cos, X)
    tested.tally.most = tested.tally.evaluations + 60
    result = whole(tested)
    assert 0 < result.counts[Verdict.CORRECT] < result.counts[Verdict.UNDECIDED] + 40
    assert result.verdict is Verdict.UNDECIDED
    assert "entries of x" in next(iter(tested.tally.undone))


def test_a_tensor_of_which_nothing_was_measured_has_rows_but_no_estimate():
    """The claims are shown; of the slope nobody knows."""
    leaf = under_test(sine, np.cos, X).leaf
    result = tensor.unmeasured(leaf, np.cos(X))
    assert (result.verdict, result.checked, result.means) == (Verdict.UNDECIDED, 40, tensor.NOT_AT_ALL)
    assert np.isnan(result.estimates).all()


def test_a_backward_that_rounds_everything_is_not_accused_of_its_roughest_entry():
    """Claims off by 3e-7 beside one off by 2e-6 of itself, small beside the others: roughness of the same kind."""
    off = 3e-7 * np.sign(np.sin(np.arange(40.0)))
    small = np.where(np.arange(40) == 5, 0.1, 1.0)

    def f(x):
        return float((small * np.sin(x)).sum())

    rough = under_test(f, lambda x: small * np.cos(x) + off * np.cos(0.5), X)
    assert whole(rough).wrong == 0
    wrong = under_test(f, lambda x: small * np.cos(x) + off + 1e-4 * (np.arange(40) == 5), X)
    assert [e.name for e in whole(wrong).entries(Verdict.WRONG)] == ["x[5]"]


def test_no_entry_is_measured_twice():
    """Of as many as are asked for."""
    for number in (39, 20):
        result = whole(under_test(sine, np.cos, X), number)
        assert len({*result.flat.tolist()}) == result.checked == number
