"""Gates that are wrong on purpose: halves that get no gradient, each other's, or one with the wrong slope.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..activation import SiLU, sigmoid
from ..glu import GLU, SwiGLU
from ..layer import Array
from .planting import Met, fault

Back = tuple[Any, ...]


def _halves(met: Met, x: Array) -> list[Array]:
    return np.split(x, 2, axis=met.layer.axis)


def _joined(met: Met, a: Array, b: Array) -> Back:
    return np.concatenate((a, b), axis=met.layer.axis), met.grad


@fault(GLU)
def glu_gate_unheard(met: Met) -> Back:
    """The gate of a gated linear unit gets no gradient: it is taken for a constant."""
    da, db = _halves(met, met.dx)
    return _joined(met, da, np.zeros_like(db))


@fault(GLU)
def glu_halves_exchanged(met: Met) -> Back:
    """The gradients of the two halves, the values and their gates, are exchanged."""
    da, db = _halves(met, met.dx)
    return _joined(met, db, da)


@fault(GLU)
def glu_gate_for_its_slope(met: Met) -> Back:
    """The gradient of the gate's input is dy a gate(b), where the gate's slope is meant: dy a gate'(b)."""
    da, _ = _halves(met, met.dx)
    a, b = _halves(met, met.x)
    return _joined(met, da, met.dy * a * met.layer.gate.forward(b)[0])


def _pulled(met: Met) -> tuple[Array, Array, Array]:
    """Return the pull on what the gate multiplies and on the gate, and that gate's input."""
    layer, x = met.layer, met.x
    a, du = x @ layer.W, met.dy @ layer.W2.T
    return du * SiLU().forward(a)[0], du * (x @ layer.V), a


def _met(x: Array, dy: Array) -> Array:
    return x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])


@fault(SwiGLU)
def swiglu_gate_unheard(met: Met) -> Back:
    """The gate of a SwiGLU is taken for a constant: the input gets its gradient by the other path alone."""
    dv, *_ = _pulled(met)
    return dv @ met.layer.V.T, replace(met.grad, W=np.zeros_like(met.grad.W))


@fault(SwiGLU)
def swiglu_value_unheard(met: Met) -> Back:
    """The input gets its gradient through the gate alone, not through x V, which the gate multiplies."""
    dv, *_ = _pulled(met)
    return met.dx - dv @ met.layer.V.T, met.grad


@fault(SwiGLU)
def swiglu_slope_cut_short(met: Met) -> Back:
    """The slope of the SiLU is taken to be s: its second term, a s (1 - s), is forgotten."""
    dv, dg, a = _pulled(met)
    da = dg * sigmoid(a)
    return da @ met.layer.W.T + dv @ met.layer.V.T, replace(met.grad, W=_met(met.x, da))


@fault(SwiGLU)
def swiglu_gate_for_product(met: Met) -> Back:
    """The gradient of W2 is made with the gate alone, where its product with x V is meant."""
    g, _ = SiLU().forward(met.x @ met.layer.W)
    return met.dx, replace(met.grad, W2=_met(g, met.dy))
