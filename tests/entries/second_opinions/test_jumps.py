"""A jump nearby, like that of a solver that stops early, leaves unknown what it may hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tested import ONE, SLOPE, looked_at, on_the_sine, sine

from gradcheck._entries.look import CONVINCED
from gradcheck._entries.second_opinions.jumps import jump_beside


def test_jump_beside_speaks():
    """A jump of 1e-4 a tenth away, as of a solver that stops early: a claim off by a thousandth may be right."""
    look, _ = looked_at(lambda x: sine(x) + 1e-4 * float(x[0] > 1.1), np.array([1.001 * SLOPE]), ONE)
    found = jump_beside(look, replace(on_the_sine()[1], uncertainty=1e-9))
    assert found.uncertainty > 1e-4
    assert not look.accuses(found)


def test_jump_beside_is_silent():
    """Where nothing jumps, where a claim is off by more than a solver is, and once several entries had no jump."""
    look, estimate = on_the_sine(claim=1.001 * SLOPE)
    assert jump_beside(look, estimate) is None
    assert look.tested.experience.unbroken == 1

    def jumping(x):
        return sine(x) + float(x[0] > 1.1)

    look, _ = looked_at(jumping, np.array([1.1 * SLOPE]), ONE)
    assert jump_beside(look, estimate) is None
    look, _ = looked_at(jumping, np.array([1.001 * SLOPE]), ONE)
    look.tested.experience.unbroken = CONVINCED
    assert jump_beside(look, estimate) is None
