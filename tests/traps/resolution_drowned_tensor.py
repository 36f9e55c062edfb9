"""Is nothing said to be right of a tensor that nothing was seen of?

Where another tensor moves f 1e13 times more, a small gradient looks like zero, right or wrong: it was not tested. The
bias before a mean that is taken off has no gradient but rounding, and is known to have none.
"""

import numpy as np

from traps import normal, right, wrong

HIDDEN = "UNTESTED or UNDECIDED"
p = {"A": normal(6), "B": normal(6, seed=1)}


def drowned(by):
    return lambda p: by * np.sum(np.sin(p["A"])) + np.sum(np.sin(p["B"]))


def gradient(by, factor=1.0):
    return lambda p: {"A": by * np.cos(p["A"]), "B": factor * np.cos(p["B"])}


CASES = [
    right("by 1e6", drowned(1e6), p, grad=gradient(1e6)),
    wrong("by 1e6, 1 % off", drowned(1e6), p, grad=gradient(1e6, 1.01)),
    right("by 1e16", drowned(1e16), p, grad=gradient(1e16), verdict=HIDDEN),
    wrong("by 1e16, twice too large", drowned(1e16), p, grad=gradient(1e16, 2.0), verdict=HIDDEN),
    wrong("by 1e16, forgotten", drowned(1e16), p, grad=gradient(1e16, 0.0), verdict=HIDDEN),
    wrong("by 1e13, forgotten", drowned(1e13), p, grad=gradient(1e13, 0.0), verdict=f"WRONG or {HIDDEN}"),
    right(
        "a bias before its mean is taken off",
        lambda x, b: x + b - (x + b).mean(axis=0),
        normal(3, 2),
        normal(2),
        vjp=lambda x, b, u: (u - u.mean(axis=0), (u - u.mean(axis=0)).sum(axis=0)),
        verdict="CORRECT or UNTESTED",
    ),
]
