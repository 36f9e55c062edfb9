"""Is it said how little a check has seen?

f = 1e6 + 1e-5 sum sin x leaves few digits of the slope: an error of 0.1 % cannot be told from rounding, one of 3 % can.
What was seen to less than 1 % of the entry is undecided, and so is what `rtol` asks to be known better than that.
"""

import numpy as np

from traps import normal, right, times, wrong

x = normal(5)


def f(x):
    return 1e6 + 1e-5 * np.sum(np.sin(x))


def blunter(x):
    return 1e6 + 1e-8 * np.sum(np.sin(x))


def df(x):
    return 1e-5 * np.cos(x)


CASES = [
    right("the cosine", f, x, grad=df),
    right("the cosine, to a part in a billion", f, x, grad=df, rtol=1e-9, verdict="UNDECIDED"),
    right("a thousand times smaller", blunter, x, grad=lambda x: 1e-3 * df(x), verdict="UNDECIDED"),
    wrong("3 % off", f, x, grad=times(1.03, df)),
    wrong("a thousand times smaller, 3 % off", blunter, x, grad=lambda x: 1.03e-3 * df(x), verdict="UNDECIDED"),
]
