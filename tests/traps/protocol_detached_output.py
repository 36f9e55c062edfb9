"""Is a second output found that was cut off by mistake?

f returns two arrays, and the backward uses the cotangent of one. A check of the first output alone passes.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5)


def f(x):
    return np.sin(x), x**2


CASES = [
    right("both", f, x, vjp=lambda x, dy: dy[0] * np.cos(x) + dy[1] * 2 * x),
    wrong("the second detached", f, x, vjp=lambda x, dy: dy[0] * np.cos(x)),
    wrong("the two mixed up", f, x, vjp=lambda x, dy: dy[1] * np.cos(x) + dy[0] * 2 * x),
]
