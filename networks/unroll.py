"""A cell over time: how does the end of a sequence teach its beginning?

Unrolled, a recurrent network is a deep one, with a layer for each moment, and all of them the same
cell. Forward it runs from the first moment to the last, each step handing its state to the next.
Backward it runs from the last to the first: this is backpropagation through time, and nothing but
the chain rule. At every step two pulls meet at the state: what the cost asks of the output of this
very moment (dy), and what all later moments ask of it (dh), and they are added. The step's own way
back then says how the cost feels what was shown (dx), the state before (which goes on to the step
before), and the weights. As the weights are the same at every step, the gradients of all steps
are ADDED.

Sequences of different lengths share a batch with the help of a mask, where True says: this step is
there. At a step that is not, the state is carried on as it is, and the output is zero; so on
the way back the pull on the state passes by the cell, untouched. What x holds there does not
matter.

`Unroll` takes time as its first axis and the state as an argument and a result. `Recurrent` is the
same for a `Chain`: examples first, one input, one output, beginning at rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .layer import Array, Backward
from .recurrent import Cell, State
from .tied import summed

K = TypeVar("K", bound=Cell)
Mask = NDArray[np.bool_]


def within(lengths: ArrayLike, T: int) -> Mask:  # (N,) -> (T, N)
    """Return the mask of sequences of these lengths: step t is there if t < length.

    >>> from gradcheck.networks import within
    >>> within([3, 1], T=3).astype(int)
    array([[1, 1],
           [1, 0],
           [1, 0]])
    """
    found = np.asarray(lengths)
    if found.ndim != 1 or found.dtype.kind not in "iu" or not ((found >= 0) & (found <= T)).all():
        message = f"within takes one whole number from 0 to T = {T} for each sequence, not {lengths!r}"
        raise ValueError(message)
    there: Mask = np.arange(T)[:, np.newaxis] < found
    return there


@dataclass(frozen=True)
class Unroll(Generic[K]):
    """hₜ = cell(xₜ, hₜ₋₁) for t = 1 ... T; returned are every hₜ, and the last state once more.

    `forward(x, h) -> (y, h, backward)`, and with a cell of two states, such as the LSTM,
    `forward(x, h, c) -> (y, h, c, backward)`. Without states it begins at rest, and backward
    returns no gradients of them. `backward(dy, dh)` may be called as `backward(dy)` where the
    cost does not feel the last state.
    """

    cell: K

    def forward(self, x: Array, *state: Array, mask: Mask | None = None) -> Any:  # noqa: ANN401
        there = _there(x, mask)  # (T, N, I), (N, H) ..., (T, N) -> (T, N, H), (N, H) ...
        x = np.where(there, x, 0)
        h = first = self._begin(x, state)
        says, ways_back = [], []
        for x_t, there_t in zip(x, there, strict=True):
            *after, way_back = self.cell.forward(x_t, *h)
            says.append(np.where(there_t, after[0], 0))
            h = tuple(np.where(there_t, new, old) for new, old in zip(after, h, strict=True))
            ways_back.append(way_back)

        def backward(dy: Array, *dlast: Array) -> tuple[Any, ...]:
            dh, dx, grads = dlast or tuple(map(np.zeros_like, h)), [], []
            for dy_t, there_t, way_back in reversed(list(zip(dy, there, ways_back, strict=True))):
                dsaid, *dafter = (np.where(there_t, d, 0) for d in dh)
                dx_t, *dbefore, grad = way_back(dsaid + np.where(there_t, dy_t, 0), *dafter)
                dh = tuple(np.where(there_t, 0, d) + new for d, new in zip(dh, dbefore, strict=True))
                dx.append(dx_t)
                grads.append(grad)
            grad = replace(self, cell=summed(self.cell, grads))
            return (_stacked(dx[::-1], x), *(dh if state else ()), grad)

        return (_stacked(says, first[0][np.newaxis]), *h, backward)

    def _begin(self, x: Array, state: State) -> State:
        rest = self.cell.rest(x.shape[1])
        if state and len(state) != len(rest):
            message = (
                f"Unroll({type(self.cell).__name__}) takes {len(rest)} initial state(s) or none, not {len(state)}; "
                "for the state at rest leave them out"
            )
            raise ValueError(message)
        return state or rest


@dataclass(frozen=True)
class Recurrent(Generic[K]):
    """y = h₁ ... h_T of `Unroll(cell)`, begun at rest; examples first, for a `Chain`.

    With `reverse`, time runs the other way: the cell reads from the end, and yₜ knows the future
    instead of the past. Both ways at once are `Parallel((Recurrent(a), Recurrent(b, True)))`.
    """

    cell: K
    reverse: bool = False

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, T, I) -> (N, T, H)
        if x.ndim != 3:
            message = f"Recurrent takes x of shape (N, T, I), not {x.shape}; one sequence x is the batch x[np.newaxis]"
            raise ValueError(message)
        y, *_, way_back = Unroll(self.cell).forward(self._time_first(x))

        def backward(dy: Array) -> tuple[Array, Self]:
            dx, grad = way_back(self._time_first(dy))
            return self._examples_first(dx), replace(self, cell=grad.cell)

        return self._examples_first(y), backward

    def _time_first(self, x: Array) -> Array:
        return x.swapaxes(0, 1)[:: -1 if self.reverse else 1]

    def _examples_first(self, y: Array) -> Array:
        return y[:: -1 if self.reverse else 1].swapaxes(0, 1)


@dataclass(frozen=True)
class LastStep:
    """y = x_T, the last of x₁ ... x_T: what has been understood by the end. The earlier dx are zero."""

    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:  # (N, T, H) -> (N, H)
        if x.ndim != 3 or x.shape[1] == 0:
            message = f"LastStep takes x of shape (N, T, H) with at least one step, not {x.shape}"
            raise ValueError(message)

        def backward(dy: Array) -> tuple[Array, Self]:
            dx = np.zeros_like(x)
            dx[:, -1] = dy
            return dx, self

        return x[:, -1], backward


def _stacked(steps: list[Array], like: Array) -> Array:
    """Return the steps as one array, time first; of no steps, an empty one of the same kind."""
    return np.stack(steps) if steps else np.zeros((0, *like.shape[1:]), like.dtype)


def _there(x: Array, mask: Mask | None) -> Mask:  # (T, N, 1)
    """Return which steps there are, after a look at the shapes."""
    if x.ndim != 3:
        message = (
            f"Unroll takes x of shape (T, N, I), time first, not {x.shape}; for examples first write "
            "x.swapaxes(0, 1), or Recurrent(cell); one sequence x is the batch x[:, np.newaxis]"
        )
        raise ValueError(message)
    if mask is None:
        return np.ones((*x.shape[:2], 1), np.bool_)
    if mask.shape != x.shape[:2] or mask.dtype != np.bool_:
        message = (
            f"Unroll takes with x of shape {x.shape} a mask of booleans, True where a step is there, of shape "
            f"{x.shape[:2]}, not {mask.dtype} of shape {mask.shape}; of lengths it is within(lengths, {len(x)})"
        )
        raise ValueError(message)
    return mask[..., np.newaxis]
