"""Layers that are wrong on purpose, each named after its mistake: can a gradient checker find it?

A fault leaves what the network computes as it is, and the paths of its parameters; only the way
back is wrong. To add one: a layer that inherits from the right one and spoils what its backward
returns, and a function that plants it, with the mistake's name, below a sentence that says what
is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, Self, TypeVar

from .dense import Dense
from .layer import Array, Backward, Layer, transform, walk

L = TypeVar("L", bound=Layer)


class Plant(Protocol):
    """Return the network with the fault in it, in the `index`-th layer of the kind concerned."""

    def __call__(self, layer: L, /, index: int = 0) -> L:
        """Plant the fault."""


@dataclass(frozen=True)
class Fault:
    """A mistake: its name, a sentence that says what is wrong, and how to make it."""

    name: str
    sentence: str
    apply: Plant


FAULTS: dict[str, Fault] = {}  # by name


def _fault(sentence: str) -> Callable[[Plant], Plant]:
    """Register a function that plants a fault, under its own name."""

    def register(plant: Plant) -> Plant:
        name: str = plant.__name__  # type: ignore[attr-defined]
        FAULTS[name] = Fault(name, sentence, plant)
        return plant

    return register


def _planted(network: L, kind: type, faulty: Callable[..., Any], index: int) -> L:
    """Replace the `index`-th layer of this kind, counted from the input, by a faulty one."""
    places = [path for path, part in walk(network) if isinstance(part, kind)]
    if not -len(places) <= index < len(places):
        message = f"the network has {len(places)} {kind.__name__} layers, none of number {index}"
        raise ValueError(message)

    def spoil(path: str, part: Any) -> Any:  # noqa: ANN401 (a part of the network, of any kind)
        if path != places[index]:
            return part
        return faulty(**{f.name: getattr(part, f.name) for f in fields(part)})

    return transform(network, spoil)


@dataclass(frozen=True)
class _ForgottenMean(Dense):
    def forward(self, x: Array) -> tuple[Array, Backward[Self]]:
        y, right = super().forward(x)

        def backward(dy: Array) -> tuple[Array, Self]:
            dx, grad = right(dy)
            return dx, replace(grad, b=len(x) * grad.b)

        return y, backward


@_fault("the bias gradient forgot to average over the N examples: it is N times too large")
def forgotten_mean(layer: L, /, index: int = 0) -> L:
    """Plant a dense layer whose biases feel the sum over the mini-batch, not the mean.

    The losses hand down gradients that are already divided by N; this layer undoes it for its
    biases alone. Training goes on all the same, with biases that move N times too fast, and a
    mini-batch of one example hides the mistake altogether.
    """
    return _planted(layer, Dense, _ForgottenMean, index)
