"""A value that depends on the call before is told from noise, and the reason is named."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import history

X = np.array([2.3, 1.1])
REASON = "the value depends on the call before"


class Newton:
    """Solve y^3 + y = a for each a, from where the last call stopped."""

    def __init__(self, tolerance):
        self.y, self.tolerance = np.ones(2), tolerance

    def __call__(self, a):
        y = self.y
        while np.max(np.abs(y**3 + y - a)) > self.tolerance:
            y = y - (y**3 + y - a) / (3 * y**2 + 1)
        self.y = y
        return float(y.sum())


def slope(a):
    solver = Newton(1e-13)
    solver(a)
    return 1 / (3 * solver.y**2 + 1)


def settled(f):
    return Subject.of(Oracle(X, f, lambda x: x), promote=False).settled()


def test_a_solver_that_has_found_its_solution_depends_on_the_call_before():
    """Equal calls agree, so that only another call between them shows what is kept."""
    assert history.remembers(settled(Newton(1e-6)))


def test_six_rounds_of_two_ways_are_gone():
    """Each to another place and back; noise would keep the values apart so once in hundreds of times."""
    calls, solver = [], Newton(1e-6)
    subject = settled(lambda x: calls.append(x) or solver(x))
    calls.clear()
    assert history.remembers(subject)
    assert len(calls) == 6 * 2 * 2


@pytest.mark.parametrize("size", [0.0, 1e-12, 1.0])
def test_noise_remembers_nothing(size):
    """Nor does a function of the point alone."""
    rng = iter(np.random.default_rng(0).standard_normal(10_000))
    assert not any(history.remembers(settled(lambda x: float(x @ x) + size * next(rng))) for _ in range(50))


def test_a_count_remembers_nothing():
    """It grows from call to call, wherever that is made."""
    calls = itertools.count()
    assert not history.remembers(settled(lambda x: float(x @ x) + next(calls)))


def test_that_rounding_remembers_is_not_told():
    """A difference of SHOWS roundings of f or less is none."""
    state = [0.0]

    def kept(size):
        def f(x):
            before, state[0] = state[0], float(x[0] > X[0])
            return 4.0 + size * before

        return f

    one = settled(kept(0.0)).rounding()
    assert history.remembers(settled(kept(5 * one)))
    assert not history.remembers(settled(kept(3 * one)))


@pytest.mark.parametrize("tolerance", [1e-2, 1e-6, 1e-8])
def test_the_reason_is_named_where_it_leaves_something_open(tolerance):
    """In place of advice on noise; a claim that is found right is not troubled."""
    report = check_gradients(Newton(tolerance), X, grad=slope)
    assert report.verdict is Verdict.CORRECT or any(REASON in note for note in report.notes)
    assert not any("jitters" in note for note in report.notes)


def test_an_iteration_that_stops_is_named():
    """Fixed points to a tolerance: the next call goes on by one iteration."""
    kept = {"z": np.zeros(2)}

    def f(x):
        while True:
            z = np.cos(x + 0.5 * kept["z"][::-1])
            moved, kept["z"] = np.linalg.norm(z - kept["z"]), z
            if moved < 1e-6:
                return float(z @ z)

    report = check_gradients(f, X, grad=np.ones_like)
    assert report.verdict is Verdict.BROKEN
    assert REASON in report.problems[0].sentence


def test_a_right_check_asks_nothing():
    """No call is made where nothing is left open."""
    calls = []
    subject = settled(lambda x: calls.append(0) or float(x @ x))
    history.told(subject, {})
    assert len(calls) == 1


@pytest.mark.parametrize(("memory", "seen"), [(0.035, True), (0.027, False)])
def test_the_two_ways_back_lie_an_eighth_of_the_scale_apart(memory, seen):
    """Of a memory that changes the value by so much a scale, that is more than four roundings, or less."""
    kept = [X]

    def f(x):
        before, kept[0] = kept[0], x.copy()
        return 4.0 + memory * float((before - X)[0] / X[0])

    assert history.remembers(settled(f).changed(jitter=1e-3)) is seen
