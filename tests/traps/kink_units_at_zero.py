"""Is a layer of ReLUs whose units are all at zero judged by what the rule of each unit makes of it?

At an input of zeros, or in padding of zeros, a unit without a bias is at its kink. The gradient that frameworks claim
there, with a slope of zero for each unit, is mostly none that f has nearby, nor between the slopes of its sides.
"""

import numpy as np

from traps import neither, normal, wrong

W, v, zero = normal(16, 3, seed=2), normal(16, seed=52), np.zeros(3)


def net(x):
    return v @ np.maximum(W @ x, 0)


def with_slope(at_zero):
    return lambda x: W.T @ (v * np.heaviside(W @ x, at_zero))


def sizes(x):
    return v @ np.abs(W @ x)


def leaky(x):
    return v @ np.where(W @ x > 0, W @ x, 0.1 * (W @ x))


def of_leaky(at_zero):
    return lambda x: W.T @ (v * np.where(W @ x > 0, 1, np.where(W @ x < 0, 0.1, at_zero)))


CASES = [
    neither("of a leaky one by a condition, slope 1/10", leaky, zero, grad=of_leaky(0.1)),
    wrong("of a leaky one by a condition, slope 0", leaky, zero, grad=of_leaky(0.0)),
    neither("slope 0", net, zero, grad=with_slope(0.0)),
    neither("slope 1", net, zero, grad=with_slope(1.0)),
    neither("slope 1/2", net, zero, grad=with_slope(0.5)),
    neither("of absolute values, slope 1", sizes, zero, grad=lambda x: W.T @ (v * np.where(W @ x >= 0, 1, -1))),
    wrong("slope 2", net, zero, grad=with_slope(2.0)),
    wrong("twice", net, zero, grad=lambda x: 2 * with_slope(1.0)(x)),
    wrong("right at zero, wrong nearby", net, zero, grad=lambda x: W.T @ (v * (W @ x < 0))),
    wrong(
        "of absolute values, slope 2", sizes, zero, grad=lambda x: W.T @ (v * np.where(W @ x == 0, 2, np.sign(W @ x)))
    ),
]
