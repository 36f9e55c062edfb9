"""What every layer promises, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gradcheck.networks import (
    ELU,
    GELU,
    L1,
    BinaryCrossEntropy,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    GELUTanh,
    Huber,
    Identity,
    LeakyReLU,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    parameters,
    rebuild,
)

RNG = np.random.default_rng(3)
X = RNG.choice([-1, 1], size=(4, 3)) * RNG.uniform(0.1, 2, size=(4, 3))  # away from the kinks
LABELS = np.array([2, 0, 1, 1])
TARGET = X + RNG.choice([-1, 1], size=(4, 3)) * RNG.uniform(0.1, 2, size=(4, 3))
SOFT = RNG.dirichlet(np.ones(3), size=4)
SMALL = Chain((Dense.random(3, 5, RNG), Tanh(), Dense.random(5, 3, RNG)))

LAYERS = {
    "identity": Identity(),
    "sigmoid": Sigmoid(),
    "tanh": Tanh(),
    "relu": ReLU(),
    "leaky relu": LeakyReLU(),
    "leaky relu, steeper": LeakyReLU(slope=0.3),
    "elu": ELU(),
    "elu, alpha 2": ELU(alpha=2.0),
    "softplus": Softplus(),
    "gelu": GELU(),
    "gelu by tanh": GELUTanh(),
    "silu": SiLU(),
    "softmax": Softmax(),
    "dense": Dense(W=RNG.normal(size=(3, 5)), b=RNG.normal(size=5)),
    "empty chain": Chain(()),
    "chain": SMALL,
    "chain of chains": Chain((SMALL, Softplus(), Chain((Dense.random(3, 2, RNG),)))),
    "mean squared error": MeanSquaredError(TARGET),
    "l1": L1(TARGET),
    "huber": Huber(TARGET, delta=0.7),
    "cross-entropy": CrossEntropy(LABELS),
    "cross-entropy, one-hot": CrossEntropy(np.eye(3)[LABELS]),
    "cross-entropy, soft": CrossEntropy(SOFT),
    "binary cross-entropy": BinaryCrossEntropy(SOFT),
    "cost": Cost(SMALL, CrossEntropy(LABELS)),
    "cost with decay": Cost(SMALL, CrossEntropy(LABELS), decay=0.3),
}
SCALARS = [name for name, layer in LAYERS.items() if np.ndim(layer.forward(X)[0]) == 0]

every = pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)


def in_dtype(layer, dtype):
    return rebuild(layer, {p: a.astype(dtype) for p, a in parameters(layer).items()})


def cotangent(y, seed=1):
    return np.random.default_rng(seed).normal(size=np.shape(y)).astype(y.dtype)


def flat(dx, grad):
    return {"x": dx, **parameters(grad)}


@dataclass(frozen=True)
class HalfForgottenTanh:
    """Wrong: y = tanh x, but dy/dx = 1 - y."""

    def forward(self, x):
        y = np.tanh(x)
        return y, lambda dy: (dy * (1 - y), self)


@dataclass(frozen=True)
class SlightlyWrongDense(Dense):
    """Wrong in one weight alone, by a millionth."""

    def forward(self, x):
        y, right = super().forward(x)

        def backward(dy):
            dx, grad = right(dy)
            W = grad.W.copy()
            W[0, 0] *= 1 + 1e-6
            return dx, replace(grad, W=W)

        return y, backward


def test_a_wrong_derivative_is_seen(disagreements):
    """What all else is measured with sees a wrong activation, and one weight off by 1e-6."""
    assert disagreements(HalfForgottenTanh(), X) == ["x"]
    dense = LAYERS["dense"]
    assert disagreements(SlightlyWrongDense(dense.W, dense.b), X) == ["W"]
    assert disagreements(Chain((SMALL, HalfForgottenTanh())), X)[:2] == [
        "x",
        "layers[0].layers[0].W",
    ]


@every
def test_every_gradient_is_the_slope(layer, disagreements):
    """What backward claims, of the input and of every parameter, is what differences measure."""
    assert disagreements(layer, X) == []


@every
def test_a_batch_of_one_is_a_batch(layer, disagreements):
    """One example is no special case."""

    def first(part):
        if hasattr(part, "loss"):
            return replace(part, loss=first(part.loss))
        truth = {name: part for name, part in vars(part).items() if name in {"target", "labels"}}
        return replace(part, **{name: array[:1] for name, array in truth.items()})

    assert disagreements(first(layer), X[:1]) == []


@every
def test_the_gradient_is_a_layer_of_the_same_kind(layer):
    """Same kind, same paths, same shapes."""
    y, backward = layer.forward(X)
    dx, grad = backward(cotangent(y))
    assert type(grad) is type(layer)
    assert dx.shape == X.shape
    shapes = {path: array.shape for path, array in parameters(layer).items()}
    assert {path: array.shape for path, array in parameters(grad).items()} == shapes
    if not shapes and not isinstance(layer, Chain):
        assert grad is layer


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(layer, dtype):
    """Neither float32 nor float64 turns into the other, forward or backward."""
    y, backward = in_dtype(layer, dtype).forward(X.astype(dtype))
    arrays = flat(*backward(cotangent(y)))
    assert {"y": y.dtype} | {path: array.dtype for path, array in arrays.items()} == dict.fromkeys(
        ["y", *arrays], np.dtype(dtype)
    )


@every
def test_nothing_is_changed(layer):
    """Arrays that cannot be written to will do; and the layer remembers nothing."""
    constants = [a for a in vars(getattr(layer, "loss", layer)).values() if isinstance(a, np.ndarray)]
    x = X.copy()
    for array in [x, *parameters(layer).values(), *constants]:
        array.flags.writeable = False
    before = {path: array.tobytes() for path, array in parameters(layer).items()}
    y, backward = layer.forward(x)
    dy = cotangent(y)
    if isinstance(dy, np.ndarray):
        dy.flags.writeable = False
    backward(dy)
    assert {path: array.tobytes() for path, array in parameters(layer).items()} == before
    assert x.tobytes() == X.tobytes()


@every
def test_forward_and_backward_can_be_called_again(layer):
    """A second use gives the same, bit for bit, and does not disturb the first."""
    y, backward = layer.forward(X)
    dy = cotangent(y)
    first = flat(*backward(dy))
    again, backward_again = layer.forward(X)
    layer.forward(X + 1)[1](dy)  # a use with something else, in between
    assert np.array_equal(y, again)
    for other in (flat(*backward(dy)), flat(*backward_again(dy))):
        assert {path: array.tobytes() for path, array in other.items()} == {
            path: array.tobytes() for path, array in first.items()
        }


@every
def test_backward_is_linear(layer):
    """The way back of a sum is the sum of the ways back; of nothing, nothing."""
    y, backward = layer.forward(X)
    one, two = cotangent(y, seed=1), cotangent(y, seed=2)
    parts = flat(*backward(one)), flat(*backward(two))
    for path, array in flat(*backward(2 * one - two)).items():
        np.testing.assert_allclose(array, 2 * parts[0][path] - parts[1][path], rtol=0, atol=1e-13)
    assert not any(np.any(array) for array in flat(*backward(0 * one)).values())


@pytest.mark.parametrize("name", SCALARS)
def test_the_way_back_from_a_cost_begins_with_one(name):
    """Without an argument it is the gradient of the cost itself."""
    _, backward = LAYERS[name].forward(X)
    implied, said = flat(*backward()), flat(*backward(1.0))
    assert all(np.array_equal(implied[path], said[path]) for path in said)


@pytest.mark.parametrize("name", sorted(set(LAYERS) - set(SCALARS)))
def test_an_empty_batch_passes_through(name):
    """No examples, no outputs, and no pull on any parameter."""
    y, backward = LAYERS[name].forward(X[:0])
    dx, grad = backward(np.zeros_like(y))
    assert (y.shape[0], dx.shape) == (0, (0, 3))
    assert not any(np.any(array) for array in parameters(grad).values())


@pytest.mark.parametrize("name", SCALARS)
def test_an_empty_batch_has_no_cost(name):
    """The mean over nothing is refused, not returned as nan."""
    with pytest.raises(ValueError, match="empty, and has no mean"):
        LAYERS[name].forward(X[:0])


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e3, 1e4])
def test_large_inputs_do_no_harm(layer, dtype, size):
    """At a thousand and ten thousand, of either sign, all stays finite, and nothing overflows."""
    x = (size * np.sign(X)).astype(dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y, backward = in_dtype(layer, dtype).forward(x)
        arrays = flat(*backward(np.ones_like(y)))
    assert np.all(np.isfinite(y))
    assert all(np.all(np.isfinite(array)) for array in arrays.values())
