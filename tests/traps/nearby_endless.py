"""Is an iteration looked at where it never ends, a root of a negative number among neighbours?

What is raised outside of the domain of a function makes a neighbour none; what never returns makes the check hang. One
number or two of a sign are parameters, and stay what they are, unless they are not seen to move the function at all.
"""

import numpy as np

from traps import neither, right, wrong

ROUNDS = 1000  # of an iteration that never ends, after which whoever runs it has had enough


def root(a):
    """Return the square root by Newton's method."""
    y, rounds = 1.0, 0
    while abs(y * y - a) > 1e-12:
        y, rounds = (y + a / y) / 2, rounds + 1
        if rounds > ROUNDS:
            raise TimeoutError(a)
    return y


def roots(x):
    return sum(map(root, x))


def slopes(factor):
    return lambda x: factor / (2 * np.sqrt(x))


def of_data(a, x):
    return root(a[0]) * np.sum(x**2)


def of_data_pulled(factor):
    return lambda a, x: (np.sum(x**2) / (2 * np.sqrt(a)), factor * 2 * root(a[0]) * x)


def relu(x):
    return float(np.sum(np.maximum(x, 0.0)))


x = np.array([0.5, 2.0, 1.0, 3.0])
CASES = [
    right("a root", root, 2.0, grad=slopes(1.0)),
    right("a root of an array", roots, np.array([2.0]), grad=slopes(1.0)),
    right("two roots", roots, np.array([2.0, 0.3]), grad=slopes(1.0)),
    right("a root beside data", of_data, np.array([2.0]), x, grad=of_data_pulled(1.0)),
    right("a dead ReLU", relu, np.array([-2.0]), grad=lambda x: 1.0 * (x > 0)),
    wrong("a root, twice", root, 2.0, grad=slopes(2.0)),
    wrong("two roots, twice", roots, np.array([2.0, 0.3]), grad=slopes(2.0)),
    wrong("a root beside data, half of these", of_data, np.array([2.0]), x, grad=of_data_pulled(0.5)),
    neither(
        "a dead ReLU, the sign where it lives",
        relu,
        np.array([-2.0]),
        grad=lambda x: -1.0 * (x > 0),
        verdict="UNTESTED",
    ),
    wrong(
        "data, as if all were positive",
        lambda a, x: a * np.sum(np.abs(x)),
        2.0,
        x,
        grad=lambda a, x: (x.sum(), a + 0 * x),
    ),
]
