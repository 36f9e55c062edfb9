"""What a way forward returns beside its output is what its way back takes, and no output."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.with_cache import without_cache

RNG = np.random.default_rng(0)
X, W, B = RNG.normal(size=(5, 3)), RNG.normal(size=(3, 2)), np.zeros(2)


def affine(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dout, cache, off=1.0):
    x, w = cache
    return dout @ w.T, x.T @ dout, off * dout.sum(axis=0)


def named(cache, dout, off=1.0):
    return dict(zip(("dx", "dw", "db"), affine_backward(dout, cache, off), strict=True))


@pytest.mark.parametrize("back", [affine_backward, named])
def test_a_wrong_gradient_of_a_function_with_a_cache_is_named_and_the_right_one_passes(back):
    """The cache stands last or first; the names of the arguments stay."""
    report = check_gradients(affine, X, W, B, vjp=functools.partial(back, off=1.01))
    assert {entry.tensor for entry in report.wrong} == {"b"}
    report = check_gradients(affine, X, W, B, vjp=back)
    assert report.verdict is Verdict.CORRECT
    assert ({*report.tensors}, report.name) == ({"x", "w", "b"}, "affine")


def test_each_of_several_outputs_has_a_cotangent():
    """As a step of a recurrence returns two states."""

    def step(h, c):
        return np.tanh(h) * c, h + c, (h, c)

    def back(dh, dc, cache, off=1.0):
        h, c = cache
        return dh * c * (1 - np.tanh(h) ** 2) + dc, off * dh * np.tanh(h) + dc

    assert check_gradients(step, B + 0.5, B + 1.5, vjp=back).verdict is Verdict.CORRECT
    wrong = check_gradients(step, B + 0.5, B + 1.5, vjp=lambda dh, dc, cache: back(dh, dc, cache, 1.01))
    assert {entry.tensor for entry in wrong.wrong} == {"c"}


def test_a_layer_may_hand_its_cache_over():
    """Its parameters are found as those of any layer."""

    class Layer:
        def __init__(self, off=1.0):
            self.W, self.off = W.copy(), off

        def forward(self, x):
            return np.tanh(x @ self.W), (x,)

        def backward(self, dout, cache):
            (x,) = cache
            dz = dout * (1 - np.tanh(x @ self.W) ** 2)
            return dz @ self.W.T, self.off * x.T @ dz

    assert {entry.tensor for entry in check_gradients(Layer(1.01), X).wrong} == {"W"}
    report = check_gradients(Layer(), X)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"x", "W"}


def test_a_function_that_returns_no_cache_is_refused():
    """With what its way back takes."""

    def forward(x):
        return 2 * x

    def backward(dout, cache):
        return dout * cache

    with pytest.raises(
        InputError, match=r"takes dout, cache, and .*forward returned a ndarray; let it return \(y, cache"
    ):
        check_gradients(forward, X, vjp=backward)


def test_what_takes_no_cache_is_left_alone():
    """By its name: a pullback takes the arguments, of which one may be called so."""
    assert without_cache(affine, lambda x, w, b, v: (v, v, v)) is None
    assert without_cache(lambda cache: cache, lambda cache, v: v) is None
    assert without_cache(affine, lambda dout: dout) is None
    assert without_cache(affine, None) is None
