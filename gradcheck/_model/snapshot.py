"""What did an array hold when somebody looked? One copy of a large array serves all who ask for the same numbers."""

from __future__ import annotations

from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

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


def same_bits(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Return whether two arrays of the same shape and dtype hold the same to the last bit, nan included."""
    if a.dtype.hasobject or a.dtype.itemsize not in WORDS:
        return a.tobytes() == b.tobytes()
    bits = f"u{a.dtype.itemsize}"
    return np.array_equal(a.view(bits), b.view(bits))
