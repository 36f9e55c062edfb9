"""Does a jump far away hide an error of 1 % nearby?

A cutoff, an angle that is wrapped, a solver that diverges at half the parameter: f jumps within reach of the steps, but
by so much, and so far away, that it is nothing of which a slope here could be a part.
"""

import numpy as np

from traps import right, times, wrong


def wrapped(x):
    return np.sin(((x + np.pi) % (2 * np.pi) - np.pi) / 2)


def half_cosine(x):
    return np.cos(x / 2) / 2


def cut(r):
    return 4 * (r**-12 - r**-6) if r < 2.5 else 0.0


def force(r):
    return 4 * (6 * r**-7 - 12 * r**-13)


def diverging(a):
    return np.sqrt(a) if a > 1.2 else 7.0


def root(a):
    return 0.5 / np.sqrt(a)


CASES = [
    right("a wrapped angle", wrapped, 3.0, grad=half_cosine),
    wrong("a wrapped angle, 1 % off", wrapped, 3.0, grad=times(1.01, half_cosine)),
    right("a cutoff", cut, 2.2, grad=force),
    wrong("a cutoff, 1 % off", cut, 2.2, grad=times(1.01, force)),
    right("gives up at half", diverging, 2.3, grad=root),
    wrong("gives up at half, 1 % off", diverging, 2.3, grad=times(1.01, root)),
    wrong("gives up at half, 1e-4 off", diverging, 2.3, grad=times(1.0001, root)),
]
