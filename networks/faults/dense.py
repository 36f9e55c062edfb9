"""Mistakes in dense layers, in chains of layers, and in the weight decay."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..combine import Chain, Cost
from ..dense import Dense
from ..layer import Array, parameters, rebuild
from .planting import Met, fault

Back = tuple[Any, Any]


def _with_weights(met: Met, W: Array) -> Back:
    return met.dx, rebuild(met.grad, {"W": W})


def _with_biases(met: Met, b: Array) -> Back:
    return met.dx, rebuild(met.grad, {"b": b})


def _changed(array: Array, index: Any, value: Any) -> Array:  # noqa: ANN401 (whatever an array takes)
    copy = array.copy()
    copy[index] = value
    return copy


@fault(Dense)
def forgotten_mean(met: Met) -> Back:
    """The bias gradient forgot to average over the N examples: it is N times too large.

    The losses hand down gradients that are already divided by N; this layer undoes it for its
    biases alone. Training goes on all the same, with biases that move N times too fast, and a
    mini-batch of one example hides the mistake altogether.
    """
    return _with_biases(met, len(met.x) * met.grad.b)


@fault(Dense)
def doubled_mean(met: Met) -> Back:
    """The weight gradient is averaged over the N examples once more: it is N times too small."""
    return _with_weights(met, met.grad.W / len(met.x))


@fault(Dense)
def wrong_sign(met: Met) -> Back:
    """The weight gradient has the wrong sign, so that training raises the cost."""
    return _with_weights(met, -met.grad.W)


@fault(Dense)
def bias_twice(met: Met) -> Back:
    """The bias gradient is counted twice."""
    return _with_biases(met, 2 * met.grad.b)


@fault(Dense)
def untransposed(met: Met) -> Back:
    """The weights are reshaped on the way back, where their transpose is meant."""
    return met.dy @ met.layer.W.reshape(met.layer.W.shape[::-1]), met.grad


@fault(Dense)
def transposed_gradient(met: Met) -> Back:
    """The weight gradient is laid out as its transpose."""
    return _with_weights(met, met.grad.W.T.reshape(met.grad.W.shape))


@fault(Dense)
def last_example_of_weights(met: Met) -> Back:
    """The weight gradient is that of the last example alone, not the sum over the batch."""
    return _with_weights(met, np.outer(met.x[-1], met.dy[-1]))


@fault(Dense)
def last_example_of_biases(met: Met) -> Back:
    """The bias gradient is that of the last example alone, not the sum over the batch."""
    return _with_biases(met, met.dy[-1])


@fault(Dense)
def last_example_of_inputs(met: Met) -> Back:
    """The input gradient is computed for the last example alone, zero for the others."""
    return _changed(met.dx, slice(-1), 0), met.grad


@fault(Dense)
def skipped_example(met: Met) -> Back:
    """The first example of the batch is skipped in the weight gradient."""
    return _with_weights(met, met.x[1:].T @ met.dy[1:])


@fault(Dense)
def product_of_sums(met: Met) -> Back:
    """Inputs and cotangents are summed over the batch separately, before they are multiplied."""
    return _with_weights(met, np.outer(met.x.mean(axis=0), met.dy.sum(axis=0)))


_kept: dict[int, tuple[Any, Any]] = {}


@fault(Dense)
def stale_gradient(met: Met) -> Back:
    """The weight gradient is that of the first call, kept and returned again at every later one."""
    _, kept = _kept.setdefault(id(type(met.layer)), (type(met.layer), met.grad.W))
    return _with_weights(met, kept)


@fault(Dense)
def zeroed_bias(met: Met) -> Back:
    """The bias gradient is not computed, it stays zero."""
    return _with_biases(met, 0 * met.grad.b)


@fault(Dense)
def one_entry(met: Met) -> Back:
    """A single entry of the weight gradient is wrong."""
    return _with_weights(met, _changed(met.grad.W, (1, 2), met.grad.W[1, 2] + 0.1))


@fault(Dense)
def one_row(met: Met) -> Back:
    """One row of the weight gradient is not computed, it stays zero."""
    return _with_weights(met, _changed(met.grad.W, 1, 0))


@fault(Dense)
def one_column(met: Met) -> Back:
    """One column of the weight gradient has the wrong sign."""
    return _with_weights(met, _changed(met.grad.W, (slice(None), 1), -met.grad.W[:, 1]))


@fault(Dense)
def one_block(met: Met) -> Back:
    """A block of the weight gradient is overwritten by something else."""
    return _with_weights(met, _changed(met.grad.W, (slice(1, 3), slice(0, 2)), [[0.1, 0.2], [0.3, -0.1]]))


@fault(Dense)
def columns_shifted(met: Met) -> Back:
    """The columns of the weight gradient are shifted by one."""
    return _with_weights(met, np.roll(met.grad.W, 1, axis=1))


@fault(Dense)
def rows_shifted(met: Met) -> Back:
    """The rows of the weight gradient are shifted by one."""
    return _with_weights(met, np.roll(met.grad.W, -1, axis=0))


@fault(Dense)
def flipped_bias(met: Met) -> Back:
    """The entries of the bias gradient are in the opposite order."""
    return _with_biases(met, met.grad.b[::-1].copy())


@fault(Dense)
def float32_in_the_middle(met: Met) -> Back:
    """The weight gradient is rounded to single precision on the way."""
    product = met.x.T.astype(np.float32) @ met.dy.astype(np.float32)
    return _with_weights(met, product.astype(met.grad.W.dtype))


@fault(Dense)
def halved_input(met: Met) -> Back:
    """The input gradient is half of what it should be."""
    return met.dx / 2, met.grad


@fault(Dense)
def clipped_weights(met: Met) -> Back:
    """The weight gradient is clipped, as training may do but a gradient may not."""
    bound = float(np.median(np.abs(met.grad.W)))
    return _with_weights(met, np.clip(met.grad.W, -bound, bound))


@fault(Dense)
def averaged_input(met: Met) -> Back:
    """The input gradient is averaged over the batch, and each example is given the same."""
    return np.broadcast_to(met.dx.mean(axis=0), met.dx.shape).copy(), met.grad


@fault(Cost)
def forgotten_decay(met: Met) -> Back:
    """The weight decay is in the cost but not in its gradient."""
    return met.dx, _decayed(met, -1)


@fault(Cost)
def doubled_decay(met: Met) -> Back:
    """The weight decay is twice in the gradient."""
    return met.dx, _decayed(met, 1)


def _decayed(met: Met, times: float) -> Any:  # noqa: ANN401 (a gradient of the same kind)
    rate = times * float(met.dy) * met.layer.decay
    old, new = parameters(met.layer), parameters(met.grad)
    return rebuild(met.grad, {p: new[p] + rate * W for p, W in old.items() if W.ndim > 1})


@fault(Chain)
def doubled_chain(met: Met) -> Back:
    """The gradient that a chain passes on to its input is counted twice."""
    return 2 * met.dx, met.grad


@fault(Chain)
def bypassed_chain(met: Met) -> Back:
    """A chain of layers passes its cotangent on to its input, past its layers."""
    return np.resize(met.dy, met.dx.shape), met.grad
