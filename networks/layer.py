"""What is a layer, and where are its parameters?

A layer is a frozen dataclass with one method. `forward(x)` returns the output *and the way back*:
a function that takes dy, the sensitivity of the cost to the output, and returns dx, the
sensitivity to the input, together with a layer of the same kind that holds the sensitivity to
each parameter. So the gradient of a `Dense` is a `Dense` and the gradient of a `Chain` is a
`Chain`; a parameter and its gradient have the same path, `layers[0].W`, in two trees of the same
shape.

Arguments, and their order, are alike throughout:

- the examples are the first axis, then the channels of an image, or the steps of a sequence;
- the fields of a layer are its parameters, then its settings; those of a loss begin with the truth,
  `labels` where it is classes, else `target`;
- `random` takes the sizes, from the input to the output, then what the layer is made with (a
  kernel, a number of heads, an activation), then `rng`; whatever has a default stands behind it and
  is written by name, `dtype` last. `plain` is the same without `rng`, where nothing is drawn.

There are three exceptions, each for a reason. `Unroll` has time as its first axis, examples as its
second: it is a loop over time that takes the state and returns it; `Recurrent` is the same with
examples first. Two losses compare inputs with one another, so their `forward` takes several:
`CosineEmbedding` two, and `Triplet` three, which has no truth, as the order of its inputs says which
should be nearer. `Dropout` draws a mask, not parameters, so its `random` takes the whole shape of
x, examples included, and no `dtype`.

The way back remembers what it needs because it closes over it. Nothing is kept on the layer, so a
layer may be used twice, shared, or probed between forward and backward, and no use disturbs
another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]

T = TypeVar("T")
Backward: TypeAlias = Callable[[Array], tuple[Array, T]]  # dy -> (dx, gradients of the parameters)


class Layer(Protocol):
    """Anything with `forward(x) -> (y, backward)`, where `backward(dy) -> (dx, grad)`.

    `grad` is of the layer's own kind and holds the gradients in place of the parameters; a layer
    without parameters returns itself.
    """

    def forward(self, x: Array, /) -> tuple[Array, Backward[Self]]:
        """Return the output, and the way back."""


def constant() -> Any:  # noqa: ANN401 (dataclasses.field is typed so: as whatever the field holds)
    """Declare a field that is never trained, such as labels, targets or masks.

    >>> from dataclasses import dataclass
    >>> from gradcheck.networks import Array, constant, parameters
    >>> @dataclass(frozen=True)
    ... class Scaled:
    ...     gain: Array
    ...     mask: Array = constant()
    >>> list(parameters(Scaled(gain=np.ones(3), mask=np.ones(3))))
    ['gain']
    """
    return field(metadata={"constant": True})


def parameters(layer: object) -> dict[str, Array]:
    """Return every parameter of a layer or network under its path, such as `layers[0].W`.

    A parameter is an array of floating-point numbers in a field that is not `constant()`, in the
    layer itself, in a layer it holds, or in a tuple or list that it holds. Plain numbers (a
    slope, an epsilon, a decay) are not parameters.
    """
    return {path: part for path, part in walk(layer) if _is_parameter(part)}


def rebuild(layer: T, arrays: Mapping[str, Array]) -> T:
    """Return the same layer with other arrays under the paths given; the rest is shared.

    Raises:
        KeyError: no parameter has such a path.
        ValueError: the new array differs in shape from the old one.
    """
    old = parameters(layer)
    for path, array in arrays.items():
        if path not in old:
            message = f"no parameter is called {path!r}; there are {', '.join(old) or 'none'}"
            raise KeyError(message)
        if np.shape(array) != old[path].shape:
            message = f"{path} has shape {old[path].shape}; {np.shape(array)} cannot replace it"
            raise ValueError(message)
    return transform(layer, arrays.get)


def walk(part: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every part with its path, the whole before its parts."""
    yield path, part
    for name, inner in _parts(part):
        yield from walk(inner, (path + name).removeprefix("."))


def transform(part: T, change: Callable[[str, Any], Any], path: str = "") -> T:
    """Return the same tree with `change(path, part)` in place of each part that it changes."""
    changed: T = change(path, part)
    if changed is not part:
        return changed
    new = {name: transform(inner, change, (path + name).removeprefix(".")) for name, inner in _parts(part)}
    if all(new[name] is inner for name, inner in _parts(part)):
        return part
    if isinstance(part, tuple | list):
        return type(part)(new.values())
    whole: Any = part  # a dataclass, as _parts found parts in it
    return replace(whole, **{name.removeprefix("."): inner for name, inner in new.items()})  # type: ignore[no-any-return]


def _parts(part: object) -> Iterator[tuple[str, Any]]:
    """Yield what a layer, tuple or list holds, except constants, each with its step of a path."""
    if isinstance(part, tuple | list):
        yield from ((f"[{i}]", inner) for i, inner in enumerate(part))
    else:
        kind: Any = type(part)
        yield from ((f".{name}", getattr(part, name)) for name in _trained(kind))


@lru_cache(maxsize=512)  # every evaluation of a network walks through all of it
def _trained(kind: type) -> tuple[str, ...]:
    """Return the fields of a layer that are not constant, and of anything else none."""
    return tuple(f.name for f in fields(kind) if not f.metadata.get("constant")) if is_dataclass(kind) else ()


def _is_parameter(part: object) -> bool:
    return isinstance(part, np.ndarray) and np.issubdtype(part.dtype, np.floating)
