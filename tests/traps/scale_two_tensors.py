"""Is a wrong tensor found beside one that is a million times larger?

A tolerance relative to the whole gradient, or a projection on a random direction, sees only the larger of two tensors;
and the values of f themselves are rounded to the size of the larger one.
"""

import numpy as np

from traps import normal, right, wrong

large, small = {"A": 1e6 * normal(4), "B": normal(4, seed=1)}, {"A": normal(4), "B": normal(4, seed=1)}


def linear(p):
    return np.sum(p["A"]) + np.sum(np.sin(p["B"]))


def squares(p):
    return np.sum(p["A"] ** 2) + np.sum(p["B"] ** 2)


def steep(p):
    return 1e6 * np.sum(np.sin(p["B"])) + np.sum(np.sin(p["A"]))


CASES = [
    right("entries a million times larger", linear, large, grad=lambda p: {"A": np.ones(4), "B": np.cos(p["B"])}),
    wrong("squares, the small one 10 % off", squares, large, grad=lambda p: {"A": 2 * p["A"], "B": 2.2 * p["B"]}),
    right(
        "slopes a million times larger", steep, small, grad=lambda p: {"A": np.cos(p["A"]), "B": 1e6 * np.cos(p["B"])}
    ),
    wrong(
        "slopes a million times larger, the small one 1 % off",
        steep,
        small,
        grad=lambda p: {"A": 1.01 * np.cos(p["A"]), "B": 1e6 * np.cos(p["B"])},
    ),
]
