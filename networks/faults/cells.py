"""Recurrent cells that are wrong on purpose: gates and states that are taken for one another.

planting.py says how a mistake is planted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..activation import sigmoid
from ..layer import Array, rebuild
from ..recurrent import GRUCell, LSTMCell, SimpleCell
from .planting import Met, fault

Back = tuple[Any, ...]


def _through(met: Met, da_x: Array, da_h: Array | None = None) -> Back:
    """Go back through x W_ih + b_ih and h W_hh + b_hh, to x, h and the parameters."""
    (x, h, *_), cell = met.inputs, met.layer
    da_h = da_x if da_h is None else da_h
    grad = replace(met.grad, W_ih=x.T @ da_x, W_hh=h.T @ da_h, b_ih=da_x.sum(axis=0), b_hh=da_h.sum(axis=0))
    return da_x @ cell.W_ih.T, da_h @ cell.W_hh.T, grad


@fault(SimpleCell)
def cell_tanh_forgotten(met: Met) -> Back:
    """The derivative of the tanh is missing in a recurrent cell."""
    return _through(met, met.dy)


@fault(SimpleCell)
def cell_new_state_for_old(met: Met) -> Back:
    """The gradient of W_hh is made with the state after the step, where the one before is meant."""
    return *met.gradients, rebuild(met.grad, {"W_hh": met.y.T @ (met.dy * (1 - met.y**2))})


@fault(SimpleCell)
def cell_untransposed(met: Met) -> Back:
    """W_hh is not transposed on the way back to the state."""
    return met.dx, met.dy * (1 - met.y**2) @ met.layer.W_hh, met.grad


class _Gates(NamedTuple):
    """The gates of an LSTM, and the pull on its new c."""

    i: Array
    f: Array
    g: Array
    o: Array
    t: Array  # tanh c'
    dc: Array


def _gates(met: Met) -> _Gates:
    (x, h, _), cell, (dh, dc) = met.inputs, met.layer, met.cotangents
    i, f, g, o = np.split(x @ cell.W_ih + cell.b_ih + h @ cell.W_hh + cell.b_hh, 4, axis=1)
    i, f, g, o, t = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o), np.tanh(met.outputs[1])
    return _Gates(i, f, g, o, t, dc + dh * o * (1 - t**2))


def _lstm(met: Met, **other: Array) -> Back:
    """Go back through an LSTM with some of its parts replaced: its gates, dc, or one of da_i, da_f, da_g, da_o."""
    i, f, g, o, t, dc = _gates(met)._replace(**{k: v for k, v in other.items() if k in _Gates._fields})
    da = {
        "da_i": dc * g * i * (1 - i),
        "da_f": dc * met.inputs[2] * f * (1 - f),
        "da_g": dc * i * (1 - g**2),
        "da_o": met.dy * t * o * (1 - o),
    }
    dx, dh, grad = _through(met, np.concatenate([other.get(name, part) for name, part in da.items()], axis=1))
    return dx, dh, dc * f, grad


@fault(LSTMCell)
def lstm_carry_dropped(met: Met) -> Back:
    """The cotangent of the state c, from later steps, is dropped: only that of h counts."""
    return _lstm(met, dc=_gates(met).dc - met.cotangents[1])


@fault(LSTMCell)
def lstm_carry_not_forgotten(met: Met) -> Back:
    """The gradient of c goes to the step before without being multiplied by the forget gate."""
    return *met.gradients[:2], _gates(met).dc, met.grad


@fault(LSTMCell)
def lstm_forget_slope_of_gate(met: Met) -> Back:
    """The slope of the forget gate is taken at the gate, not at what its sigmoid was given."""
    dc, f = _gates(met).dc, sigmoid(_gates(met).f)
    return _lstm(met, da_f=dc * met.inputs[2] * f * (1 - f))


@fault(LSTMCell)
def lstm_forget_new_state(met: Met) -> Back:
    """The gradient of the forget gate is made with the new c, where the old one is meant."""
    gates = _gates(met)
    return _lstm(met, da_f=gates.dc * met.outputs[1] * gates.f * (1 - gates.f))


@fault(LSTMCell)
def lstm_tanh_forgotten(met: Met) -> Back:
    """The derivative of tanh c is missing between the output and the state c."""
    return _lstm(met, dc=met.cotangents[1] + met.dy * _gates(met).o)


@fault(LSTMCell)
def lstm_blocks_exchanged(met: Met) -> Back:
    """The gradients of the blocks g and o of an LSTM are exchanged."""
    i, _, g, o, t, dc = _gates(met)
    return _lstm(met, da_g=met.dy * t * o * (1 - o), da_o=dc * i * (1 - g**2))


def _gru(met: Met) -> tuple[Array, Array, Array, Array]:
    """Return r, z and n of a GRU, and what r is multiplied with."""
    (x, h), cell = met.inputs, met.layer
    x_r, x_z, x_n = np.split(x @ cell.W_ih + cell.b_ih, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ cell.W_hh + cell.b_hh, 3, axis=1)
    r = sigmoid(x_r + h_r)
    return r, sigmoid(x_z + h_z), np.tanh(x_n + r * h_n), h_n


def _through_gru(met: Met, *, reset: bool = True, sign: float = 1.0) -> Back:
    r, z, n, h_n = _gru(met)
    da_n = met.dy * (1 - z) * (1 - n**2)
    da_z = sign * met.dy * (met.inputs[1] - n) * z * (1 - z)
    da_r = da_n * h_n * r * (1 - r)
    da_h = np.concatenate([da_r, da_z, da_n * r if reset else da_n], axis=1)
    dx, dh, grad = _through(met, np.concatenate([da_r, da_z, da_n], axis=1), da_h)
    return dx, dh + met.dy * z, grad


@fault(GRUCell)
def gru_reset_ignored(met: Met) -> Back:
    """The reset gate is ignored on the way back to the state that it scales."""
    return _through_gru(met, reset=False)


@fault(GRUCell)
def gru_update_sign(met: Met) -> Back:
    """The gradient of the update gate is made with n - h, where h - n is meant."""
    return _through_gru(met, sign=-1.0)


@fault(GRUCell)
def gru_kept_state_dropped(met: Met) -> Back:
    """The direct path from the state to the next, through the update gate, is forgotten."""
    return met.dx, met.gradients[1] - met.dy * _gru(met)[1], met.grad
