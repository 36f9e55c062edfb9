"""What a function keeps from call to call is named where its value depends on it, and put back to show that."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pytest

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import own_state

X = np.array([0.3, -1.2, 0.7])
RATE, MEAN = 1.0, np.zeros(3)


def value(x):
    return float(np.sum(np.sin(x)))


def decays(x):
    global RATE  # noqa: PLW0603  what is looked for
    RATE *= 0.99
    return RATE * value(x)


def runs_along(x):
    MEAN[:] = 0.9 * MEAN + 0.1 * x
    return float(np.sum((x - MEAN) ** 2))


def grows(x, history=[]):  # noqa: B006  what is looked for
    history.append(1)
    return value(x) * (1 + 1e-3 * len(history))


def of_keyword(x, *, cache={"n": 0}):  # noqa: B006
    cache["n"] += 1
    return value(x) * (1 + 1e-3 * cache["n"])


def of_attribute(x):
    of_attribute.calls = getattr(of_attribute, "calls", 0) + 1
    return value(x) * (1 + 1e-3 * of_attribute.calls)


def around():
    n = 0

    def f(x):
        nonlocal n
        n += 1
        return value(x) * (1 + 1e-3 * n)

    return f


class Counts:
    """Counts its calls in itself, in a slot, or for all of its class."""

    __slots__ = ("__dict__", "n", "where")
    calls = 0

    def __init__(self, where):
        self.where, self.n, self.m = where, 0, 0

    def __call__(self, x):
        if self.where == "class":
            Counts.calls += 1
        else:
            setattr(self, self.where, getattr(self, self.where) + 1)
        return value(x) * (1 + 1e-3 * (self.n + self.m + Counts.calls))

    def method(self, x):
        return self(x)


FUNCTIONS = {
    "RATE": decays,
    "MEAN": runs_along,
    "history": grows,
    "cache['n']": of_keyword,
    "of_attribute.calls": of_attribute,
    "n": around(),
    "self.m": Counts("m"),
    "self.n": Counts("n").method,
    "Counts.calls": partial(Counts("class")),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_call_changes_is_named(name):
    """By the name that it has in the code of the function."""
    report = check_gradients(FUNCTIONS[name], X, grad=np.cos)
    assert report.verdict is Verdict.BROKEN
    said = report.problems[0].sentence
    assert f"each call changes {name};" in said or f"kept in {name};" in said


def test_data_that_a_call_changes_are_named():
    """They are arguments, which are given at each call as the one before left them."""

    def f(w, A):
        A *= 1.01
        return float(np.sum((A @ w) ** 2))

    report = check_gradients(f, X, np.eye(3), grad=lambda w, A: 2 * A.T @ (A @ w))
    assert "each call changes A;" in report.problems[0].sentence


def kept(f):
    subject = Subject.of(Oracle({"x": X}, lambda p: f(p["x"]), None, reach=(f, X)), promote=False)
    return own_state.kept_in(subject, lambda: np.atleast_1d(subject.settled().base))


def logs(calls=[]):  # noqa: B006
    def f(x):
        calls.append(x)
        return value(x)

    return f


def draws():
    rng = iter(range(10**9))
    return lambda x: value(x) + 1e-3 * next(rng)


def clocked(calls=[]):  # noqa: B006
    def f(x):
        calls.append(x)
        return value(x) + 1e-3 * time.perf_counter()

    return f


@pytest.mark.parametrize("f", [logs(), draws(), clocked()], ids=["a log", "an iterator", "a clock beside a log"])
def test_what_the_value_does_not_depend_on_is_not_named(f):
    """A log is no cause, nor is what cannot be put back."""
    assert kept(f) == ""


def test_what_was_changed_is_put_back():
    """As far as the last call but one found it: that is how it is known to be the cause."""
    numbers = {"n": 0, "log": []}

    def f(x):
        numbers["n"] += 1
        numbers["log"].append(x)
        return value(x) + numbers["n"]

    assert kept(f) == "numbers['n'], numbers['log']"
    assert numbers["n"] == len(numbers["log"]) == 1


class Accumulates:
    """A layer whose gradients add up."""

    def __init__(self):
        self.W, self.dW = np.eye(3), np.zeros((3, 3))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.dW += self.x.T @ dy
        return dy @ self.W.T


class Updates(Accumulates):
    """A layer that learns on the way back, and keeps no gradient."""

    def __init__(self):
        self.W = np.eye(3)

    def backward(self, dy):
        dx = dy @ self.W.T
        self.W -= 0.1 * self.x.T @ dy
        return dx


@pytest.mark.parametrize(("layer", "name"), [(Accumulates(), "self.dW"), (Updates(), "self.W")], ids=["adds", "learns"])
def test_a_layer_is_told_where_its_gradients_add_up(layer, name):
    """Whether or not they started from zero, and so are weights that are updated."""
    report = check_gradients(layer, X[None])
    assert report.verdict is Verdict.BROKEN
    assert "each call adds the same again to it" in report.problems[0].sentence
    assert f"and changes {name}; start each call from zero" in report.problems[0].sentence


def test_a_right_gradient_whose_function_logs_is_right():
    """What is kept and not used again is nobody's fault."""
    calls = []

    def f(x):
        calls.append(x.copy())
        return value(x)

    assert check_gradients(f, X, grad=np.cos).verdict is Verdict.CORRECT
    assert len(calls) > 1
