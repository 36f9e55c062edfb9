"""Whoever tells a listener the steps of a function has the wrong one named: here an Oracle that tells its own."""

from __future__ import annotations

import numpy as np

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.run_step import RunStep

X, C = np.random.default_rng(0).normal(size=(2, 5))


def value(x):
    return float(np.sum(np.sin(C * x)))


def told(x, listener):
    """Return the value, and tell a listener of the product, the sine and the sum."""
    calls, number_first = listener.here("nowhere")
    assert not number_first
    ax, c = listener.kept(x), listener.kept(C)
    z = C * x
    product = listener.seen(RunStep("multiply", (c, ax), (0, 1), lambda a: a[0] * a[1], calls, by_entry=True), z)
    y = np.sin(z)
    sine = listener.seen(RunStep("sin", (product,), (0,), lambda a: np.sin(a[0]), calls, by_entry=True), y)
    total = np.sum(y)
    listener.seen(RunStep("sum", (sine,), (0,), lambda a: np.sum(a[0]), calls), total)
    return total


def test_the_step_is_named():
    """The derivative of the sine is left out of a claim; the right claim passes."""
    wrong = check_gradients(Oracle(point=X, value=value, gradient=lambda _: C, steps=told))
    assert wrong.verdict is Verdict.WRONG
    assert "the derivative of sine is missing" in wrong.diagnosis[0]
    right = Oracle(point=X, value=value, gradient=lambda x: C * np.cos(C * x), steps=told)
    assert check_gradients(right).verdict is Verdict.CORRECT


def test_steps_that_do_not_make_the_value_say_nothing():
    """A record is worth what it reproduces."""

    def otherwise(x, listener):
        return told(2 * x, listener)

    report = check_gradients(Oracle(point=X, value=value, gradient=lambda _: C, steps=otherwise))
    assert "cause not recognised" in report.diagnosis[0]
