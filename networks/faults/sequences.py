"""Embeddings and recurrent networks that are wrong on purpose: what the past does not hear of.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ..embedding import Embedding
from ..layer import Array, rebuild
from ..tied import summed
from ..unroll import LastStep, Recurrent, Unroll
from .planting import Met, fault

Back = tuple[Any, ...]


def _is_word(met: Met) -> Array:
    padding = -1 if met.layer.padding is None else met.layer.padding
    word: Array = (met.x != padding)[..., np.newaxis]
    return word


@fault(Embedding)
def embedding_overwritten(met: Met) -> Back:
    """Of a word that occurs several times only the last place counts, not the sum of all."""
    dW = np.zeros_like(met.grad.W)
    dW[met.x] = met.dy * _is_word(met)
    return None, rebuild(met.grad, {"W": dW})


@fault(Embedding)
def embedding_padding_trained(met: Met) -> Back:
    """The row of the padding gets a gradient as well, though it is never read."""
    dW = np.zeros_like(met.grad.W)
    np.add.at(dW, met.x, met.dy)
    return None, rebuild(met.grad, {"W": dW})


def _flipped(layer: Recurrent[Any], x: Array) -> Array:
    """Return (N, T, ...) as (T, N, ...), in the order in which the cell reads."""
    return x.swapaxes(0, 1)[:: -1 if layer.reverse else 1]


def _through_time(
    met: Met, *, carried: float = 1.0, said: float = 1.0, steps: slice = slice(None), order: Iterable[int] | None = None
) -> Back:
    """Backpropagate through time once more, with mistakes: what is carried, what is added, which steps count."""
    layer, cell = met.layer, met.layer.cell
    x, dy = _flipped(layer, met.x), _flipped(layer, met.dy)
    state, ways_back = cell.rest(len(met.x)), []
    for x_t in x:
        *state, way_back = cell.forward(x_t, *state)
        ways_back.append(way_back)
    dstate, dx, grads = tuple(map(np.zeros_like, state)), np.zeros_like(x), []
    for t in reversed(range(len(x))) if order is None else order:
        heard = dy[t] if t == len(x) - 1 else said * dy[t]
        dx[t], *before, grad = ways_back[t](dstate[0] + heard, *dstate[1:])
        dstate = tuple(carried * d for d in before)
        grads.append(grad)
    examples_first = dx[:: -1 if layer.reverse else 1].swapaxes(0, 1)
    return examples_first, replace(met.grad, cell=summed(cell, grads[steps]))


@fault(Recurrent)
def one_step_back(met: Met) -> Back:
    """The state's gradient is not passed on to the step before: every step is taken for the first."""
    return _through_time(met, carried=0.0)


@fault(Recurrent)
def last_step_alone(met: Met) -> Back:
    """The parameters get the gradient of the last step alone, not the sum over all steps."""
    return _through_time(met, steps=slice(1))


@fault(Recurrent)
def first_step_overwrites(met: Met) -> Back:
    """The gradient of the parameters is overwritten at every step: that of the first is left."""
    return _through_time(met, steps=slice(-1, None))


@fault(Recurrent)
def outputs_unheard(met: Met) -> Back:
    """The cotangents of the outputs before the last are not added to what comes from later steps."""
    return _through_time(met, said=0.0)


@fault(Recurrent)
def time_not_reversed(met: Met) -> Back:
    """The steps are gone through in the order of the forward pass, from the first to the last."""
    return _through_time(met, order=range(met.x.shape[1]))


@fault(Recurrent)
def steps_in_the_order_computed(met: Met) -> Back:
    """The input gradients are in the order in which they were computed, the last step first."""
    return met.dx[:, ::-1].copy(), met.grad


@fault(Unroll)
def initial_state_dropped(met: Met) -> Back:
    """The gradient of the initial state is not computed, it stays zero."""
    return met.dx, *(np.zeros_like(d) for d in met.gradients[1:]), met.grad


@fault(Unroll)
def raggedness_ignored(met: Met) -> Back:
    """Steps beyond the end of a sequence get a gradient as well: the mask is ignored on the way back."""
    *_, way_back = Unroll(met.layer.cell).forward(*met.inputs)
    *gradients, grad = way_back(*met.cotangents)
    return *gradients, replace(met.grad, cell=grad.cell)


@fault(Unroll)
def last_state_unheard(met: Met) -> Back:
    """The cotangent of the last state, beside that of the outputs, is dropped."""
    mask, T = met.keywords.get("mask"), len(met.inputs[0])
    zeros = (np.zeros_like(d) for d in (met.cotangents[1:] if T else ()))
    *_, way_back = Unroll(met.layer.cell).forward(*met.inputs, mask=mask)
    *gradients, grad = way_back(met.dy, *zeros)
    return *gradients, replace(met.grad, cell=grad.cell)


@fault(LastStep)
def last_step_spread(met: Met) -> Back:
    """The cotangent of the last step goes to every step."""
    return np.repeat(met.dy[:, np.newaxis], met.x.shape[1], axis=1), met.grad
