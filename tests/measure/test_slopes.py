"""Slopes from the left, from the right and from both, with what the noise makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lines import EPS

from gradcheck._measure.slopes import Slopes


def test_slopes_of_either_side():
    """Right and left and, weighted by the steps, central; nan where f is not finite or no step was taken."""
    rungs = [(0.5, 2.0, 0.25, -0.5), (0.5, math.inf, 0.5, -1.0), (0.0, 0.0, 0.5, -1.0)]
    slopes = Slopes.of(rungs, 2, sigma=0.0, scale=1.0, relative=EPS)
    assert slopes.right[0] == 4.0
    assert slopes.left.tolist()[:2] == [2.0, 2.0]
    assert slopes.central[0] == pytest.approx((4 * 0.25 + 2 * 0.5) / 0.75)
    assert np.isnan(slopes.right[1])
    assert np.isnan(slopes.central[1:]).all()
    assert slopes.noise[2] == math.inf
