"""How is a mistake planted in a network? What it computes stays, the way back of one layer is spoiled.

A fault leaves what the network computes as it is, and the paths of its parameters; only the way
back is wrong. The other files of this folder hold the mistakes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Protocol, TypeVar

from ..layer import Layer, transform, walk

L = TypeVar("L", bound=Layer)


class Plant(Protocol):
    """Return the network with the fault in it, in the `index`-th layer of the kind concerned."""

    def __call__(self, layer: L, /, index: int = 0) -> L:
        """Plant the fault."""


@dataclass(frozen=True)
class Fault:
    """A mistake: its name, a sentence that says what is wrong, how to make it, in which kind of layer."""

    name: str
    sentence: str
    apply: Plant
    kind: type


class Met(NamedTuple):
    """What a way back has at hand, and what it should return: (*gradients, grad)."""

    layer: Any
    inputs: tuple[Any, ...]
    keywords: dict[str, Any]
    outputs: tuple[Any, ...]
    cotangents: tuple[Any, ...]  # of the outputs; of a cost, 1 where nothing was said
    gradients: tuple[Any, ...]  # of the inputs
    grad: Any  # of the parameters

    @property
    def x(self) -> Any:  # noqa: ANN401 (what the layer has)
        """The first input."""
        return self.inputs[0]

    @property
    def y(self) -> Any:  # noqa: ANN401 (what the layer has)
        """The first output."""
        return self.outputs[0]

    @property
    def dy(self) -> Any:  # noqa: ANN401 (what the layer has)
        """The first cotangent."""
        return self.cotangents[0]

    @property
    def dx(self) -> Any:  # noqa: ANN401 (what the layer has)
        """The first of the gradients, as it should be."""
        return self.gradients[0]


Spoil = Callable[[Met], tuple[Any, ...]]  # -> (*gradients, grad), no longer right

FAULTS: dict[str, Fault] = {}  # by name


def fault(kind: type) -> Callable[[Spoil], Plant]:
    """Register a fault under the name of a function that spoils what the way back of such a layer returns.

    The first line of its docstring is the sentence that says what is wrong.
    """

    def register(spoil: Spoil) -> Plant:
        def plant(layer: L, /, index: int = 0) -> L:
            return planted(layer, kind, spoiled(kind, spoil), index)

        name: str = spoil.__name__
        doc = spoil.__doc__ or name
        plant.__name__, plant.__doc__ = name, doc
        sentence = doc.splitlines()[0].removesuffix(".")
        FAULTS[name] = Fault(name, sentence[0].lower() + sentence[1:], plant, kind)
        return plant

    return register


def spoiled(kind: type, spoil: Spoil) -> Callable[..., Any]:
    """Return a kind of layer like the one given, but for its way back."""
    right: Any = kind.forward  # type: ignore[attr-defined]

    @functools.wraps(right)
    def forward(self: Any, *inputs: Any, **keywords: Any) -> Any:  # noqa: ANN401 (of any kind)
        *outputs, way_back = right(self, *inputs, **keywords)

        def backward(*cotangents: Any) -> Any:  # noqa: ANN401 (as many as there are outputs)
            *gradients, grad = way_back(*cotangents)
            given = cotangents or (1.0,)
            return spoil(Met(self, inputs, keywords, tuple(outputs), given, tuple(gradients), grad))

        return *outputs, backward

    return type(f"_{kind.__name__}", (kind,), {"forward": forward, "__module__": kind.__module__})


def planted(network: L, kind: type, faulty: Callable[..., Any], index: int) -> L:
    """Replace the `index`-th layer of this kind, counted from the input, by a faulty one.

    Raises:
        ValueError: there is no such layer.
    """
    places = [path for path, part in walk(network) if isinstance(part, kind)]
    if not -len(places) <= index < len(places):
        message = f"the network has {len(places)} {kind.__name__} layers, none of number {index}"
        raise ValueError(message)

    def spoil(path: str, part: Any) -> Any:  # noqa: ANN401 (a part of the network, of any kind)
        if path != places[index]:
            return part
        return faulty(**{f.name: getattr(part, f.name) for f in fields(part)})

    return transform(network, spoil)
