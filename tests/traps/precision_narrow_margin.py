"""Is a right gradient accused by accident, where what is measured is off by little more than it says?

A bound that holds but for one entry in some thousands is broken somewhere in a large suite: other steps, which are off
by something else, are asked before an accusation by a narrow margin.
"""

import numpy as np

from traps import normal, right, times, wrong


def softplus(x):
    return np.sum(np.log1p(np.exp(50 * x)))


def softplus_slope(x):
    return 50 / (1 + np.exp(-50 * x))


def exponential(x):
    return 100 + float(np.sum(np.exp(x.astype(np.float32))))


def bounded(x):
    return float(np.sum(np.tanh(x.astype(np.float32))))


def bounded_slope(x):
    return 1 / np.cosh(x) ** 2


CASES = [
    *(
        right(f"softplus of fifty times x ({n})", softplus, normal(8, seed=n), grad=softplus_slope, neighbours=0)
        for n in (22, 309)
    ),
    *(
        right(
            f"a sum in single precision under an offset ({n})",
            exponential,
            normal(8, seed=n),
            grad=np.exp,
            neighbours=0,
            verdict="CORRECT or UNDECIDED",
        )
        for n in (70, 427, 468)
    ),
    right("tanh in single precision (85)", bounded, normal(8, seed=85), grad=bounded_slope, neighbours=0),
    wrong("softplus, 1 % off", softplus, normal(8, seed=22), grad=times(1.01, softplus_slope)),
    wrong("a sum in single precision, twice", exponential, normal(8, seed=70), grad=times(2.0, np.exp)),
]
