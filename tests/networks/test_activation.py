"""The activations, at the points where one knows the answer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradcheck.networks import ELU, GELU, GELUTanh, Identity, LeakyReLU, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh

E = math.e
BY_HAND = {  # layer, x, y, dy/dx
    "identity": (Identity(), -3.0, -3.0, 1),
    "sigmoid at 0": (Sigmoid(), 0.0, 1 / 2, 1 / 4),
    "sigmoid at 1": (Sigmoid(), 1.0, E / (1 + E), E / (1 + E) ** 2),
    "sigmoid at -1": (Sigmoid(), -1.0, 1 / (1 + E), E / (1 + E) ** 2),
    "tanh at 0": (Tanh(), 0.0, 0, 1),
    "tanh at log 2": (Tanh(), math.log(2), 3 / 5, 16 / 25),
    "relu below": (ReLU(), -2.0, 0, 0),
    "relu at the kink": (ReLU(), 0.0, 0, 0),
    "relu above": (ReLU(), 2.0, 2, 1),
    "leaky relu below": (LeakyReLU(), -2.0, -0.02, 0.01),
    "leaky relu at the kink": (LeakyReLU(0.2), 0.0, 0, 0.2),
    "leaky relu above": (LeakyReLU(), 2.0, 2, 1),
    "elu below": (ELU(), -1.0, 1 / E - 1, 1 / E),
    "elu at the join": (ELU(3.0), 0.0, 0, 3),
    "elu above": (ELU(3.0), 2.0, 2, 1),
    "softplus at 0": (Softplus(), 0.0, math.log(2), 1 / 2),
    "softplus at log 3": (Softplus(), math.log(3), math.log(4), 3 / 4),
    "gelu at 0": (GELU(), 0.0, 0, 1 / 2),
    "gelu at 1": (GELU(), 1.0, 0.8413447460685429, 0.8413447460685429 + 0.24197072451914337),
    "gelu by tanh at 0": (GELUTanh(), 0.0, 0, 1 / 2),
    "gelu by tanh at 1": (GELUTanh(), 1.0, 0.8411919906082768, 1.0829640838457826),
    "silu at 0": (SiLU(), 0.0, 0, 1 / 2),
    "silu at 1": (SiLU(), 1.0, E / (1 + E), E / (1 + E) + E / (1 + E) ** 2),
}


@pytest.mark.parametrize(("layer", "x", "y", "slope"), BY_HAND.values(), ids=BY_HAND)
def test_by_hand(layer, x, y, slope):
    """Value and slope are what pencil and paper say; at a kink, the slope that is promised."""
    value, backward = layer.forward(np.array([[x]]))
    dx, _ = backward(np.array([[2.0]]))
    np.testing.assert_allclose([value[0, 0], dx[0, 0]], [y, 2 * slope], rtol=4e-16, atol=0)


def test_softmax_by_hand():
    """Odds of 1 to 3; and what raises one share lowers the other."""
    y, backward = Softmax().forward(np.log([[1.0, 3.0]]))
    dx, _ = backward(np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(y, [[1 / 4, 3 / 4]], rtol=4e-16)
    np.testing.assert_allclose(dx, [[3 / 16, -3 / 16]], rtol=4e-16)


@given(arrays.arrays(np.float64, (2, 3), elements=st.floats(-1e4, 1e4)), st.floats(-1e4, 1e4))
def test_softmax_is_a_distribution_whatever_is_added(x, shift):
    """The shares sum to one, and depend on the differences alone."""
    y, backward = Softmax().forward(x)
    dx, _ = backward(np.array([[1.0, -2.0, 3.0]] * 2))
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-15)
    np.testing.assert_allclose(dx.sum(axis=-1), 0, atol=1e-15)
    np.testing.assert_allclose(Softmax().forward(x + shift)[0], y, rtol=1e-10, atol=1e-15)


@given(arrays.arrays(np.float64, (2, 2, 3), elements=st.floats(-5, 5)))
def test_softmax_goes_over_the_last_axis(x):
    """However many axes come before it."""
    rows = [Softmax().forward(row)[0] for row in x]
    np.testing.assert_array_equal(Softmax().forward(x)[0], rows)


@pytest.mark.parametrize(
    ("layer", "x", "y"),
    [
        (Sigmoid(), -700.0, math.exp(-700)),
        (Softplus(), -700.0, math.exp(-700)),
        (ELU(), -1e-20, -1e-20),
        (GELU(), -20.0, -20 * math.erfc(20 / math.sqrt(2)) / 2),
        (SiLU(), -700.0, -700 * math.exp(-700)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_small_values_keep_their_digits(layer, x, y):
    """Nothing is lost to a 1 that is added and taken away again."""
    np.testing.assert_allclose(layer.forward(np.array([x]))[0], [y], rtol=1e-12, atol=0)


@given(st.floats(-8, 8))
def test_the_two_gelus_are_near_one_another(x):
    """The form with tanh is off by less than 0.0005, in value; by less than 0.001, in slope."""
    (exact, to), (near, fro) = (layer.forward(np.array([x])) for layer in (GELU(), GELUTanh()))
    assert abs(exact - near) < 5e-4
    assert abs(to(np.ones(1))[0] - fro(np.ones(1))[0]) < 1e-3


@pytest.mark.parametrize("layer", [GELU(), GELUTanh(), SiLU(), Softplus(), Sigmoid()], ids=repr)
def test_the_largest_numbers_of_all(layer):
    """Neither a square nor a cube overflows, at 1e38 in float32."""
    with np.errstate(over="raise", invalid="raise"):
        y, backward = layer.forward(np.array([-1e38, 1e38], dtype=np.float32))
        dx, _ = backward(np.ones(2, dtype=np.float32))
    bounded = isinstance(layer, Sigmoid)
    np.testing.assert_array_equal(y, np.array([0, 1 if bounded else 1e38], dtype=np.float32))
    np.testing.assert_array_equal(dx, [0, 0 if bounded else 1])


def test_gelu_is_smooth_enough_to_difference():
    """Third differences over a fine grid show rounding, and no join."""
    x = np.linspace(-4, 4, 800_001)  # steps of 1e-5, whose third power is 1e-15
    third = np.diff(GELU().forward(x)[0], n=3)
    assert np.max(np.abs(third)) < 1e-14
