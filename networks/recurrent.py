"""Recurrent cells: how does a network remember?

By being told what it thought a moment ago. A cell is shown one thing at a time, x, together with
its own state from the step before, h, and answers with the state after: whatever it will need later
must be in there. unroll.py lets it run over a whole sequence.

The way back asks two things of each step: how does the cost feel what was shown (dx), and how does
it feel the state that was carried in (dh)? The second is the voice of the future, handed on to the
past. In the simple cell it goes through a tanh and a matrix at every step, and so it shrinks, or
swells, like a power: after twenty steps nothing of it may be left. The LSTM's remedy is a second
state c that is only ever multiplied by a gate and added to, c' = f c + i g: where the gate f is
open, dc comes back as it was. The GRU does the same with one state, h' = (1 - z) n + z h.

The names and the order of the gates are PyTorch's; the matrices are transposed, (I, O) rather than
(O, I), as everywhere here: y = x W + b. Where a cell has k gates its matrices have k blocks of H
columns side by side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from .activation import sigmoid
from .layer import Array

State: TypeAlias = tuple[Array, ...]


class Cell(Protocol):
    """Anything with `forward(x, *state) -> (*state, backward)` and a state at rest.

    Its `backward(*dstate)` returns `(dx, *dstate, grad)`. The first part of the state is the output
    of the cell, the others are internal.
    """

    def forward(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (as many states as it has)
        """Return the state after one step, and the way back."""

    def rest(self, N: int, /) -> State:
        """Return the state before the first step, for N examples."""


@dataclass(frozen=True)
class SimpleCell:
    """h' = tanh(x W_ih + b_ih + h W_hh + b_hh).

    J. L. Elman, Finding structure in time, Cognitive Science 14, 1990.
    """

    W_ih: Array  # (I, H)
    W_hh: Array  # (H, H)
    b_ih: Array  # (H,)
    b_hh: Array  # (H,)

    def forward(self, x: Array, h: Array) -> tuple[Array, Callable[[Array], tuple[Array, Array, Self]]]:
        _refuse_misfits(self, 1, x, h)  # (N, I), (N, H) -> (N, H)
        h_next = np.tanh(x @ self.W_ih + self.b_ih + h @ self.W_hh + self.b_hh)

        def backward(dh_next: Array) -> tuple[Array, Array, Self]:
            da = dh_next * (1 - h_next**2)
            dx, dh, grad = _through(self, x, h, da, da)
            return dx, dh, replace(self, **grad)

        return h_next, backward

    def rest(self, N: int) -> State:
        """Return the state before the first step: zeros."""
        return (_zeros(self, N),)

    @classmethod
    def random(cls, n_in: int, width: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a cell with every parameter ~ uniform(-a, a), a = 1 / √width."""
        return cls(**_drawn(1, n_in, width, rng, dtype=dtype))


@dataclass(frozen=True)
class GRUCell:
    """h' = (1 - z) n + z h, n = tanh(x W_in + b_in + r (h W_hn + b_hn)), gates r and z.

    r = σ(x W_ir + b_ir + h W_hr + b_hr), how much of the past the new thought n may use, and z
    likewise, how much of the past is kept. W_ih = [W_ir W_iz W_in], and so on. The reset r comes
    after the matrix, as in PyTorch and cuDNN, not before it, as in the first paper.

    K. Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014, equations
    5 to 8.
    """

    W_ih: Array  # (I, 3H): r, z, n
    W_hh: Array  # (H, 3H)
    b_ih: Array  # (3H,)
    b_hh: Array  # (3H,)

    def forward(self, x: Array, h: Array) -> tuple[Array, Callable[[Array], tuple[Array, Array, Self]]]:
        _refuse_misfits(self, 3, x, h)  # (N, I), (N, H) -> (N, H)
        x_r, x_z, x_n = np.split(x @ self.W_ih + self.b_ih, 3, axis=1)
        h_r, h_z, h_n = np.split(h @ self.W_hh + self.b_hh, 3, axis=1)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        n = np.tanh(x_n + r * h_n)

        def backward(dh_next: Array) -> tuple[Array, Array, Self]:
            da_n = dh_next * (1 - z) * (1 - n**2)
            da_z = dh_next * (h - n) * z * (1 - z)
            da_r = da_n * h_n * r * (1 - r)
            da_x = np.concatenate([da_r, da_z, da_n], axis=1)
            da_h = np.concatenate([da_r, da_z, da_n * r], axis=1)
            dx, dh, grad = _through(self, x, h, da_x, da_h)
            return dx, dh + dh_next * z, replace(self, **grad)

        return (1 - z) * n + z * h, backward

    def rest(self, N: int) -> State:
        """Return the state before the first step: zeros."""
        return (_zeros(self, N),)

    @classmethod
    def random(cls, n_in: int, width: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a cell with every parameter ~ uniform(-a, a), a = 1 / √width."""
        return cls(**_drawn(3, n_in, width, rng, dtype=dtype))


@dataclass(frozen=True)
class LSTMCell:
    """c' = f c + i g, h' = o tanh c'; i, f, o = σ(a), g = tanh(a), of four blocks of a.

    a = x W_ih + b_ih + h W_hh + b_hh. The gate i says what is written into c, f what is kept of
    it, o what is shown of it; g is what would be written.

    S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9, 1997; the gate
    f: F. A. Gers, J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12, 2000.
    """

    W_ih: Array  # (I, 4H): i, f, g, o
    W_hh: Array  # (H, 4H)
    b_ih: Array  # (4H,)
    b_hh: Array  # (4H,)

    def forward(
        self, x: Array, h: Array, c: Array
    ) -> tuple[Array, Array, Callable[[Array, Array], tuple[Array, Array, Array, Self]]]:
        _refuse_misfits(self, 4, x, h, c)  # (N, I), (N, H), (N, H) -> (N, H), (N, H)
        a = x @ self.W_ih + self.b_ih + h @ self.W_hh + self.b_hh
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=1)
        i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
        c_next = f * c + i * g
        t = np.tanh(c_next)

        def backward(dh_next: Array, dc_next: Array) -> tuple[Array, Array, Array, Self]:
            dc_next = dc_next + dh_next * o * (1 - t**2)
            di, df, dg, do = dc_next * g, dc_next * c, dc_next * i, dh_next * t
            da = np.concatenate([di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1)
            dx, dh, grad = _through(self, x, h, da, da)
            return dx, dh, dc_next * f, replace(self, **grad)

        return o * t, c_next, backward

    def rest(self, N: int) -> State:
        """Return the state before the first step: zeros, for h and for c."""
        return _zeros(self, N), _zeros(self, N)

    @classmethod
    def random(cls, n_in: int, width: int, rng: np.random.Generator, *, dtype: DTypeLike = np.float64) -> Self:
        """Return a cell with every parameter ~ uniform(-a, a), a = 1 / √width."""
        return cls(**_drawn(4, n_in, width, rng, dtype=dtype))


_OfThese: TypeAlias = SimpleCell | GRUCell | LSTMCell


def _through(cell: _OfThese, x: Array, h: Array, da_x: Array, da_h: Array) -> tuple[Array, Array, dict[str, Array]]:
    """Go back through x W_ih + b_ih and h W_hh + b_hh: two dense layers, side by side."""
    grad = {"W_ih": x.T @ da_x, "W_hh": h.T @ da_h, "b_ih": da_x.sum(axis=0), "b_hh": da_h.sum(axis=0)}
    return da_x @ cell.W_ih.T, da_h @ cell.W_hh.T, grad


def _zeros(cell: _OfThese, N: int) -> Array:
    return np.zeros((N, len(cell.W_hh)), cell.W_hh.dtype)


def _drawn(gates: int, n_in: int, width: int, rng: np.random.Generator, *, dtype: DTypeLike) -> dict[str, Array]:
    a, columns = 1 / np.sqrt(width), gates * width
    shapes = {"W_ih": (n_in, columns), "W_hh": (width, columns), "b_ih": (columns,), "b_hh": (columns,)}
    return {name: rng.uniform(-a, a, shape).astype(dtype) for name, shape in shapes.items()}


def _refuse_misfits(cell: _OfThese, gates: int, x: Array, *state: Array) -> None:
    """Raise where NumPy would broadcast in silence, or complain about a matmul."""
    kind, shapes = type(cell).__name__, tuple(getattr(cell, f).shape for f in ("W_ih", "W_hh", "b_ih", "b_hh"))
    n_in, H = (W.shape[0] if W.ndim else 0 for W in (cell.W_ih, cell.W_hh))
    if shapes != ((n_in, gates * H), (H, gates * H), (gates * H,), (gates * H,)):
        k = gates if gates > 1 else ""
        message = f"{kind} takes W_ih (I, {k}H), W_hh (H, {k}H), b_ih and b_hh ({k}H,), not {shapes}"
        raise ValueError(message)
    if x.ndim != 2 or x.shape[1] != n_in:
        message = (
            f"{kind} with W_ih of shape {shapes[0]} takes x of shape (N, {n_in}), not {x.shape}: one row for each "
            "example, at one moment; for a whole sequence (T, N, I) write Unroll(cell)"
        )
        raise ValueError(message)
    if any(s.shape != (len(x), H) for s in state):
        message = (
            f"{kind} of width {H} takes, with {len(x)} examples, states of shape {(len(x), H)}, not "
            f"{' and '.join(str(s.shape) for s in state)}; at the beginning write *cell.rest({len(x)})"
        )
        raise ValueError(message)
