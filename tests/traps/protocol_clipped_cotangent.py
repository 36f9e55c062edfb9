"""Is a backward found that clips what comes from above?

For cotangents within [-1, 1] it is right, and sum(y) sends 1: a check of the sum passes. In a network the loss may
send anything. The backward must be linear in its cotangent.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def f(x):
    return 3 * np.sin(x)


def back(limit):
    return lambda x, dy: 3 * np.clip(dy, -limit, limit) * np.cos(x)


CASES = [
    right("not clipped", f, x, vjp=back(np.inf)),
    *(wrong(f"to {limit}", f, x, vjp=back(limit)) for limit in (1, 10, 1000)),
]
