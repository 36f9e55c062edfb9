"""How coarse are the precisions? Their relative roundings, and the smallest numbers that double precision has."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DOUBLE = 2.0**-52  # the distance from 1 to the next number
SINGLE = 2.0**-23  # the same in single precision
HALF = 2.0**-10  # the same in half precision
BRAIN = 2.0**-7  # the same in bfloat16
NORMAL = 2.0**-1022  # the smallest number with all its digits
LEAST = 2.0**-1074  # the smallest of all

REORDERED = 64.0  # roundings by which two ways to compute the same may differ, as sums are added up in another order


def all_finite(numbers: NDArray[Any]) -> bool:
    """Return whether none of some numbers is infinite or nan, without an array that is as long."""
    return not numbers.size or bool(np.isfinite(np.min(numbers)) and np.isfinite(np.max(numbers)))
