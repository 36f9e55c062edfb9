"""Is one part in a hundred thousand found where the steps that the noise allows reach across kinks?

A million beside the loss takes ten digits, so that only long steps tell anything; among a few dozen ReLUs these cross
some of their kinks, and a whole ladder cannot tell its finer rungs from kinked ones by its own steps. Short ladders
below the kink, at three sets of steps that agree with one another, can.
"""

import numpy as np

from traps import right, wrong

rng = np.random.default_rng(105)
inputs, weights, targets = rng.standard_normal((8, 12)), rng.standard_normal(12) / 12, rng.standard_normal(8)
bias = rng.standard_normal(12) * 0.3
examples, row = [*zip(inputs.tolist(), targets.tolist(), strict=True)], weights.tolist()


def f(b):
    """Add up in plain Python: in the same order, and to the same last digit, on every machine."""
    total = 0.0
    for x, y in examples:
        error = -y
        for xi, bi, wi in zip(x, b.tolist(), row, strict=True):
            error += max(xi + bi, 0.0) * wi
        total += error * error
    return 1e6 + total / 8


def df(b):
    z = inputs + b
    error = np.maximum(z, 0) @ weights - targets
    return ((error / 4)[:, None] * weights * (z > 0)).sum(axis=0)


def off(b):
    gradient = df(b)
    gradient[5] *= 1 + 1e-5
    return gradient


CASES = [
    wrong("1e-5 off in one bias", f, bias, grad=off, neighbours=0, named=("b[5]",)),
    right("right", f, bias, grad=df, neighbours=0, verdict="CORRECT or KINK"),
]
