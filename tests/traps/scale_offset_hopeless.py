"""Is it admitted that a slope below the last digit cannot be seen?

f = 1e6 + 1e-12 sum sin x does not move at all: the last digit of 1e6 is worth 1e-10. Whatever is claimed, function
values cannot tell.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def f(x):
    return 1e6 + 1e-12 * np.sum(np.sin(x))


CASES = [
    right("the cosine", f, x, grad=lambda x: 1e-12 * np.cos(x), verdict="UNDECIDED"),
    wrong("twice the cosine", f, x, grad=lambda x: 2e-12 * np.cos(x), verdict="UNDECIDED"),
]
