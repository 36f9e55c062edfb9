"""What every layer promises that remembers, attends, or joins others: with one input or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    GELU,
    GLU,
    Attention,
    Bilinear,
    Chain,
    CrossAttention,
    DecoderBlock,
    Dense,
    GRUCell,
    Highway,
    LastStep,
    LSTMCell,
    MixtureOfExperts,
    MultiHeadAttention,
    Parallel,
    Pointwise,
    PositionalEncoding,
    PositionEmbedding,
    Recurrent,
    Repeat,
    Residual,
    RotaryEncoding,
    SelfAttention,
    Sigmoid,
    SiLU,
    SimpleCell,
    SwiGLU,
    Tanh,
    TiedAutoencoder,
    Unroll,
    constant,
    parameters,
    rebuild,
    within,
)

RNG = np.random.default_rng(5)
N, T, S, D, H = 3, 4, 5, 4, 2
CELLS = {"simple": SimpleCell.random(D, H, RNG), "gru": GRUCell.random(D, H, RNG), "lstm": LSTMCell.random(D, H, RNG)}
RAGGED = within([4, 1, 0], T)
PADDING = np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]], bool)  # the last may attend to nothing


@dataclass(frozen=True)
class Masked:
    """A layer with its mask, as a layer of floating inputs alone."""

    layer: Any
    mask: Any = constant()  # noqa: RUF009 (a field of the dataclass, not a default made once)

    def forward(self, *inputs):
        n = inputs[0].shape[1 if isinstance(self.layer, Unroll) else 0]
        mask = self.mask[:, :n] if isinstance(self.layer, Unroll) else self.mask[:n]
        *y, backward = self.layer.forward(*inputs, mask=mask)

        def masked_backward(*dy):
            *dx, grad = backward(*dy)
            return *dx, Masked(grad, self.mask)

        return *y, masked_backward


def noisy(layer):
    """No bias is zero: a bias that nobody reads would go unseen."""
    return rebuild(layer, {p: a + RNG.normal(size=a.shape) / 4 for p, a in parameters(layer).items()})


def draw(*shape):
    return RNG.normal(size=shape)


HEADS = noisy(MultiHeadAttention.random(D, 2, RNG))
DENSE = noisy(Dense.random(D, D, RNG))
PLACES = Pointwise(DENSE)
MATRIX, SEQUENCE, KEYS = draw(N, D), draw(N, T, D), draw(N, S, D)

CASES = {
    "dense, everywhere": (PLACES, SEQUENCE),
    "dense, on more axes": (PLACES, draw(N, 2, T, D)),
    "attention": (Attention(), SEQUENCE, KEYS, draw(N, S, 3)),
    "attention, causal": (Attention(causal=True), SEQUENCE, KEYS, draw(N, S, 3)),
    "attention, padded": (Masked(Attention(), PADDING[:, np.newaxis]), SEQUENCE, KEYS, KEYS + 1),
    "attention, on more axes": (Attention(), draw(N, 2, T, D), draw(N, 2, S, D), draw(N, 2, S, 3)),
    "heads": (HEADS, SEQUENCE, KEYS, draw(N, S, D)),
    "heads, padded": (Masked(HEADS, PADDING), SEQUENCE, KEYS, draw(N, S, D)),
    "self-attention": (SelfAttention(HEADS), SEQUENCE),
    "self-attention, causal": (SelfAttention.random(D, 2, RNG, causal=True), SEQUENCE),
    "cross-attention": (CrossAttention(HEADS), SEQUENCE, KEYS),
    "decoder": (noisy(DecoderBlock.random(D, 2, 3, RNG)), SEQUENCE, KEYS),
    "decoder, padded": (Masked(noisy(DecoderBlock.random(D, 2, 3, RNG)), PADDING), SEQUENCE, KEYS),
    "positional encoding": (PositionalEncoding(), SEQUENCE),
    "position embedding": (PositionEmbedding.random(T + 1, D, RNG), SEQUENCE),
    "rotary encoding": (RotaryEncoding(), SEQUENCE),
    "glu": (GLU(), SEQUENCE),
    "glu, of channels": (GLU(SiLU(), axis=1), SEQUENCE),
    "swiglu": (SwiGLU.random(D, 3, RNG), SEQUENCE),
    "swiglu of rows": (SwiGLU.random(D, 3, RNG), MATRIX),
    "residual": (Residual(Chain((DENSE, Tanh()))), MATRIX),
    "parallel": (Parallel((DENSE, Tanh(), noisy(Dense.random(D, 2, RNG)))), MATRIX),
    "parallel, summed": (Parallel((DENSE, Tanh()), "sum"), MATRIX),
    "parallel, along time": (Parallel((PLACES, Tanh()), axis=1), SEQUENCE),
    "highway": (noisy(Highway.random(D, Tanh(), RNG)), MATRIX),
    "mixture of experts": (
        MixtureOfExperts((DENSE, Tanh(), Chain((DENSE, Tanh()))), noisy(Dense.random(D, 3, RNG))),
        MATRIX,
    ),
    "repeat": (Repeat(Chain((DENSE, Tanh())), 3), MATRIX),
    "repeat, never": (Repeat(DENSE, 0), MATRIX),
    "tied autoencoder": (noisy(TiedAutoencoder.random(D, H, Sigmoid(), RNG)), MATRIX),
    "bilinear": (noisy(Bilinear.random(D, 3, 2, RNG)), MATRIX, draw(N, 3)),
    "bilinear without a bias": (Bilinear(draw(2, D, 3)), MATRIX, draw(N, 3)),
    "last step": (LastStep(), SEQUENCE),
    "stack": (
        Chain((PositionalEncoding(), Residual(SelfAttention(HEADS)), Residual(Chain((PLACES, GELU()))))),
        SEQUENCE,
    ),
}
for name, cell in CELLS.items():
    state = tuple(draw(N, H) for _ in cell.rest(N))
    CASES |= {
        f"{name} cell": (cell, MATRIX, *state),
        f"{name}, unrolled": (Unroll(cell), draw(T, N, D), *state),
        f"{name}, unrolled from rest": (Unroll(cell), draw(T, N, D)),
        f"{name}, ragged": (Masked(Unroll(cell), RAGGED), draw(T, N, D), *state),
        f"{name}, with holes": (Masked(Unroll(cell), RAGGED[::-1]), draw(T, N, D), *state),
        f"{name}, recurrent": (Recurrent(cell), SEQUENCE),
        f"{name}, both ways": (Parallel((Recurrent(cell), Recurrent(cell, reverse=True))), SEQUENCE),
    }

every = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def cotangents(ys, seed=1):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=y.shape).astype(y.dtype) for y in ys]


def everything(layer, inputs, seed=1):
    """All outputs and all gradients, by name."""
    *ys, backward = layer.forward(*inputs)
    *dxs, grad = backward(*cotangents(ys, seed))
    named = {f"y{i}": y for i, y in enumerate(ys)} | {f"x{i}": dx for i, dx in enumerate(dxs)}
    return named | parameters(grad)


def in_dtype(case, dtype):
    layer, *inputs = case
    layer = rebuild(layer, {p: a.astype(dtype) for p, a in parameters(layer).items()})
    return layer, [x.astype(dtype) for x in inputs]


def examples(layer, inputs, n):
    """Take the first n examples; where time is first, examples are second."""
    unrolled = isinstance(getattr(layer, "layer", layer), Unroll)
    return [x[:, :n] if unrolled and x.ndim == 3 else x[:n] for x in inputs]


@every
def test_every_gradient_is_the_slope(case):
    """Of every input and of every parameter, says the checker, entry by entry."""
    layer, *inputs = case
    report = check_gradients(layer, *inputs)
    fine = {Verdict.CORRECT, Verdict.UNTESTED}  # untested: what a mask hides, or what is never used
    assert {name: t.verdict for name, t in report.tensors.items() if t.verdict not in fine} == {}
    assert report.verdict in {Verdict.CORRECT, Verdict.UNTESTED}
    assert any(t.verdict is Verdict.CORRECT for t in report.tensors.values())


@every
def test_a_batch_of_one_is_a_batch(case):
    """One example alone says what it said among the others."""
    layer, *inputs = case
    whole = everything(layer, inputs)
    one = everything(layer, examples(layer, inputs, 1))
    for i in range(sum(name.startswith("y") for name in one)):
        cut = examples(layer, [whole[f"y{i}"]], 1)[0]
        np.testing.assert_allclose(one[f"y{i}"], cut, rtol=1e-12, atol=1e-14)


@every
def test_the_gradient_is_a_layer_of_the_same_kind(case):
    """Same kind, same paths, same shapes, and one gradient for each input."""
    layer, *inputs = case
    *ys, backward = layer.forward(*inputs)
    *dxs, grad = backward(*cotangents(ys))
    assert type(grad) is type(layer)
    assert [dx.shape for dx in dxs] == [x.shape for x in inputs]
    shapes = {path: array.shape for path, array in parameters(layer).items()}
    assert {path: array.shape for path, array in parameters(grad).items()} == shapes


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(case, dtype):
    """Neither float32 nor float64 turns into the other, forward or backward."""
    found = everything(*in_dtype(case, dtype))
    assert {name: array.dtype for name, array in found.items()} == dict.fromkeys(found, np.dtype(dtype))


@every
def test_nothing_is_changed_and_a_second_use_is_the_first(case):
    """Arrays that cannot be written to will do; and no use remembers another."""
    layer, *inputs = case
    arrays = [*inputs, *parameters(layer).values()]
    before = [a.tobytes() for a in arrays]
    for a in arrays:
        a.flags.writeable = False
    *ys, backward = layer.forward(*inputs)
    everything(layer, [x + 1 for x in inputs])  # in between, a use with something else
    *dxs, grad = backward(*cotangents(ys))
    first = {f"x{i}": dx for i, dx in enumerate(dxs)} | parameters(grad)
    again = everything(layer, inputs)
    assert {name: a.tobytes() for name, a in first.items()} == {name: again[name].tobytes() for name in first}
    assert [a.tobytes() for a in arrays] == before
    for a in arrays:
        a.flags.writeable = True


@every
def test_backward_is_linear(case):
    """The way back of a sum is the sum of the ways back; of nothing, nothing."""
    layer, *inputs = case
    *ys, backward = layer.forward(*inputs)
    one, two = cotangents(ys, seed=1), cotangents(ys, seed=2)

    def back(dys):
        *dxs, grad = backward(*dys)
        return [*dxs, *parameters(grad).values()]

    both = back([2 * a - b for a, b in zip(one, two, strict=True)])
    for whole, a, b in zip(both, back(one), back(two), strict=True):
        np.testing.assert_allclose(whole, 2 * a - b, rtol=0, atol=1e-12)
    assert not any(map(np.any, back([0 * a for a in one])))


@every
def test_an_empty_batch_passes_through(case):
    """No examples, no outputs, and no pull on any parameter."""
    layer, *inputs = case
    found = everything(layer, examples(layer, inputs, 0))
    assert all(array.size == 0 for name, array in found.items() if name[0] in "xy" and name[1:].isdigit())
    paths = parameters(layer)
    assert {path: found[path].shape for path in paths} == {path: array.shape for path, array in paths.items()}
    assert not any(np.any(found[path]) for path in paths)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-30, 1e3, 1e4])
def test_large_and_tiny_inputs_do_no_harm(case, dtype, size):
    """All stays finite, and nothing overflows."""
    layer, inputs = in_dtype(case, dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = everything(layer, [(size * np.sign(x)).astype(dtype) for x in inputs])
    assert all(np.all(np.isfinite(array)) for array in found.values())
