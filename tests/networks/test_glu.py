"""Gated linear units: one half says something, the other how much of it is let through."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import ELU, FAULTS, GELU, GLU, Chain, Dense, Identity, Sigmoid, SiLU, SwiGLU, Tanh, parameters


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.kind in {GLU, SwiGLU}])
def test_a_wrong_gate_is_seen(name, rng):
    """By the checker, in the layer that it is planted in."""
    layer = Chain((Dense.random(3, 4, rng), GLU() if name.startswith("glu") else SwiGLU.random(4, 3, rng)))
    report = check_gradients(FAULTS[name].apply(layer), rng.normal(size=(2, 3)))
    assert report.verdict is Verdict.WRONG
    assert f"layers[1] ({FAULTS[name].kind.__name__}) taken alone is wrong" in str(report)


def test_by_hand():
    """3 is let through as far as σ(0) = 1/2; the gate hears 3 times the slope there, 1/4."""
    y, backward = GLU().forward(np.array([[3.0, 0.0]]))
    dx, grad = backward(np.array([[2.0]]))
    assert (y.item(), dx.tolist()) == (1.5, [[1.0, 1.5]])
    assert isinstance(grad, GLU)


@pytest.mark.parametrize("gate", [Sigmoid(), SiLU(), GELU(), Tanh(), ELU(), Identity()], ids=repr)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_every_gradient_is_the_slope(gate, axis, disagreements, rng):
    """With any gate, along any axis."""
    assert disagreements(GLU(gate, axis), rng.normal(size=(2, 4, 6))) == []


def test_a_gate_may_learn(disagreements, rng):
    """It is a layer like any other."""
    layer = GLU(Chain((Dense.random(2, 2, rng), Sigmoid())))
    assert disagreements(layer, rng.normal(size=(3, 4))) == []
    assert list(parameters(layer)) == ["gate.layers[0].W", "gate.layers[0].b"]


@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (2, 2, 3, 4)])
def test_swiglu_at_every_place(shape, disagreements, rng):
    """Of one row, of rows, of sequences of rows."""
    layer = SwiGLU(rng.normal(size=(4, 3)), rng.normal(size=(4, 3)), rng.normal(size=(3, 2)))
    assert disagreements(layer, rng.normal(size=shape)) == []


def test_swiglu_is_a_glu_between_two_matrices(rng):
    """With SiLU for the gate: the matrices side by side, what is said first."""
    layer, x = SwiGLU.random(4, 3, rng), rng.normal(size=(5, 4))
    wide = Dense(np.concatenate((layer.V, layer.W), axis=1), np.zeros(6))
    y, _ = Chain((wide, GLU(SiLU()), Dense(layer.W2, np.zeros(4)))).forward(x)
    np.testing.assert_allclose(layer.forward(x)[0], y, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_random_layer(dtype, rng):
    """Three matrices of the dtype asked for."""
    assert {path: (a.shape, a.dtype) for path, a in parameters(SwiGLU.random(4, 6, rng, dtype=dtype)).items()} == {
        "W": ((4, 6), np.dtype(dtype)),
        "V": ((4, 6), np.dtype(dtype)),
        "W2": ((6, 4), np.dtype(dtype)),
    }


@pytest.mark.parametrize(("shape", "axis"), [((2, 3), -1), ((3, 2), 0), ((2, 4), 2), ((), -1)])
def test_what_cannot_be_halved_is_refused(shape, axis):
    """The message says which half is which."""
    with pytest.raises(ValueError, match="an even number of entries along that axis"):
        GLU(axis=axis).forward(np.ones(shape))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"V": np.ones((4, 2))}, r"not \(4, 3\), \(4, 2\) and \(3, 4\)"),
        ({"W2": np.ones((4, 3))}, r"SwiGLU takes W \(I, H\), V \(I, H\) and W2 \(H, O\)"),
        ({"W": np.ones(4), "V": np.ones(4)}, r"not \(4,\)"),
        ({"W": np.ones((5, 3)), "V": np.ones((5, 3))}, r"takes x of shape \(..., 5\), not \(2, 4\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(change, message, rng):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        replace(SwiGLU.random(4, 3, rng), **change).forward(np.ones((2, 4)))
