"""What is the median of some numbers? NumPy's own loads masked arrays, which takes long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FEW = 1000  # numbers that are sorted sooner than parted around the middle


def median(numbers: NDArray[Any]) -> float:
    """Return the median of some numbers, of which there must be one: nan if any of them is."""
    half = numbers.size // 2
    ordered = np.sort(numbers, axis=None) if half < FEW else np.partition(numbers, (half - 1, half, -1), axis=None)
    last = float(ordered[-1])
    if last != last:  # noqa: PLR0124  nan, which is sorted to the end
        return last
    upper = float(ordered[half])
    return upper if ordered.size % 2 else (float(ordered[half - 1]) + upper) / 2
