"""Is a function looked at nearby that is defined for numbers of one sign, or near the given point alone?

A move of a fifth of a typical entry makes small numbers negative, and probabilities larger than one: a logarithm has no
value at any of such neighbours, and what zeros hide there stays hidden.
"""

import numpy as np

from traps import normal, right, wrong

mixed = np.array([1e-4, 5.0, 2.0, 3.0, 4e-3, 7.0, 1.0, 1e-5])
shares, labels = np.array([0.001, 0.2, 0.999, 0.5, 0.97]), np.array([0.0, 1, 1, 0, 1])
weights = {"v": mixed, "W": normal(8, 3), "out": np.zeros(3)}


def hidden(p):
    return np.sum(np.tanh(np.log(p["v"]) @ p["W"]) * p["out"]) + np.sum(np.log(p["v"]))


def back(slope):
    def df(p):
        h = np.tanh(np.log(p["v"]) @ p["W"])
        d = p["out"] * slope(h)
        return {"v": (p["W"] @ d + 1) / p["v"], "W": np.outer(np.log(p["v"]), d), "out": h}

    return df


def entropy(p):
    return -np.sum(labels * np.log(p) + (1 - labels) * np.log(1 - p))


def only_near(x):
    if np.max(np.abs(x - mixed)) > 1e-3:
        raise ValueError(x)
    return np.sum(x**2)


CASES = [
    right("logarithms, below zeros", hidden, weights, grad=back(lambda h: 1 - h**2)),
    wrong("logarithms, below zeros, the slope forgotten", hidden, weights, grad=back(np.ones_like)),
    right("an entropy", entropy, shares, grad=lambda p: (1 - labels) / (1 - p) - labels / p),
    wrong("an entropy, a sign", entropy, shares, grad=lambda p: -(1 - labels) / (1 - p) - labels / p),
    right("no neighbour has a value", only_near, mixed, grad=lambda x: 2 * x),
    wrong("no neighbour has a value, 1 % off", only_near, mixed, grad=lambda x: 2.02 * x),
]
