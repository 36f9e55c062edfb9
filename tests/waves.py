"""A function of an array, its gradient, and one that is off in an entry: what workers are given to share."""

from __future__ import annotations

import numpy as np

X = np.random.default_rng(0).standard_normal((9, 8))


def waves(x):
    return float(np.sin(x).sum())


def slope(x):
    return np.cos(x)


def one_off(x):
    d = np.cos(x)
    d[4, 5] *= 1.001
    return d
