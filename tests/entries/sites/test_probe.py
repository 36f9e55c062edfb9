"""Are the slopes of pre-activations those of the terms, to as much as is said to be unknown of them?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._entries.sites.probe import probed
from gradcheck._model.site import WeightSite

RNG = np.random.default_rng(2)
Z = RNG.standard_normal((9, 5))
CASES = {
    "smooth": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "bent": (lambda z: np.exp(3 * z), lambda z: 3 * np.exp(3 * z)),
    "kinked": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "straight": (lambda z: 2.5 * z, lambda z: np.full_like(z, 2.5)),
}


def site(f, before=Z):
    def shifted(units, shifts):
        return f(before.T[units] + shifts) - f(before.T[units])

    terms = f(before).sum(1)
    return WeightSite("W", None, None, None, before, before, terms, turned=False, at_once=8, shifted=shifted)


@pytest.mark.parametrize("name", CASES)
def test_the_error_is_no_larger_than_what_is_unknown(name):
    """And that is small, whatever the function."""
    f, slope = CASES[name]
    found = probed(site(f))
    unknown = found.unknown + 4 * found.noise
    assert (np.abs(found.slopes - slope(Z)) <= unknown).all()
    assert (unknown <= 1e-6 * np.abs(slope(Z)).max(axis=0)).all()


def test_a_kink_nearby_is_gone_closer_to():
    """A pre-activation that nearly vanishes: the first steps go beyond it."""
    near = Z.copy()
    near[3, 2] = 1e-4
    found = probed(site(*CASES["kinked"][:1], near))
    assert abs(found.slopes[3, 2] - 1) <= found.unknown[3, 2] + 4 * found.noise[2] < 1e-4


def test_a_kink_at_the_point_is_not_known():
    """Between 0 and 1 anything is right."""
    at = Z.copy()
    at[3, 2] = 0.0
    found = probed(site(*CASES["kinked"][:1], at))
    assert found.unknown[3, 2] >= 0.5


def test_what_stands_still_is_said():
    """A dead unit."""
    found = probed(site(*CASES["kinked"][:1], -np.abs(Z)))
    assert not found.alive.any()
