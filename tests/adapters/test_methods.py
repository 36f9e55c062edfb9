"""Gradients that are for none of the arguments are for what the object of the method holds."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))


class Linear:
    """A linear model with a mean square; the gradient of b times a factor."""

    def __init__(self, off=1.0):
        self.W, self.b, self.off = np.random.default_rng(1).normal(size=(3, 2)), np.zeros(2), off
        self.params = {"W": self.W, "b": self.b}

    def loss(self, x, t):
        return 0.5 * np.sum((x @ self.W + self.b - t) ** 2)

    def gradient(self, x, t):
        error = x @ self.W + self.b - t
        return {"W": x.T @ error, "b": self.off * error.sum(axis=0)}

    def listed(self, x, t):
        dW, db = self.gradient(x, t).values()
        return [dW, db]

    def loss_and_gradient(self, x, t):
        return self.loss(x, t), self.gradient(x, t)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        return dy @ self.W.T, self.x.T @ dy, self.off * dy.sum(axis=0)


CALLS = {
    "data": lambda m: ((m.loss, X, Y), {"grad": m.gradient}),
    "a list": lambda m: ((m.loss, X, Y), {"grad": m.listed}),
    "both at once": lambda m: ((m.loss_and_gradient, X, Y), {"value_and_grad": True}),
    "params too": lambda m: ((m.loss, m.params, X, Y), {"grad": m.gradient}),
    "params, and args=": lambda m: ((m.loss, m.params), {"grad": m.gradient, "args": (X, Y)}),
    "each parameter too": lambda m: ((m.loss, m.W, m.b, X, Y), {"grad": m.gradient}),
    "functions": lambda m: ((lambda x, t: 1 * m.loss(x, t), X, Y), {"grad": lambda x, t: dict(m.gradient(x, t))}),
    "a way back": lambda m: ((m.forward, X), {"vjp": m.backward}),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_wrong_gradient_of_what_an_object_holds_is_named_and_the_right_one_passes(call):
    """The object is afterwards as it was."""
    args, ways = call(Linear(1.01))
    assert {entry.tensor for entry in check_gradients(*args, **ways).wrong} == {"b"}
    model = Linear()
    held = (model.W, model.b, model.W.copy())
    args, ways = call(model)
    report = check_gradients(*args, **ways)
    assert report.verdict is Verdict.CORRECT
    assert {"W", "b"} <= {*report.tensors}
    assert model.W is held[0]
    assert model.b is held[1]
    assert np.array_equal(model.W, held[2])


def test_a_gradient_of_the_arguments_is_theirs():
    """Though the object holds arrays as well, and is called with one of them."""

    class Objective:
        def __init__(self, off=1.0):
            self.A, self.w, self.off = X, np.ones(3), off

        def value(self, w):
            return 0.5 * np.sum((self.A @ w) ** 2)

        def slope(self, w):
            return self.off * self.A.T @ (self.A @ w)

    for point in (lambda m: np.ones(3), lambda m: m.w):
        for off, verdict in ((1.01, Verdict.WRONG), (1.0, Verdict.CORRECT)):
            model = Objective(off)
            report = check_gradients(model.value, point(model), grad=model.slope)
            assert (report.verdict, [*report.tensors]) == (verdict, ["w"])


def test_a_method_may_take_no_arguments():
    """Where its object holds the data too; its parameters may be given."""

    class Fit(Linear):
        def loss(self):
            return super().loss(X, Y)

        def gradient(self):
            return super().gradient(X, Y)

    for args in (lambda m: (), lambda m: (m.W, m.b)):
        wrong, model = Fit(1.01), Fit()
        assert {e.tensor for e in check_gradients(wrong.loss, *args(wrong), grad=wrong.gradient).wrong} == {"b"}
        assert check_gradients(model.loss, *args(model), grad=model.gradient).verdict is Verdict.CORRECT
    with pytest.raises(
        InputError, match=r"Fit.loss was given no arguments; write check_gradients\(Fit.loss, x, grad=\.\.\.\)"
    ):
        check_gradients(Fit().loss, grad=lambda: 3.0)


def test_what_belongs_to_neither_is_refused_as_ever():
    """In the words of the arguments."""
    model = Linear()
    with pytest.raises(InputError, match="grad= returned a gradient for 'V', which is not an argument; there are x, t"):
        check_gradients(model.loss, X, Y, grad=lambda x, t: {"V": x.T @ t, "U": t})
    with pytest.raises(InputError, match=r"loss\(x, t\) cannot be called with 3 arguments"):
        check_gradients(model.loss, np.ones(3), X, Y, grad=model.gradient)


def test_asking_what_a_gradient_is_for_leaves_no_trace():
    """A gradient that is computed once, at the first point, is wrong at the given one."""

    class Once:
        def __init__(self):
            self.A, self.kept = X, None

        def value(self, w):
            return 0.5 * np.sum((self.A @ w) ** 2)

        def slope(self, w):
            if self.kept is None:
                self.kept = self.A.T @ (self.A @ w)
            return self.kept

    before = Once()
    report = check_gradients(before.value, np.ones(3), grad=before.slope)
    assert any("computed beforehand" in note for note in report.notes) or report.verdict is Verdict.WRONG
    assert before.kept is None
