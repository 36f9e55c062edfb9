"""Does a function get containers of its own at every call?

`p["b"] = np.clip(p["b"], -9, 9)` changes no array, but the dict: if the next call gets that dict, it is given the
clipped array, which nobody moves. A right gradient would be wrong, and a zero gradient right.
"""

from collections import OrderedDict, UserDict

import numpy as np

from traps import normal, right, wrong

A, B = normal(3), normal(3, seed=1)


def f(p):
    return np.sum(p["a"] * p["b"] ** 2)


def df(p):
    return {"a": p["b"] ** 2, "b": 2 * p["a"] * p["b"]}


def rebinding(p):
    p["b"] = np.clip(p["b"], -9, 9)
    return f(p)


def popping(p):
    return np.sum(p.pop("a") * p["b"] ** 2)


def adding(p):
    p["c"] = p["a"] * 2
    return f(p)


def popped(p):
    a, b = p.pop("a"), p.pop("b")
    return {"a": b**2, "b": 2 * a * b}


def written(p):
    p.update(df(p))
    return p


def in_a_list(p):
    p[1] = np.tanh(p[1])
    p.append(p[0])
    return np.sum(p[0] * p[1])


def nested(p):
    p["enc"]["W"] = 2 * p["enc"]["W"]
    return np.sum(p["enc"]["W"] ** 2) + p["sizes"].pop()


def setting(x, config):
    return np.sum(x ** config.pop("power"))


POINT = {"a": A, "b": B}


def zero(p):
    return df(p) | {"b": 0 * p["b"]}


CASES = [
    right("an entry replaced", rebinding, POINT, grad=df),
    right("an entry taken out", popping, POINT, grad=df),
    right("an entry added", adding, POINT, grad=df),
    right("in an OrderedDict", rebinding, OrderedDict(POINT), grad=df),
    right("in a UserDict", rebinding, UserDict(POINT), grad=df),
    right("taken out by the gradient", f, POINT, grad=popped),
    right("written to by the gradient", f, POINT, grad=written),
    right("in a list", in_a_list, [A, B], grad=lambda p: [np.tanh(p[1]), p[0] * (1 - np.tanh(p[1]) ** 2)]),
    right(
        "in a dict of dicts", nested, {"enc": {"W": A}, "sizes": [1]}, grad=lambda p: {"enc": {"W": 8 * p["enc"]["W"]}}
    ),
    right("in a dict of settings", setting, A, {"power": 3}, grad=lambda x, config: 3 * x**2),
    wrong("an entry replaced, zero", rebinding, POINT, grad=zero, named=("b[0]", "b[1]", "b[2]")),
    wrong("an entry taken out, zero", popping, POINT, grad=zero, named=("b[0]", "b[1]", "b[2]")),
    wrong("in a list, zero", in_a_list, [A, B], grad=lambda p: [np.tanh(p[1]), 0 * p[0]]),
    wrong(
        "in a dict of dicts, half",
        nested,
        {"enc": {"W": A}, "sizes": [1]},
        grad=lambda p: {"enc": {"W": 4 * p["enc"]["W"]}},
    ),
]
