"""What did an array hold when somebody looked? One copy of a large array serves all who ask for the same numbers."""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.filed import Filed, of_one_piece
from gradcheck._model.leaf import VAST

FEW = 65_536  # entries that are copied without looking for another copy
WORDS = (1, 2, 4, 8)  # sizes in bytes of numbers that can be compared as integers

_taken: WeakValueDictionary[tuple[Any, ...], NDArray[Any]] = WeakValueDictionary()  # for as long as somebody holds it


def snapshot(array: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of an array, which nobody may change: others may hold it."""
    if array.size <= FEW:
        return array.copy(order="K")
    key = (array.__array_interface__["data"][0], array.shape, array.strides, array.dtype)
    known = _taken.get(key)
    if known is None or not same_bits(array, known):
        known = _taken[key] = array.copy(order="K")
    return known


class Snapshot:
    """What an array holds now, so that it can be put back; what a large one holds is in a file."""

    def __init__(self, array: NDArray[Any]) -> None:
        """Remember it."""
        self._array = array
        self._held = Filed.of(array) if in_a_file(array) else snapshot(array)

    def put_back(self) -> None:
        """Put it back, where it has changed."""
        if isinstance(self._held, Filed):
            if not self._held.same(self._array):
                self._held.put(self._array)
        elif not same_bits(self._array, self._held):
            np.copyto(self._array, self._held)


def in_a_file(array: NDArray[Any]) -> bool:
    """Return whether an array is so large that what it holds is not kept a second time in memory."""
    return array.size > VAST and of_one_piece(array) and not array.dtype.hasobject


def same_bits(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Return whether two arrays of the same shape and dtype hold the same to the last bit, nan included."""
    if a.dtype.hasobject or a.dtype.itemsize not in WORDS:
        return a.tobytes() == b.tobytes()
    bits = f"u{a.dtype.itemsize}"
    return np.array_equal(a.view(bits), b.view(bits))
