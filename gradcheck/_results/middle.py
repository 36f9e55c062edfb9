"""What is the median of some numbers? NumPy's own loads masked arrays, which takes long."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def median(numbers: NDArray[Any]) -> float:
    """Return the median of some numbers, of which there must be one: nan if any of them is."""
    ordered = np.sort(numbers, axis=None)
    last, half = float(ordered[-1]), ordered.size // 2
    if last != last:  # noqa: PLR0124  nan, which is sorted to the end
        return last
    upper = float(ordered[half])
    return upper if ordered.size % 2 else (float(ordered[half - 1]) + upper) / 2
