"""Does an entry that oscillates fast seem not to move the function? Over many of its waves it does not.

A phase, a sine or a zigzag of numbers near 1e9 has thousands of waves within any usual step, and steps that are powers
of two go over whole periods of a remainder: f stands still, or its mean slope is zero. A claim is judged by the slope
on the wave, or between the jumps of a remainder; one that forgets it is not right because the mean is zero.
"""

import numpy as np

from traps import neither, normal, right, times, wrong

X, DAYS = 1e9 * normal(5), 1e6 * normal(5)
FAR, FARTHER, FARTHEST = (1e10 * np.random.default_rng(seed).normal(size=5) for seed in (0, 6, 4))
MANY = 1e6 * normal(40)
MIXED = MANY * np.array([1.0] * 10 + [100.0] * 20 + [1.0] * 10)
KEPT = np.array([1.0, 1, 0, 1, 1])


def phases(x):
    return float(np.sum(x % 1.0))


def phases_late(x):
    return 1e4 + phases(x)


def tail(x):
    return float(np.sum(x[:10]) + np.sum(x[30:] % 1.0))


def tail_slope(_):
    return np.array([1.0] * 10 + [0.0] * 20 + [1.0, 1.0, 1.0, 0.0] + [1.0] * 6)


def squares(x):
    return float(np.sum((x % 7) ** 2))


def zigzag(x):
    return float(np.sum(np.abs(x % 2 - 1)))


def zigzag_slope(x):
    return np.sign(x % 2 - 1)


def waves(x):
    return float(np.sum(np.sin(x) ** 2))


def waves_slope(x):
    return np.sin(2 * x)


def wrapped(x):
    return float(np.sum(np.abs(np.sin(x))))


def wrapped_slope(x):
    return np.sign(np.sin(x)) * np.cos(x)


CASES = [
    right("phases", phases, DAYS, grad=np.ones_like),
    right("phases of larger numbers", phases, X, grad=np.ones_like),
    right("phases beside a constant", phases_late, DAYS, grad=np.ones_like),
    right("phases, squared", squares, DAYS, grad=lambda x: 2 * (x % 7)),
    right("a zigzag", zigzag, X, grad=zigzag_slope),
    right("waves", waves, X, grad=waves_slope),
    right("waves with kinks", wrapped, X, grad=wrapped_slope),
    wrong("phases, one forgotten", phases, DAYS, grad=lambda _: KEPT, named=("x[2]",)),
    wrong("phases of larger numbers, one forgotten", phases, X, grad=lambda _: KEPT, named=("x[2]",)),
    wrong("phases, squared, one forgotten", squares, DAYS, grad=lambda x: 2 * (x % 7) * KEPT, named=("x[2]",)),
    wrong("phases, one 2 % off", phases, DAYS, grad=times(1 + 0.02 * (1 - KEPT), np.ones_like), named=("x[2]",)),
    wrong("a zigzag, one forgotten", zigzag, X, grad=times(KEPT, zigzag_slope), named=("x[2]",)),
    wrong("waves, one forgotten", waves, X, grad=times(KEPT, waves_slope), named=("x[2]",)),
    wrong("waves with kinks, one forgotten", wrapped, X, grad=times(KEPT, wrapped_slope), named=("x[2]",)),
    wrong("phases of many, one forgotten", phases, MANY, grad=lambda _: 1.0 * (np.arange(40) != 3), named=("x[3]",)),
    wrong("phases of 1e10, one forgotten", phases, FARTHEST, grad=lambda _: KEPT, named=("x[2]",)),
    wrong("waves of 1e10, one forgotten", waves, FAR, grad=times(KEPT, waves_slope), named=("x[2]",)),
    right("waves with kinks, of 1e10", wrapped, FARTHER, grad=wrapped_slope, verdict="CORRECT or UNDECIDED"),
    right("phases of 1e8, squared", squares, X / 10, grad=lambda x: 2 * (x % 7), verdict="CORRECT or UNDECIDED"),
    wrong("numbers, some unused, and phases, one forgotten", tail, MIXED, grad=tail_slope, named=("x[33]",)),
    wrong("waves, all forgotten", waves, X, grad=np.zeros_like, verdict="WRONG or UNDECIDED"),
    neither(
        "phases beside a constant, all forgotten", phases_late, DAYS, grad=np.zeros_like, verdict="WRONG or UNDECIDED"
    ),
]
