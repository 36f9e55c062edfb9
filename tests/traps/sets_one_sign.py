"""Is a gradient that is written for positive numbers accused where they are negative?

A length, a rate or a scale is positive, and a formula with |x| or a square root instead of x is right for it. It
is told from the forgotten branch of a leaky ReLU by the function: that has a kink, or bends otherwise, at 0.
"""

import numpy as np

from traps import normal, right, times, wrong

r, angle = np.abs(normal(5)) + 0.1, np.arange(5.0)


def polar(r):
    return np.stack([r * np.cos(angle), r * np.sin(angle)])


def polar_pulled(r, u):
    x, y = polar(r)
    return (u[0] * x + u[1] * y) / np.hypot(x, y)


def size(x):
    return float(np.sum(np.log(x * x)))


def softsign(x):
    return float(np.sum(x / (1 + np.abs(x))))


def cube(x):
    return float(np.sum(x**3))


CASES = [
    right("lengths of polar coordinates", polar, r, vjp=polar_pulled),
    right("the logarithm of a square, 2 / |x|", size, r, grad=lambda x: 2 / np.abs(x)),
    right("a cube, 3 x |x|", cube, r, grad=lambda x: 3 * x * np.abs(x)),
    right("a product by its logarithm", lambda x: float(np.prod(x)), r, grad=lambda x: np.abs(np.prod(x)) / np.abs(x)),
    wrong("the logarithm of a square, 1 / |x|", size, r, grad=lambda x: 1 / np.abs(x)),
    wrong("a cube, 2 % off", cube, r, grad=times(1.02, lambda x: 3 * x * np.abs(x))),
    wrong("a softsign, as if all were positive", softsign, r, grad=lambda x: 1 / (1 + x) ** 2),
    wrong("a leaky ReLU without its leak", lambda x: np.sum(np.maximum(x, 0.1 * x)), r, grad=np.ones_like),
]
