"""A check that is cut short says what it was measuring, and keeps what it had measured; so does an interrupt."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import GradientError, Verdict, assert_gradients, check_gradients

POINT = np.array([0.5, 1.5]), np.array([0.3, 0.4]), np.ones(2)


def cost(x, y, z):
    return float((x**3).sum() + np.sin(y).sum() * z.sum())


def slopes(x, y, z, factor=1):
    return 3 * factor * x**2, np.cos(y) * z.sum(), np.full(2, np.sin(y).sum())


def twice(x, y, z):
    return slopes(x, y, z, factor=2)


def raising(error, call):
    """Return the function, which raises at one of its calls, and its calls."""
    calls = []

    def f(x, y, z):
        calls.append(1)
        if len(calls) == call:
            raise error
        return cost(x, y, z)

    return f, calls


def count(grad=slopes):
    """Return how many calls a check makes."""
    f, calls = raising(None, 0)
    check_gradients(f, *POINT, grad=grad)
    return len(calls)


def cut(call, error=None, grad=slopes):
    """Return what is raised instead of an error at some call."""
    with pytest.raises(GradientError) as caught:
        check_gradients(raising(error or MemoryError("1 GiB"), call)[0], *POINT, grad=grad)
    return caught.value


def test_what_was_measured_by_then_is_in_the_report():
    """Broken, and nevertheless two tensors that agree, and one of which nothing is known."""
    error = cut(57)
    assert error.report.verdict is Verdict.BROKEN
    assert {name: t.verdict for name, t in error.report.tensors.items()} == dict.fromkeys("xy", Verdict.CORRECT)
    assert error.report.evaluations == 57
    assert error.report.notes[0].startswith("the check ended there, while measuring z of f (")
    assert error.report.notes[0].endswith("), after 57 evaluations")
    assert error.report.notes[1] == "not measured: z"
    assert error.report.environment["numpy"] == np.__version__


def test_a_wrong_entry_that_was_measured_by_then_is_named():
    """Whatever came of the rest."""
    report = cut(count(twice) - 1, grad=twice).report
    assert report.tensors["x"].wrong == 2


def test_at_the_given_point_there_is_nothing_to_say():
    """No tensor was being measured."""
    assert cut(2).report.notes == ()


@pytest.mark.parametrize("grad", [slopes, twice], ids=["right", "wrong"])
def test_at_whatever_call_it_ends_the_check(grad):
    """None is taken for the edge of a domain, none is lost, and no more is asked; also while a cause is sought."""
    for call in range(1, count(grad) + 1):
        f, calls = raising(MemoryError("1 GiB"), call)
        with pytest.raises(GradientError, match="MemoryError: 1 GiB"):
            check_gradients(f, *POINT, grad=grad)
        assert len(calls) == call


def test_what_is_no_end_is_counted_at_whatever_call():
    """At the given point it is raised; anywhere else it is said how often, and what it was."""
    for call in range(1, count() + 1):
        f, _ = raising(ArithmeticError("no value"), call)
        try:
            report = check_gradients(f, *POINT, grad=slopes)
        except GradientError as error:
            assert isinstance(error.__cause__, ArithmeticError)  # noqa: PT017
        else:
            assert report.verdict in {Verdict.CORRECT, Verdict.UNDECIDED}
            assert "the function raised ArithmeticError: no value" in " ".join(report.notes)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
def test_an_interrupt_is_told_what_was_measured(error):
    """It passes through, with a note."""
    f, _ = raising(error, 57)
    with pytest.raises(type(error)) as caught:
        assert_gradients(f, *POINT, grad=slopes)
    (note,) = caught.value.__notes__
    assert note.startswith("gradcheck was measuring z of f (")
    assert note.endswith("), after 57 evaluations")


@pytest.mark.parametrize("call", [1, 6])
def test_so_it_is_along_one_direction(call):
    """And while the call is read, where nothing is known but what it is of."""
    f, calls = raising(KeyboardInterrupt(), call)
    with pytest.raises(KeyboardInterrupt) as caught:
        check_gradients(f, *POINT, grad=slopes, along="random")
    assert len(calls) == call
    assert caught.value.__notes__ == ["gradcheck was measuring f"]


def test_an_error_of_ours_stays_what_it_is():
    """A call that cannot be checked is no broken function."""
    with pytest.raises(ValueError, match="gradient") as caught:
        check_gradients(cost, *POINT, grad=lambda x, y, z: (x,))
    assert not isinstance(caught.value, GradientError)


class Layer:
    """A layer whose parameters are found by calling it."""

    def __init__(self, tick):
        self.tick, self.W = tick, np.array([[0.5, -1.0], [0.3, 0.7]])

    def forward(self, x):
        self.tick()
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.tick()
        self.dW = self.x.T @ dy
        return dy @ self.W.T


def several(tick):
    """Return a function of which one argument is data, with a gradient whose shape says which."""

    def f(x, y):
        tick()
        return float(x @ y)

    def grad(x, y):
        tick()
        return y.copy()

    return check_gradients(f, np.array([0.5, 1.5, 2.0]), np.array([0.3, 0.4, 0.5]), grad=grad, neighbours=0)


def powers(tick):
    """Return a check of a function that a whole number is given to."""

    def f(x, n):
        tick()
        return float(np.sum(x**n))

    def grad(x, n):
        tick()
        return n * x ** (n - 1), None

    return check_gradients(f, np.array([0.5, 1.5]), 3, grad=grad, neighbours=0)


@pytest.mark.parametrize(
    "check",
    [lambda tick: check_gradients(Layer(tick), np.ones((3, 2)), neighbours=0), several, powers],
    ids=["layer", "data", "whole number"],
)
def test_what_ends_a_check_ends_it_while_the_call_is_read(check):
    """What is a parameter, and what the gradient is for, is found by calls as well; none of them is forgiven."""
    calls = []
    check(lambda: calls.append(1))
    for call in range(1, min(len(calls), 30) + 1):
        made = []

        def tick(call=call, made=made):
            made.append(1)
            if len(made) == call:
                msg = "1 s"
                raise TimeoutError(msg)

        with pytest.raises(GradientError, match="TimeoutError: 1 s"):
            check(tick)
        assert len(made) == call
