"""What is asked of every checker? A function of arrays, one flat output, and the claimed way back."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Tree = Any


class NotExpressible(Exception):
    """This cannot be put to a checker that knows arrays and their gradients only."""


@dataclass(frozen=True)
class Question:
    """value(arrays) is a number or a vector, pullback(arrays, cotangent) one gradient for each array."""

    arrays: tuple[Array, ...]
    value: Callable[[Sequence[Array]], Array]
    pullback: Callable[[Sequence[Array], Array], list[Array]]

    @property
    def size(self) -> int:
        """The number of entries."""
        return sum(array.size for array in self.arrays)

    def cast(self, dtype: type[np.floating]) -> Question:
        """Return the same question about the same function, at the point in another precision."""
        return Question(tuple(array.astype(dtype) for array in self.arrays), self.value, self.pullback)


def of_params(
    point: Mapping[str, Array],
    value: Callable[[Mapping[str, Array]], float],
    grad: Callable[[Mapping[str, Array]], Mapping[str, Array]],
) -> Question:
    """Return a function of named arrays, and its gradient, as those know them who know arrays only."""

    def named(arrays: Sequence[Array]) -> dict[str, Array]:
        return dict(zip(point, arrays, strict=True))

    return Question(
        tuple(point.values()),
        lambda arrays: np.asarray(value(named(arrays))),
        lambda arrays, dy: [float(dy) * g for g in grad(named(arrays)).values()],
    )


def question(f: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Question:  # noqa: ANN401
    """Make a question of what `check_gradients(f, *args, **keywords)` is asked.

    Raises NotExpressible for a layer, or whatever else is not a function or an object with params.
    """
    # What one checker does to it is not seen by the next.
    f, args, keywords = copy.deepcopy((f, args, dict(keywords)))
    if any(is_dataclass(arg) for arg in args):
        raise NotExpressible
    if isinstance(getattr(f, "params", None), Mapping):
        return _of_object(f, args)
    if not callable(f) or not {"grad", "vjp", "value_and_grad"} & keywords.keys():
        raise NotExpressible
    point = list(args)

    def value(arrays: Sequence[Array]) -> Array:
        output = f(*_filled(point, arrays))
        return _flat(output[0] if "value_and_grad" in keywords else output)

    def pullback(arrays: Sequence[Array], cotangent: Array) -> list[Array]:
        here = _filled(point, arrays)
        if "vjp" in keywords:
            gradient = keywords["vjp"](*here, _shaped(f(*_filled(point, arrays)), cotangent))
            return _leaf_gradients(point, gradient)
        gradient = keywords["grad"](*here) if "grad" in keywords else f(*here)[1]
        factor = float(np.reshape(cotangent, ()))
        return [factor * g for g in _leaf_gradients(point, gradient)]

    return Question(tuple(_floats(point)), value, pullback)


def _of_object(net: Any, args: tuple[Any, ...]) -> Question:  # noqa: ANN401
    names = list(net.params)

    def run(arrays: Sequence[Array]) -> tuple[Any, Mapping[str, Array]]:
        net.params.update(zip(names, arrays, strict=True))
        value, grads = net.loss(*args)
        return value, grads

    return Question(
        tuple(np.array(net.params[name]) for name in names),
        lambda arrays: _flat(run(arrays)[0]),
        lambda arrays, cotangent: [float(np.reshape(cotangent, ())) * run(arrays)[1][name] for name in names],
    )


# ------------------------------------------------------------------------------------- trees and flat vectors


def _is_float(value: object) -> bool:
    return np.asarray(value).dtype.kind == "f"


def _floats(tree: Tree) -> Iterator[Array]:
    """Walk over the float arrays of a tree."""
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _floats(value)
    elif isinstance(tree, (list, tuple)):
        for value in tree:
            yield from _floats(value)
    elif tree is not None and _is_float(tree):
        yield np.array(tree)


def _filled(tree: Tree, arrays: Sequence[Array]) -> Tree:
    """Return the tree with other arrays in the place of its own."""
    rest = iter(arrays)

    def fill(old: Tree) -> Tree:
        if isinstance(old, Mapping):
            return {key: fill(value) for key, value in old.items()}
        if isinstance(old, (list, tuple)):
            return type(old)([fill(value) for value in old])
        if not _is_float(old):
            return old
        new = next(rest)
        return new if isinstance(old, np.ndarray) else new[()]

    return fill(tree)


def _leaf_gradients(point: list[Tree], gradient: Tree) -> list[Array]:
    if len(point) == 1 and not isinstance(point[0], (list, tuple, Mapping)):
        return [np.asarray(gradient)]
    if len(point) == 1:
        return list(_in_order(point[0], gradient))
    if not isinstance(gradient, (tuple, list)):
        return [np.asarray(gradient)]
    return [np.asarray(g) for g in gradient if g is not None]


def _in_order(point: Tree, gradient: Tree) -> Iterator[Array]:
    """Walk over a gradient in the order of its point."""
    if isinstance(point, Mapping):
        for key, value in point.items():
            yield from _in_order(value, gradient[key])
    elif isinstance(point, (list, tuple)):
        for value, g in zip(point, gradient, strict=True):
            yield from _in_order(value, g)
    elif _is_float(point):
        yield np.asarray(gradient)


def _flat(output: Tree) -> Array:
    if isinstance(output, (list, tuple)):
        return np.concatenate([np.ravel(part) for part in output])
    array = np.asarray(output)
    array = array if array.dtype.kind == "f" else array.astype(np.float64)
    return array.ravel() if array.ndim else array


def _shaped(output: Tree, cotangent: Array) -> Tree:
    """Cut a flat cotangent into the shapes of the outputs."""
    if not isinstance(output, (list, tuple)):
        return np.reshape(cotangent, np.shape(output))
    ends = np.cumsum([np.size(part) for part in output])[:-1]
    pieces = np.split(cotangent, ends)
    return type(output)([np.reshape(p, np.shape(part)) for p, part in zip(pieces, output, strict=True)])
