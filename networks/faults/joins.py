"""Joins that are wrong on purpose: branches, gates and repeated uses that do not count.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..activation import Softmax, sigmoid
from ..autoencoder import TiedAutoencoder
from ..bilinear import Bilinear
from ..join import Highway, MixtureOfExperts, Parallel, Residual
from ..layer import parameters, rebuild
from ..pointwise import Pointwise
from ..tied import Repeat, summed
from .planting import Met, fault

Back = tuple[Any, ...]


def _nothing(layer: Any) -> Any:  # noqa: ANN401 (a layer of any kind)
    """Return a gradient of zeros."""
    return rebuild(layer, {path: np.zeros_like(p) for path, p in parameters(layer).items()})


@fault(Residual)
def skip_path_forgotten(met: Met) -> Back:
    """The path around the layer is forgotten: only the gradient through the layer counts."""
    return met.dx - met.dy, met.grad


@fault(Residual)
def residual_twice(met: Met) -> Back:
    """The cotangent is added twice, once by the layer and once by the path around it."""
    return met.dx + met.dy, met.grad


@fault(Residual)
def residual_layer_unheard(met: Met) -> Back:
    """Only the path around the layer counts, the gradient through the layer does not reach the input."""
    return met.dy, met.grad


@fault(Parallel)
def first_branch_alone(met: Met) -> Back:
    """The input gets the gradient of the first branch alone, where the sum over all branches is meant."""
    if met.dx is None:
        return None, met.grad
    first = met.layer.layers[0]
    y, way_back = first.forward(met.x)
    part = met.dy if met.layer.how == "sum" else np.split(met.dy, [y.shape[met.layer.axis]], met.layer.axis)[0]
    return way_back(part)[0], met.grad


@fault(Parallel)
def branches_exchanged(met: Met) -> Back:
    """The branches are given each other's part of the cotangent."""
    dy = np.roll(met.dy, 1, axis=met.layer.axis)
    *_, way_back = Parallel(met.layer.layers, met.layer.how, met.layer.axis).forward(met.x)
    dx, grad = way_back(dy)
    return dx, replace(met.grad, layers=grad.layers)


@fault(Highway)
def highway_gate_unheard(met: Met) -> Back:
    """The derivative of the gate of a highway is missing: it is taken for a constant."""
    _, back_layer = met.layer.layer.forward(met.x)
    t = sigmoid(met.layer.gate.forward(met.x)[0])
    return met.dy * (1 - t) + back_layer(met.dy * t)[0], replace(met.grad, gate=_nothing(met.layer.gate))


@fault(Highway)
def highway_gate_as_layer(met: Met) -> Back:
    """The gradient of the gate is made with h alone, where h - x is meant: the carried part is forgotten."""
    h, _ = met.layer.layer.forward(met.x)
    a, back_gate = met.layer.gate.forward(met.x)
    t = sigmoid(a)
    extra, _ = back_gate(met.dy * met.x * t * (1 - t))
    _, gate = back_gate(met.dy * h * t * (1 - t))
    return met.dx + extra, replace(met.grad, gate=gate)


@fault(MixtureOfExperts)
def mixture_gate_unheard(met: Met) -> Back:
    """The gate of a mixture gets no gradient: the shares of its experts are taken for constants."""
    p, _ = Softmax().forward(met.layer.gate.forward(met.x)[0])
    ways_back = (expert.forward(met.x)[1] for expert in met.layer.experts)
    dx = sum(way_back(p[..., k, np.newaxis] * met.dy)[0] for k, way_back in enumerate(ways_back))
    return dx, replace(met.grad, gate=_nothing(met.layer.gate))


@fault(MixtureOfExperts)
def experts_unweighted(met: Met) -> Back:
    """Every expert gets the whole cotangent, not its share of it."""
    ways_back = (expert.forward(met.x)[1] for expert in met.layer.experts)
    return met.dx, replace(met.grad, experts=tuple(way_back(met.dy)[1] for way_back in ways_back))


def _uses(met: Met) -> list[Any]:
    """Return the gradient of each use of a repeated layer, the last first."""
    x, dy, ways_back, grads = met.x, met.dy, [], []
    for _ in range(met.layer.times):
        x, way_back = met.layer.layer.forward(x)
        ways_back.append(way_back)
    for way_back in reversed(ways_back):
        dy, grad = way_back(dy)
        grads.append(grad)
    return grads


@fault(Repeat)
def last_use_alone(met: Met) -> Back:
    """Of a layer that is used several times only the last use counts."""
    return met.dx, replace(met.grad, layer=summed(met.layer.layer, _uses(met)[:1]))


@fault(Repeat)
def uses_averaged(met: Met) -> Back:
    """The gradients of the uses of a layer are averaged, where their sum is meant."""
    mean = {path: p / max(met.layer.times, 1) for path, p in parameters(met.grad).items()}
    return met.dx, rebuild(met.grad, mean)


def _code(met: Met) -> Any:  # noqa: ANN401
    return met.layer.activation.forward(met.x @ met.layer.W + met.layer.b)[0]


@fault(TiedAutoencoder)
def decoder_unheard(met: Met) -> Back:
    """The tied matrix gets the gradient of the encoder alone: its second use, in the decoder, is forgotten."""
    return met.dx, rebuild(met.grad, {"W": met.grad.W - met.dy.T @ _code(met)})


@fault(TiedAutoencoder)
def encoder_unheard(met: Met) -> Back:
    """The tied matrix gets the gradient of the decoder alone: its first use, in the encoder, is forgotten."""
    return met.dx, rebuild(met.grad, {"W": met.dy.T @ _code(met)})


@fault(Bilinear)
def bilinear_inputs_exchanged(met: Met) -> Back:
    """The gradients of the two inputs of a bilinear layer are exchanged."""
    dx1, dx2 = met.gradients
    return np.resize(dx2, dx1.shape), np.resize(dx1, dx2.shape), met.grad


@fault(Pointwise)
def last_place_alone(met: Met) -> Back:
    """A layer that is used at every place gets the gradient of the last place of each sequence alone."""
    dy = met.dy.copy()
    dy[..., :-1, :] = 0
    _, grad = Pointwise(met.layer.layer).forward(met.x)[1](dy)
    return met.dx, replace(met.grad, layer=grad.layer)
