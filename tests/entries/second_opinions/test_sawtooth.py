"""Between tall jumps f is looked at from so near that there is none."""

from __future__ import annotations

import numpy as np
from tested import looked_at, on_the_sine

from gradcheck._entries.second_opinions.sawtooth import between_jumps

X = np.random.default_rng(1).uniform(0.3, 3, 8)


def rest(x):
    return float(np.sum(70 % x))


def test_between_jumps_speaks():
    """The rest of 70 by a third jumps two hundred times from there to twice as much: from a millionth none is seen."""
    look, lost = looked_at(rest, -np.floor(70 / X), X, k=int(np.argmin(X)), sigma=5.0)
    found = between_jumps(look, lost)
    assert abs(found.value - look.claim) <= found.uncertainty < lost.uncertainty / 10


def test_between_jumps_is_silent():
    """Where f is sharp, is rounded by less than a part of itself, or stands still between its jumps."""
    assert between_jumps(*on_the_sine()) is None
    look, lost = looked_at(lambda x: 1000 + rest(x), -np.floor(70 / X), X, k=int(np.argmin(X)), sigma=5.0)
    assert between_jumps(look, lost) is None
    look, lost = looked_at(lambda x: float(np.floor(300 * x[0])), np.array([300.0]), X[:1], sigma=5.0)
    assert between_jumps(look, lost) is None
    look, lost = looked_at(rest, -np.floor(70 / X), X, k=int(np.argmin(X)), sigma=5.0)
    look.tested.experience.rounded = True  # as another entry showed: the noise is that of its stairs
    assert between_jumps(look, lost) is None
