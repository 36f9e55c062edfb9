"""An entry that stands still on a stair has the slope of the flight if others are claimed to have it, and have it."""

from __future__ import annotations

import numpy as np
import pytest
from tested import under_test

from gradcheck import Verdict, check_gradients
from gradcheck._entries.still import learn, look_again
from gradcheck._results.estimate import Estimate, Rung

X = np.array([0.7, -1.2, 0.4])
SIGMA, BOTH = 1e-4, np.arange(3)


def flight(x):
    """Return stairs of 1e-4 in two entries, of which one alone matters in the slope; the third does not matter."""
    return float(np.floor(1e4 * (x[0] + 2 * x[1])) / 1e4 + 0 * x[2])


def on_stairs(claims):
    there = under_test(flight, np.array(claims), X)
    there.columns.codes[:] = Verdict.UNTESTED
    return there


def measured(value, uncertainty=1e-3, sigma=SIGMA):
    noise = 3 * sigma / np.sqrt(2) / 0.1
    return Estimate(value, uncertainty, value, value, rungs=(Rung(0.1, value, value, noise),))


def test_nothing_is_looked_at_where_no_other_entry_has_the_slope_of_the_flight():
    """Zero is that of every stair."""
    there = on_stairs([0.0, 0.0, 0.0])
    look_again(there, BOTH)
    assert (there.columns.codes == Verdict.UNTESTED).all()


def test_an_entry_is_wrong_where_others_have_the_slope_of_the_flight():
    """One that does not matter is not, nor one with a claim."""
    there = on_stairs([0.0, 2.0, 0.0])
    there.tally.flight = SIGMA
    look_again(there, BOTH)
    assert there.columns.codes.tolist() == [Verdict.WRONG, Verdict.UNTESTED, Verdict.UNTESTED]
    assert there.columns.estimates[0] == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize(
    ("claim", "found", "learnt"),
    [
        (2.0, measured(2.0), SIGMA),
        (2.0, measured(2.0, sigma=1e-17), 0.0),
        (2.0, measured(2.01), 0.0),
        (2.0, measured(2.3, 0.6), 0.0),
        (0.0, measured(0.0), 0.0),
        (2.0, Estimate(2.0, 1e-3, 2.0, 2.0), 0.0),
    ],
    ids=["claimed and measured", "by rounding alone", "another", "hardly known", "zero", "no steps"],
)
def test_what_is_claimed_and_measured_over_the_stairs_is_learnt_from(claim, found, learnt):
    """And nothing else."""
    there = on_stairs([0.0, claim, 0.0])
    learn(there, 1, found)
    assert there.tally.flight == pytest.approx(learnt, rel=1e-12)


def test_of_two_tensors_the_first_is_looked_at_again():
    """Once the second one has shown what it takes."""

    def root(a, b):
        low, high = 0.0, 2.0
        while high - low > 1e-3:
            middle = (low + high) / 2
            low, high = (low, middle) if middle**3 + a * middle > b else (middle, high)
        return low

    def slopes(a, b):
        t = root(a, b)
        return 0.0, 1 / (3 * t**2 + a)

    report = check_gradients(root, 1.41, 1.15, grad=slopes)
    assert report.tensors["a"].verdict is Verdict.WRONG
    assert report.tensors["b"].verdict is not Verdict.WRONG
    zero = check_gradients(root, 1.41, 1.15, grad=lambda *_: (0.0, 0.0))
    assert zero.verdict is not Verdict.CORRECT
