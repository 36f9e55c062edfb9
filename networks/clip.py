"""What if a single mini-batch pulls a thousand times as hard as the others?

Deep and recurrent networks have cliffs: places where the cost rises so steeply that one step
against the gradient throws all the weights far from everything that they have learned. The
gradient is right, and its direction worth knowing; only its length says nothing there about how
far it is wise to go. So a gradient longer than `most` is shortened to that length, and keeps its
direction: all its entries, of all parameters together, are multiplied by the same number.

To clip every entry, or every parameter, by itself would turn the step another way. And a
gradient that is not finite has no direction: it is refused, instead of being shortened to nan.

R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural networks,
ICML 2013, algorithm 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .optimiser import Arrays, Optimiser


def global_norm(grads: Arrays) -> float:
    """Return √Σ g², over every entry of every gradient: how long all of them are together.

    >>> from gradcheck.networks import global_norm
    >>> global_norm({"W": np.array([[3.0, 0.0]]), "b": np.array([4.0])})
    5.0
    """
    largest = max((float(np.max(np.abs(g), initial=0)) for g in grads.values()), default=0.0)
    if largest == 0 or not np.isfinite(largest):
        return largest
    parts = (np.sum((np.asarray(g, np.float64) / largest) ** 2) for g in grads.values())  # cannot overflow
    return largest * float(np.sqrt(sum(parts)))


def clipped(grads: Arrays, most: float) -> Arrays:
    """Return g · min(1, most / ‖g‖), with the norm over all gradients together.

    >>> from gradcheck.networks import clipped
    >>> clipped({"W": np.array([[3.0, 0.0]]), "b": np.array([4.0])}, most=2.5)
    {'W': array([[1.5, 0. ]]), 'b': array([2.])}

    Raises:
        ValueError: `most` is not above zero.
        FloatingPointError: a gradient is not finite.
    """
    if not most > 0:
        message = f"clipped(most={most}): write the largest length that a gradient may have, above 0"
        raise ValueError(message)
    for path, g in grads.items():
        if not np.all(np.isfinite(g)):
            message = f"the gradient of {path} is not finite, and has no direction that could be kept"
            raise FloatingPointError(message)
    norm = global_norm(grads)
    return grads if norm <= most else {path: g * (most / norm) for path, g in grads.items()}


@dataclass(frozen=True)
class Clipped:
    """The same optimiser, given g · min(1, most / ‖g‖) in place of g: what is too long is shortened."""

    optimiser: Optimiser
    most: float  # the largest length, above 0

    def step(self, params: Arrays, grads: Arrays, state: Any = None) -> tuple[Arrays, Any]:  # noqa: ANN401
        """Take the optimiser's step with the clipped gradient."""
        return self.optimiser.step(params, clipped(grads, self.most), state)
