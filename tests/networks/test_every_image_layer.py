"""What every layer for images promises, and every normalisation, of whatever kind."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    AveragePool1d,
    AveragePool2d,
    BatchNorm,
    Chain,
    Conv1d,
    Conv2d,
    ConvTranspose1d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAveragePool,
    GlobalMaxPool,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    MaxPool1d,
    MaxPool2d,
    Reshape,
    RMSNorm,
    Running,
    Tanh,
    Transpose,
    parameters,
    rebuild,
)

RNG = np.random.default_rng(3)


def drawn(*shape):
    return RNG.normal(size=shape)


def apart(*shape):
    """Draw numbers of which no two are near one another, so that no maximum is near a tie."""
    n = np.prod(shape)
    return (RNG.permutation(n) - n / 2).reshape(shape) / 5


SOUND, IMAGE = apart(2, 4, 6), apart(3, 2, 5, 4)
RUNNING = Running(drawn(2), RNG.uniform(0.5, 2, size=2))
CASES = {
    "conv 1d": (Conv1d(drawn(3, 4, 2), drawn(3)), SOUND),
    "conv 1d, every hyperparameter": (Conv1d(drawn(6, 2, 3), drawn(6), 2, 3, 2, 2), SOUND),
    "conv 2d": (Conv2d(drawn(3, 2, 3, 2), drawn(3)), IMAGE),
    "conv 2d, no bias": (Conv2d(drawn(1, 2, 2, 2)), IMAGE),
    "conv 2d, every hyperparameter": (Conv2d(drawn(4, 1, 3, 2), drawn(4), (2, 1), (1, 2), (1, 3), 2), IMAGE),
    "transposed 1d": (ConvTranspose1d(drawn(4, 2, 3), drawn(2)), SOUND),
    "transposed 1d, every hyperparameter": (ConvTranspose1d(drawn(4, 2, 3), drawn(4), 2, 1, 1, 2, 2), SOUND),
    "transposed 2d": (ConvTranspose2d(drawn(2, 3, 2, 2), drawn(3), 2), IMAGE),
    "transposed 2d, every hyperparameter": (
        ConvTranspose2d(drawn(2, 2, 3, 2), drawn(4), (2, 3), (1, 2), (1, 2), (2, 1), 2),
        IMAGE,
    ),
    "max pool 1d": (MaxPool1d(2), SOUND),
    "max pool 2d, overlapping": (MaxPool2d((3, 2), 1, (1, 0)), IMAGE),
    "average pool 1d": (AveragePool1d(3, 2, 1), SOUND),
    "average pool 2d": (AveragePool2d(2), IMAGE),
    "global max": (GlobalMaxPool(), IMAGE),
    "global average": (GlobalAveragePool(), IMAGE),
    "flatten": (Flatten(), IMAGE),
    "flatten from 2": (Flatten(2), IMAGE),
    "reshape": (Reshape((4, 10)), IMAGE),
    "transpose": (Transpose((0, 2, 3, 1)), IMAGE),
    "batch norm": (BatchNorm(drawn(2), drawn(2), None), IMAGE),
    "batch norm, not learned": (BatchNorm(None, None, None), IMAGE),
    "batch norm, in use": (BatchNorm(drawn(2), drawn(2), RUNNING), IMAGE),
    "layer norm": (LayerNorm(drawn(4), drawn(4)), IMAGE),
    "layer norm over three axes, no beta": (LayerNorm(drawn(2, 5, 4)), IMAGE),
    "rms norm": (RMSNorm(drawn(4)), IMAGE),
    "group norm": (GroupNorm(drawn(4), drawn(4), 2), SOUND),
    "group norm, not learned": (GroupNorm(None, None, 1), IMAGE),
    "instance norm": (InstanceNorm(drawn(2), drawn(2)), IMAGE),
    "dropout": (Dropout.random(IMAGE.shape, 0.4, RNG), IMAGE),
    "dropout, in use": (Dropout(0.4, None), IMAGE),
    "chain": (
        Chain(
            (
                Conv2d.random(2, 4, 3, RNG, padding=1, bias=False),  # BatchNorm takes any bias away
                BatchNorm.plain(4),
                Tanh(),
                AveragePool2d(2),
                ConvTranspose2d.random(4, 3, 2, RNG, stride=2),
                GroupNorm.plain(3, 1),
                Flatten(),
                LayerNorm.plain(48),
            )
        ),
        IMAGE,
    ),
}

every = pytest.mark.parametrize(("layer", "x"), CASES.values(), ids=CASES)


def in_dtype(layer, dtype):
    return rebuild(layer, {path: array.astype(dtype) for path, array in parameters(layer).items()})


def few(layer, n):
    """Return the layer for the first n examples."""
    return replace(layer, mask=layer.mask[:n]) if getattr(layer, "mask", None) is not None else layer


def cotangent(y, seed=1):
    return np.random.default_rng(seed).normal(size=y.shape).astype(y.dtype)


def flat(dx, grad):
    return {"x": dx, **parameters(grad)}


@dataclass(frozen=True)
class ForgottenPixelMean(InstanceNorm):
    """Wrong: the way back forgets that the mean of x moves as well."""

    def forward(self, x):
        y, right = super().forward(x)

        def backward(dy):
            dx, grad = right(dy)
            slope = self.gamma[:, np.newaxis, np.newaxis] / np.sqrt(x.var(axis=(2, 3), keepdims=True) + self.eps)
            return dx + (slope * dy).mean(axis=(2, 3), keepdims=True), grad

        return y, backward


@dataclass(frozen=True)
class KernelNotTurned(Conv2d):
    """Wrong: the way back to the image goes through the kernel upside down."""

    def forward(self, x):
        y, right = super().forward(x)
        _, upside_down = Conv2d(self.W[:, :, ::-1], self.b).forward(x)
        return y, lambda dy: (upside_down(dy)[0], right(dy)[1])


def test_a_wrong_derivative_is_seen(disagreements):
    """What all else is measured with sees a forgotten term, and a kernel that stands on its head."""
    instance, conv = CASES["instance norm"][0], CASES["conv 2d"][0]
    wrong = ForgottenPixelMean(instance.gamma, instance.beta), KernelNotTurned(conv.W, conv.b)
    for layer in wrong:
        assert disagreements(layer, IMAGE) == ["x"]
        report = check_gradients(layer, IMAGE)
        assert report.verdict is Verdict.WRONG
        assert {entry.tensor for entry in report.wrong} == {"x"}


@every
def test_every_gradient_is_the_slope(layer, x, disagreements):
    """What backward claims, of the input and of every parameter, is what differences measure."""
    assert disagreements(layer, x, rtol=1e-7) == []


@every
def test_the_checker_agrees(layer, x):
    """The verdict is that it is right, and nothing less."""
    report = check_gradients(layer, x)
    assert report.verdict is Verdict.CORRECT, str(report)


@every
def test_a_batch_of_one_is_a_batch(layer, x, disagreements):
    """One example is no special case."""
    assert disagreements(few(layer, 1), x[:1], rtol=1e-7) == []


@every
def test_the_gradient_is_a_layer_of_the_same_kind(layer, x):
    """Same kind, same paths, same shapes, same hyperparameters."""
    y, backward = layer.forward(x)
    dx, grad = backward(cotangent(y))
    assert type(grad) is type(layer)
    assert dx.shape == x.shape
    shapes = {path: array.shape for path, array in parameters(layer).items()}
    assert {path: array.shape for path, array in parameters(grad).items()} == shapes
    plain = {name: value for name, value in vars(layer).items() if isinstance(value, int | float | None)}
    assert plain.items() <= vars(grad).items()


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(layer, x, dtype):
    """Neither float32 nor float64 turns into the other, forward or backward."""
    y, backward = in_dtype(layer, dtype).forward(x.astype(dtype))
    arrays = {"y": y, **flat(*backward(cotangent(y)))}
    assert {path: array.dtype for path, array in arrays.items()} == dict.fromkeys(arrays, np.dtype(dtype))


@every
def test_nothing_is_changed(layer, x):
    """Arrays that cannot be written to will do; and the layer remembers nothing."""
    frozen = [x.copy(), *(a for a in vars(layer).values() if isinstance(a, np.ndarray)), *parameters(layer).values()]
    before = [array.tobytes() for array in frozen]
    for array in frozen:
        array.flags.writeable = False
    y, backward = layer.forward(frozen[0])
    dy = cotangent(y)
    dy.flags.writeable = False
    backward(dy)
    assert [array.tobytes() for array in frozen] == before


@every
def test_forward_and_backward_can_be_called_again(layer, x):
    """A second use gives the same, bit for bit, and does not disturb the first."""
    y, backward = layer.forward(x)
    dy = cotangent(y)
    first = flat(*backward(dy))
    again, backward_again = layer.forward(x)
    layer.forward(x + 1)[1](dy)  # a use with something else, in between
    assert np.array_equal(y, again)
    for other in (flat(*backward(dy)), flat(*backward_again(dy))):
        assert {path: array.tobytes() for path, array in other.items()} == {
            path: array.tobytes() for path, array in first.items()
        }


@every
def test_backward_is_linear(layer, x):
    """The way back of a sum is the sum of the ways back; of nothing, nothing."""
    y, backward = layer.forward(x)
    one, two = cotangent(y, seed=1), cotangent(y, seed=2)
    parts = flat(*backward(one)), flat(*backward(two))
    for path, array in flat(*backward(2 * one - two)).items():
        size = 1 + np.max(np.abs(array))
        np.testing.assert_allclose(array, 2 * parts[0][path] - parts[1][path], rtol=0, atol=1e-13 * size)
    assert not any(np.any(array) for array in flat(*backward(0 * one)).values())


@every
def test_an_empty_batch_passes_through(layer, x):
    """No examples, no outputs, and no pull on any parameter."""
    y, backward = few(layer, 0).forward(x[:0])
    dx, grad = backward(np.zeros_like(y))
    assert y.shape == (0, *layer.forward(x)[0].shape[1:])
    assert dx.shape == x[:0].shape
    assert not any(np.any(array) for array in parameters(grad).values())


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-30, 1e-6, 1e4, 1e30])
def test_large_and_tiny_inputs_do_no_harm(layer, x, dtype, size):
    """All stays finite, and nothing overflows on the way."""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        y, backward = in_dtype(layer, dtype).forward((size * x).astype(dtype))
        arrays = flat(*backward(np.ones_like(y)))
    assert np.all(np.isfinite(y))
    assert all(np.all(np.isfinite(array)) for array in arrays.values())


@every
def test_other_memory_gives_the_same(layer, x):
    """Of an input that lies the other way about in memory, or backwards, the same comes out."""
    y, backward = layer.forward(x)
    dy = cotangent(y)
    expected = {"y": y, **flat(*backward(dy))}
    for other, dother in ((np.asfortranarray(x), np.asfortranarray(dy)), (x[..., ::-1].copy()[..., ::-1], dy)):
        y, backward = layer.forward(other)
        for path, array in {"y": y, **flat(*backward(dother))}.items():
            np.testing.assert_allclose(array, expected[path], rtol=1e-12, atol=1e-12)
