"""An alarm, a timeout and a lack of memory end a check; a function without a value does not."""

from __future__ import annotations

import signal
import subprocess

import numpy as np
import pytest

from gradcheck import GradientError, check_gradients
from gradcheck._model.ending import ends, forgiven

X = np.array([0.3, 1.0, 2.0])


class TimeoutException(Exception):
    """As other packages call it."""


class Bell(Exception):
    """Of an alarm, with a name that says nothing."""


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (TimeoutError(), True),
        (MemoryError(), True),
        (TimeoutException(), True),
        (subprocess.TimeoutExpired("solver", 1), True),
        (type("OutOfMemoryError", (RuntimeError,), {})("on the device"), True),
        (type("CUDARuntimeError", (RuntimeError,), {})("cudaErrorIllegalAddress"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 MiB"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 8 TB"), True),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"), True),
        (RuntimeError("INTERNAL: CpuCallback error: ValueError: no value"), False),
        (RuntimeError("the CUDA kernel makes an error of 1e-3"), False),
        (ValueError("CUDA error: a word of the user's"), False),
        (ValueError("timeout"), False),
        (np.linalg.LinAlgError(), False),
        (ZeroDivisionError(), False),
        (Bell(), False),
    ],
)
def test_what_says_stop_ends_a_check(error, end):
    """By its kind, not by its words; also where another exception was raised from it."""
    assert ends(error) is end
    wrapped = RuntimeError("the function raised")
    wrapped.__cause__ = error
    assert ends(wrapped) is end


def late(error, calls=9):
    """Return a function that raises at its tenth call, with the count of its calls."""
    count = []

    def f(x):
        count.append(1)
        if len(count) > calls:
            raise error
        return float(np.sum(x**2))

    return f, count


@pytest.mark.parametrize("error", [TimeoutError("1 s"), MemoryError("1 GiB")])
def test_a_check_ends_with_the_first_of_them(error):
    """As if it had been raised at the given point: with its report, and everything put back."""
    f, count = late(error)
    x = X.copy()
    with pytest.raises(GradientError) as caught:
        check_gradients(f, x, grad=lambda x: 2 * x)
    assert caught.value.__cause__ is error
    assert len(count) == 10
    assert caught.value.report.problems[0].sentence == str(caught.value)
    assert x.tobytes() == X.tobytes()


def test_an_interrupt_is_the_users():
    """It passes through."""
    with pytest.raises(KeyboardInterrupt):
        check_gradients(late(KeyboardInterrupt())[0], X, grad=lambda x: 2 * x)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarms")
def test_an_alarm_ends_a_check_whatever_it_raises():
    """Its handler stands in the traceback."""

    def ring(*_):
        raise Bell

    calls = []

    def slow(x):
        calls.append(1)
        if len(calls) == 12:
            signal.raise_signal(signal.SIGALRM)
        return float(np.sum(x**2))

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with pytest.raises(GradientError) as caught:
            check_gradients(slow, X, grad=lambda x: 2 * x)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert isinstance(caught.value.__cause__, Bell)
    assert len(calls) == 12


def test_one_at_a_neighbour_ends_it_too():
    """Of the function or of the gradient: a neighbour is called first of all."""
    for where in ("function", "gradient"):

        def raising(x, here=X, where=where):
            if not np.array_equal(x, here):
                raise TimeoutError(where)
            return x

        f = (lambda x, raising=raising: np.sum(raising(x))) if where == "function" else np.sum
        with pytest.raises(GradientError, match="TimeoutError"):
            check_gradients(f, X, grad=raising if where == "gradient" else np.ones_like)


def test_a_function_without_a_value_goes_on():
    """It is said how often that was, and what was raised first."""

    def f(x):
        if x[0] > 0.3 + 1e-5:
            raise ArithmeticError(x[0])
        return float(np.sum(x**2))

    report = check_gradients(f, X, grad=lambda x: 2 * x, neighbours=0)
    assert [note for note in report.notes if "the function raised ArithmeticError" in note]


def test_one_while_a_cause_is_looked_for_ends_it_too():
    """Late, in the evaluations that a report on what is wrong takes besides."""
    x = np.linspace(0.2, 1.2, 6)
    f, count = late(TimeoutError("1 s"), calls=10**9)
    check_gradients(f, x, grad=lambda x: 2.1 * x)
    for calls in (len(count) - 1, len(count) // 2):
        f, _ = late(TimeoutError("1 s"), calls=calls)
        with pytest.raises(GradientError, match="TimeoutError"):
            check_gradients(f, x, grad=lambda x: 2.1 * x)


def test_what_is_forgiven_is_no_end():
    """Anything else the user's code may raise."""
    with forgiven():
        raise ValueError
    with pytest.raises(MemoryError), forgiven():
        raise MemoryError
