"""Do random draws, and whole numbers beside what is moved, get in each other's way?

Whether a whole number is a parameter is found out by calls, as is a direction's slope: if each of them draws other
numbers, the function seems not to take a float in the place of 3, and to jump wherever it is asked.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def draw():
    return np.random.random(5)  # noqa: NPY002  the very thing


def f(p):
    return p["c"] ** 2 * np.sum(np.sin(p["x"]) * draw())


def df(p):
    u = draw()
    return {"x": p["c"] ** 2 * np.cos(p["x"]) * u, "c": 2 * p["c"] * np.sum(np.sin(p["x"]) * u)}


def but(**by):
    return lambda p: {name: slope * by.get(name, 1) for name, slope in df(p).items()}


def one(x):
    return np.sum(np.sin(x) * draw())


def done(x):
    return np.cos(x) * draw()


POINT = {"x": x, "c": 3, "kind": "sine"}
CASES = [
    right("a count among them", f, POINT, grad=df),
    right("along a direction", one, x, grad=done, along="random"),
    wrong("a count, 1 % off", f, POINT, grad=but(c=1.01), named=("c",)),
    wrong("a count, the other sign", f, POINT, grad=but(c=-1.0), named=("c",)),
    wrong("along a direction, 1 % off", one, x, grad=lambda x: 1.01 * done(x), along="random"),
]
