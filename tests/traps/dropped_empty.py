"""Is an empty array beside others passed over? It has nothing to differentiate, and the others have."""

import numpy as np

from traps import normal, right, times, wrong

x, nothing = normal(4), np.zeros((0, 3))


def f(x, e):
    return np.sum(np.sin(x)) + np.sum(e)


def df(x, e):
    return np.cos(x)


CASES = [
    right("nothing claimed for it", f, x, nothing, grad=df),
    right("an empty gradient", f, x, nothing, grad=lambda x, e: (df(x, e), e)),
    right("in a dict", lambda p: f(p["x"], p["e"]), {"x": x, "e": nothing}, grad=lambda p: {"x": np.cos(p["x"])}),
    wrong("1 % off beside it", f, x, nothing, grad=times(1.01, df)),
]
