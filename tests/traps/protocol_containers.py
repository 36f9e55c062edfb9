"""Is the gradient of a list, a tuple, a dict of dicts taken apart as the point is?

Names are paths. A swap of two arrays of the same shape is seen by their values alone.
"""

import numpy as np

from traps import normal, right, wrong

A, B = normal(3, 3), normal(3, 3, seed=1)


def f(p):
    return np.sum(np.sin(p[0] @ p[1]))


def df(p):
    d = np.cos(p[0] @ p[1])
    return [d @ p[1].T, p[0].T @ d]


def nested(p):
    return f([p["layer"]["W"], p["head"]["W"]])


def dnested(p):
    first, second = df([p["layer"]["W"], p["head"]["W"]])
    return {"layer": {"W": first}, "head": {"W": second}}


def bowl(w):
    return np.sum(w**2), 2 * w


CASES = [
    right("a list", f, [A, B], grad=df),
    right("a tuple", f, (A, B), grad=lambda p: tuple(df(p))),
    right("a dict of dicts", nested, {"layer": {"W": A}, "head": {"W": B}}, grad=dnested),
    wrong("a list, swapped", f, [A, B], grad=lambda p: df(p)[::-1]),
    right("value and gradient", bowl, A[0], value_and_grad=True),
    wrong("value and gradient, 1 % off", lambda w: (bowl(w)[0], 2.02 * w), A[0], value_and_grad=True),
]
