"""Is a function found that changes what an array is, and not the numbers in it?

`x.shape = (3, 1)` leaves the numbers alone, but the caller has another array afterwards.
"""

import numpy as np

from traps import neither, normal, right, wrong


def f(x):
    return np.sum(x**2)


def twice(x):
    return 2 * x


def shape(x):
    x.shape = (3, 1)
    return f(x)


def frozen(x):
    x.flags.writeable = False
    return f(x)


def size(x):
    x.resize(5, refcheck=False)
    return f(x)


def dtype(x):
    x.dtype = np.int64
    return float(np.sum(x >> 60))


def own(x):
    x = x.view()
    x.shape = (3, 1)
    return f(x)


def dshape(x):
    x.shape = (3, 1)
    return 2 * x.ravel()


HOWS = {"shape": shape, "flags": frozen, "size": size, "dtype": dtype}

CASES = [
    right("a view of its own", own, normal(3), grad=twice),
    *(neither(name, how, normal(3), grad=twice, verdict="BROKEN") for name, how in HOWS.items()),
    neither("in float32", shape, normal(3).astype(np.float32), grad=twice, verdict="BROKEN"),
    neither("in a dict", lambda p: shape(p["x"]), {"x": normal(3)}, grad=lambda p: {"x": 2 * p["x"]}, verdict="BROKEN"),
    wrong("in the gradient", f, normal(3), grad=dshape, verdict="BROKEN"),
    wrong("a view of its own, 1 % off", own, normal(3), grad=lambda x: 2.02 * x),
]
