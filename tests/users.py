"""What does a user write? A function, its gradient, and one that is wrong in one entry: text for other processes."""

from __future__ import annotations

CUBES = """
import numpy as np

X = np.array([0.5, -1.5, 2.5])


def cube(x):
    return float((x**3).sum())


def right(x):
    return 3 * x**2


def twice(x):
    return 3 * x**2 * np.array([1, 2, 1])
"""
