"""What is a line? phi(t) = f(x + t d) - f(x), and the steps that are taken along it.

Nothing here knows what x is, and nothing here ever sees a claim: an estimate that had looked at the claim would
be no evidence about it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# t -> (the step really taken, phi there); nan where f is not defined or raises.
Line = Callable[[float], tuple[float, float]]


def power_of_two(size: float) -> float:
    """Return the power of two nearest to a positive size: x + h is then exact for most x."""
    return 2.0 ** round(math.log2(size)) if size > 0 and math.isfinite(size) else 1.0
