"""How do several arrays, in a tuple, list or dict, become one vector, and the vector such arrays again?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import trees
from gradcheck._model.point import as_array

Array = NDArray[Any]
ALONE = ""  # the path of an array that is no part of anything


class Blocks:
    """The arrays of a tree, one after the other."""

    def __init__(self, like: Any) -> None:  # noqa: ANN401
        """Take the structure of some arrays; a list of numbers is an array."""
        self._like = _array_of(like)
        self.shapes: dict[str, tuple[int, ...]] = {path: np.shape(part) for path, part in trees.leaves(self._like)}

    @cached_property
    def length(self) -> int:
        """How many numbers there are."""
        return sum(int(np.prod(shape)) for shape in self.shapes.values())

    @property
    def said(self) -> str:
        """Which part of the vector each array is."""
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self.shapes.values())])
        return ", ".join(f"{path} is {a}:{b}" for path, a, b in zip(self.shapes, ends, ends[1:], strict=False))

    def of(self, vector: Array) -> Any:  # noqa: ANN401
        """Return the arrays that a vector holds."""
        if ALONE in self.shapes:
            return vector.reshape(self.shapes[ALONE])
        at = iter(_cut(vector, self.shapes))
        return trees.rebuild(self._like, lambda _, __: next(at))

    def flat(self, parts: Any) -> Array:  # noqa: ANN401
        """Return the vector of some arrays, in the order of the structure."""
        if ALONE in self.shapes:
            return as_array(parts).ravel()
        if isinstance(parts, Mapping) and isinstance(self._like, Mapping) and parts.keys() == self._like.keys():
            parts = {key: parts[key] for key in self._like}
        found = [as_array(part).ravel() for _, part in trees.leaves(parts)]
        return np.concatenate(found) if found else np.zeros(0)


def _array_of(like: Any) -> Any:  # noqa: ANN401
    """Return a list of numbers, or of such lists, as an array; a list of arrays as it is."""
    if isinstance(like, (list, tuple)) and all(np.ndim(part) == 0 for _, part in trees.leaves(like)):
        return as_array(like)
    return like


def _cut(vector: Array, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[Array]:
    at = 0
    for shape in shapes.values():
        size = int(np.prod(shape))
        yield vector[at : at + size].reshape(shape)
        at += size
