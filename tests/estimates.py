"""What does an estimate look like that nobody measured?"""

from __future__ import annotations

import numpy as np

from gradcheck._judge.tolerance import Standard
from gradcheck._results.estimate import Estimate

EPS32 = float(np.finfo(np.float32).eps)
DEFAULT = Standard(largest=1.0)


def known(value, uncertainty=1e-10, **fields):
    """Return an estimate whose two sides meet."""
    fields.setdefault("scale", abs(value))
    return Estimate(value, uncertainty, value, value, **fields)


def kink(left, right, uncertainty=1e-10):
    return Estimate((left + right) / 2, uncertainty, left, right, kink=True, scale=max(abs(left), abs(right)))
