"""What is a line? phi(t) = f(x + t d) - f(x), and the steps that are taken along it.

Nothing here knows what x is, and nothing here ever sees a claim: an estimate that had looked at the claim would
be no evidence about it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# t -> (the step really taken, phi there); nan where f is not defined or raises.
Line = Callable[[float], tuple[float, float]]


def phi_at(line: Line, places: Iterable[float]) -> list[tuple[float, float]]:
    """Return what a line is at several places: at once where it carries a `together` that can, else in turn."""
    places = [float(t) for t in places]
    together = getattr(line, "together", None)
    found = None if together is None else together(places)
    return [line(t) for t in places] if found is None else found


def power_of_two(size: float) -> float:
    """Return the power of two nearest to a positive size: x + h is then exact for most x."""
    return 2.0 ** round(math.log2(size)) if size > 0 and math.isfinite(size) else 1.0
