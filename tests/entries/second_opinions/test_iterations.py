"""An iteration that takes another number of steps nearby leaves unknown what a step more would change."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from tested import ONE, looked_at, on_the_sine

from gradcheck._entries.second_opinions.iterations import _edge, another_step
from gradcheck.networks import Array

X = np.array([0.12573022, -0.13210486, 0.64042265])


def fixed_points(x: Array, tolerance: float = 1e-6) -> Array:
    z, before = np.tanh(x), np.full_like(x, 9.0)
    while np.max(np.abs(z - before)) > tolerance:
        z, before = np.tanh(0.5 * np.sin(z) + x), z
    return z


def implicit(x):
    z = fixed_points(x, 1e-14)
    d = 1 - z**2
    return d / (1 - d * 0.5 * np.cos(z))


def summed(x):
    return float(fixed_points(x).sum())


def branches(x):
    return float(sum(math.sin(v) for v in x)) if x[0] < 1.1 else float(np.sum(np.sin(x)))


def test_another_step_speaks():
    """The slope is that of sixteen steps, off by 6e-6; that the solution has another is not excluded by any step."""
    look, estimate = looked_at(summed, implicit(X), X)
    assert look.accuses(estimate)
    found = another_step(look, estimate)
    assert 1e-6 < found.uncertainty < 1e-3
    assert abs(found.value - look.claim) <= found.uncertainty
    assert not look.tally.steady
    assert any("looks like an iteration stopped" in note for note in look.tested.subject.tally.said)


def test_another_step_is_silent():
    """Of a function that takes the same steps everywhere, of a gross error, and of a branch that changes nothing."""
    look, estimate = on_the_sine(claim=1.001 * math.cos(1.0))
    assert another_step(look, estimate) is None
    assert look.tally.steady
    assert another_step(*looked_at(summed, 2 * implicit(X), X)) is None
    look, estimate = looked_at(branches, np.array([1.001 * math.cos(1.0)]), ONE)
    assert another_step(look, estimate) is None
    assert not look.tally.steady


@pytest.mark.parametrize(
    ("tolerance", "off", "excused"), [(1e-3, 0.004, True), (1e-3, 0.012, False), (1e-6, 1e-3, False)]
)
def test_a_tolerance_that_a_solver_is_told_is_a_measure(tolerance, off, excused):
    """Eight thousandths of the largest slope for one, and not more."""

    def solved(x, rtol):
        return sum(math.sin(float(v)) for v in x for _ in range(int(10 * abs(v)) + 3) if rtol) / (
            int(10 * abs(x[0])) + 3
        )

    look, estimate = looked_at(lambda x: float(solved(x, tolerance)), np.array([(1 + off) * math.cos(1.0)]), ONE)
    assert look.accuses(estimate)
    assert (another_step(look, estimate) is not None) is excused


@pytest.mark.parametrize(("tolerance", "excused"), [(1e-3, True), (1e-6, False)])
def test_a_tolerance_bounds_what_an_edge_shows(tolerance, excused):
    """A kink of the function, where a solver takes more steps as well, is not what a tolerance of 1e-6 leaves."""

    def solved(x, rtol):
        number = float(x[0])
        return sum(math.sin(number) for _ in range(4 + 2 * (number > 1.2)) if rtol) / (4 + 2 * (number > 1.2))

    def bent(x):
        return solved(x, tolerance) + 0.02 * abs(float(x[0]) - 1.2)

    look, estimate = looked_at(bent, np.array([1.02 * math.cos(1.0) - 0.02]), ONE)
    assert look.accuses(estimate)
    assert (another_step(look, estimate) is not None) is excused


def test_a_tolerance_of_what_does_not_iterate_excuses_nothing():
    """A function that takes the same steps everywhere has no solver in it, whatever it calls its numbers."""

    def cut(x, tol=1e-2):
        return sum(math.sin(float(v)) * (abs(float(v)) > tol) for v in x)

    look, estimate = looked_at(lambda x: float(cut(x)), np.array([1.02 * math.cos(1.0)]), ONE)
    assert look.accuses(estimate)
    assert another_step(look, estimate) is None
    assert look.tally.steady


def restless(period: int, offset: int):
    """Return a line of a function that makes two more calls now and then, wherever it is."""
    calls = itertools.count(offset)

    def line(t: float) -> tuple[float, float]:
        for _ in range(2 * (next(calls) % period == 0)):
            abs(t)
        return t, math.sin(t)

    return line


def test_calls_that_come_and_go_are_no_steps():
    """As those of a library that tidies up: asked again, the same place tells another number."""
    found = [_edge(restless(period, offset), 1.0) for period in range(5, 12) for offset in range(period)]
    assert found == [None] * len(found)
