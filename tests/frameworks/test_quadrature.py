"""The right derivative of an integral with a kink passes, though quadrature by halving scatters at every step."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

integrate = pytest.importorskip("scipy.integrate")
SEEDS = (4, 44, 58, 83, 96)  # whose slopes at fine steps are off by 1e-4 to 1e-2


def distance(p):
    return integrate.quad(lambda t: abs(t - p[0]) * np.exp(-t), 0, 1)[0]


def slope(p):
    return 1 + np.exp(-1.0) - 2 * np.exp(-p)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_integral_with_a_kink(seed):
    """Larger steps average over the halvings; an error of a hundredth still shows."""
    p = np.random.default_rng(seed).uniform(0.2, 0.8, 1)
    assert check_gradients(distance, p, grad=slope).verdict is Verdict.CORRECT
    assert check_gradients(distance, p, grad=lambda p: 1.02 * slope(p)).verdict is Verdict.WRONG
