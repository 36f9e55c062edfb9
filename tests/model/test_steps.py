"""The calls that a function makes are counted, and the tolerance is heard that a solver is told."""

from __future__ import annotations

import cProfile
import gc
import sys

import numpy as np
import pytest

from gradcheck import check_gradients
from gradcheck._model.patience import _Watch
from gradcheck._model.steps import counted, in_python
from gradcheck._model.tally import Tally


def halved(x, tol=1e-3):
    while abs(x) > tol:
        x = x / 2
    return x


def halved_too(x, tol):
    return x / 2 if abs(x) > tol else x


def flat(x, gtol=1e-5):
    return halved(x, gtol)


def handed_on(x, **options):
    return halved(x, options["rtol"])


def test_an_iteration_makes_more_calls_the_further_it_is_from_its_end():
    """One a step, of abs; a class that is called is none."""
    near, far = (counted(lambda x=x: halved(x)).number for x in (1.0, 16.0))
    assert far - near == 4


@pytest.mark.parametrize(
    ("call", "tolerance"),
    [
        (lambda: halved(1.0), 1e-3),
        (lambda: halved(1.0, tol=1e-6), 1e-6),
        (lambda: handed_on(1.0, rtol=1e-4), 1e-4),
        (lambda: flat(1.0), 1e-5),
        (lambda: halved(100.0, tol=0.5), 0.0),
        (lambda: np.allclose(1.0, 2.0, rtol=1e-3), 0.0),
        (lambda: sum([1, 2]), 0.0),
    ],
    ids=["by default", "given", "in options", "of a slope", "too large", "of a comparison", "none"],
)
def test_the_tolerance_is_the_largest_that_a_solver_is_told(call, tolerance):
    """Of functions, and of their options; numbers are compared to tolerances as well, which is no iteration."""
    assert counted(call).tolerance == tolerance


@pytest.mark.parametrize(
    ("told", "tolerance"),
    [
        ([1e-2, 1e-3, 1e-4], 0.0),
        ([1e-2, 0.9], 0.0),
        ([1e-2, 1e-4], 1e-2),
        ([1e-3] * 9, 1e-3),
    ],
    ids=["falls", "no tolerance at first", "of two solves", "of many"],
)
def test_what_changes_from_call_to_call_is_a_forcing_term(told, tolerance):
    """It is no tolerance; that of another function beside it is."""
    assert counted(lambda: [halved(1.0, tol) for tol in told]).tolerance == tolerance
    beside = counted(lambda: [handed_on(1.0, rtol=1e-5), *[halved_too(1.0, tol) for tol in told]])
    assert beside.tolerance == max(tolerance, 1e-5)


def test_the_steps_of_a_solver_are_counted_among_many_others():
    """Those that it makes itself, and no other function does."""
    near, far = (counted(lambda x=x: [halved(x), *map(abs, range(5000))]) for x in (1.0, 16.0))
    assert far.own - near.own == 4
    assert near.own < 20
    assert counted(lambda: abs(1.0)).own == 0


RTOL = 1e-5


def test_a_tolerance_is_heard_that_is_taken_from_around():
    """From the function that makes a solver, or from the file that it stands in; a name of another kind is none."""
    tol = 1e-2

    def inside():
        return abs(tol)

    assert counted(inside).tolerance == 1e-2
    assert counted(lambda: abs(RTOL)).tolerance == RTOL
    assert counted(lambda: abs(np.inf)).tolerance == 0


def test_whoever_profiles_goes_on_to():
    """Also after an exception, which is the caller's."""

    def mine(*_):
        return None

    def fails():
        raise ZeroDivisionError

    sys.setprofile(mine)
    try:
        with pytest.raises(ZeroDivisionError):
            counted(fails)
        assert sys.getprofile() is mine
    finally:
        sys.setprofile(None)


def test_a_check_within_a_profiler_goes_on():
    """That of `cProfile` is no function, and could not be put back: nothing is counted then.

    From Python 3.12 on it listens in another way, beside which steps are counted.
    """
    x = np.linspace(0.5, 1.5, 4)
    with cProfile.Profile() as profile:
        report = check_gradients(
            lambda x: float(np.sin(x).sum()), x, grad=lambda x: np.cos(x) * (1 + 1e-5 * (x == 0.5))
        )
        before = sys.getprofile()
        assert (counted(lambda: halved(16.0)).number == 0) is (before is profile)
        assert sys.getprofile() is before
    assert [entry.name for entry in report.wrong] == ["x[0]"]
    assert profile.getstats()


def test_loops_of_jax_are_taken_step_by_step_if_it_is_there(monkeypatch):
    """It is not loaded for that."""
    monkeypatch.setitem(sys.modules, "jax", None)
    with in_python():
        pass


def test_what_tidies_up_memory_is_no_step():
    """Whenever that is done: what hears of it is called in the middle of the function."""
    heard = []

    def hears(phase, _):
        heard.append(phase)

    def fills_memory():
        return [[n] for n in range(5_000)]

    quiet = counted(fills_memory).number
    gc.callbacks.append(hears)
    try:
        assert counted(fills_memory).number == quiet
        assert gc.isenabled()
        fills_memory()
        assert heard
    finally:
        gc.callbacks.remove(hears)


def test_alarms_are_no_steps():
    """That somebody looks meanwhile whether a call has an end is nothing that f does."""
    watch = _Watch(Tally())
    assert counted(lambda: watch.ring(0, None)).number == counted(lambda: None).number
