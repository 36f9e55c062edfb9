"""Two inputs that meet."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Bilinear


class Exchanged(Bilinear):
    """Wrong: the weights are pulled by the inputs the other way round."""

    def forward(self, x1, x2):
        y, right = super().forward(x1, x2)

        def backward(dy):
            dx1, dx2, grad = right(dy)
            return dx1, dx2, Bilinear(grad.W.swapaxes(1, 2), grad.b)

        return y, backward


def test_a_wrong_way_back_is_seen(rng):
    """In the weights alone."""
    report = check_gradients(Exchanged.random(3, 3, 2, rng), *rng.normal(size=(2, 4, 3)))
    assert {e.tensor for e in report.wrong} == {"W"}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (1, 2, 3, 4), (4, 3, 2, 1)], ids=str)
def test_every_gradient_is_the_slope(shape, bias, rng):
    """Of both inputs, of the weights, and of the bias where there is one."""
    n, n_1, n_2, n_out = shape
    layer = Bilinear(rng.normal(size=(n_out, n_1, n_2)), rng.normal(size=n_out) if bias else None)
    report = check_gradients(layer, rng.normal(size=(n, n_1)), rng.normal(size=(n, n_2)))
    assert report.verdict is Verdict.CORRECT
    assert set(report.tensors) == {"x1", "x2", "W"} | ({"b"} if bias else set())


def test_by_hand():
    """Y = 2 · 3 · 5 + 7."""
    layer = Bilinear(np.array([[[3.0]]]), np.array([7.0]))
    y, backward = layer.forward(np.array([[2.0]]), np.array([[5.0]]))
    dx1, dx2, grad = backward(np.array([[10.0]]))
    found = [a.item() for a in (y, dx1, dx2, grad.W, grad.b)]
    assert found == [37, 3 * 5 * 10, 2 * 3 * 10, 2 * 5 * 10, 10]


def test_an_identity_is_the_scalar_product(rng):
    """With W[0] = I the one output is x1 · x2."""
    x1, x2 = rng.normal(size=(2, 5, 3))
    y, _ = Bilinear(np.eye(3)[np.newaxis]).forward(x1, x2)
    np.testing.assert_allclose(y[:, 0], [a @ b for a, b in zip(x1, x2, strict=True)])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_layer(dtype, rng):
    """Of inputs of variance 1 it makes outputs of variance 1."""
    layer = Bilinear.random(20, 30, 50, rng, dtype=dtype)
    assert (layer.W.shape, layer.W.dtype, layer.b.dtype) == ((50, 20, 30), dtype, dtype)
    assert not np.any(layer.b)
    y, _ = layer.forward(rng.normal(size=(1000, 20)), rng.normal(size=(1000, 30)))
    assert y.var() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    ("x1", "x2", "message"),
    [
        ((2, 4), (2, 4), r"takes x1 of shape \(N, 3\) and x2 of shape \(N, 4\), not \(2, 4\) and \(2, 4\)"),
        ((2, 3), (1, 4), r"not \(2, 3\) and \(1, 4\): one row for each example"),
        ((3,), (4,), r"not \(3,\) and \(4,\)"),
    ],
    ids=str,
)
def test_inputs_that_do_not_fit_are_refused(x1, x2, message):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        Bilinear(np.ones((2, 3, 4))).forward(np.ones(x1), np.ones(x2))


@pytest.mark.parametrize(("W", "b"), [((3, 4), (3,)), ((2, 3, 4), (3,)), ((2, 3, 4), (2, 1))], ids=str)
def test_parameters_that_do_not_fit_are_refused(W, b):
    """One matrix and one bias for each output."""
    with pytest.raises(ValueError, match=r"takes W of shape \(O, I1, I2\) and b of shape \(O,\) or None"):
        Bilinear(np.ones(W), np.ones(b)).forward(np.ones((2, 3)), np.ones((2, 4)))
