"""Is a factor made of what the function returned: is it the gradient of its square, or of its logarithm?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck._diagnose.acceptance import is_number
from gradcheck._diagnose.evidence import Evidence

# g(f), its derivative with respect to f as one writes it, and as a function
TAKEN_FOR: tuple[tuple[str, str, Callable[[float], float]], ...] = (
    ("f^2", "2 f", lambda f: 2 * f),
    ("f^2/2", "f", lambda f: f),
    ("log f", "1/f", lambda f: 1 / f),
    ("the square root of f", "1/(2 sqrt f)", lambda f: 0.5 / np.sqrt(f)),
    ("e^f", "e^f", np.exp),
    ("e^-f", "-e^-f", lambda f: -np.exp(-f)),
    ("1/f", "-1/f^2", lambda f: -1 / (f * f)),
)


def of_another(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor, with its sign, as g'(f) for the one number f that is returned: a claim is the gradient of g(f).

    Not where f is a whole number or a half: such a factor has many origins.
    """
    f = _value(evidence)
    if not np.isfinite(f) or (2 * f).is_integer():
        return None
    with np.errstate(all="ignore"):
        for taken, written, derivative in TAKEN_FOR:
            slope = float(derivative(f))
            if np.isfinite(slope) and slope and is_number(abs(ratio), abs(slope)):
                minus = "-" if slope * ratio < 0 else ""
                factor = f"{minus}{written}".removeprefix("--")
                return f"{factor} with f = {f:.6g}, the value: the gradient of {'minus ' * bool(minus)}{taken}"
    return None


def _value(evidence: Evidence) -> float:
    """Return the one number that the function returns at the point; nan if there are several, or nobody knows it."""
    lab = evidence.context.lab
    outputs = lab.outputs if lab is not None else ()
    return float(outputs[0].reshape(())) if len(outputs) == 1 and outputs[0].size == 1 else np.nan
