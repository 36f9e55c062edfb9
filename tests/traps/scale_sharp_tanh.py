"""Is a slope seen that lives on a stretch of 1e-4?

tanh(1e4 x) at 0 rises with 1e4 and is flat again 3e-4 further on: the steps that suit most functions see a jump.
"""

import numpy as np

from traps import right, times, wrong

x = np.zeros(3)


def f(x):
    return np.sum(np.tanh(1e4 * x))


def df(x):
    return 1e4 / np.cosh(1e4 * x) ** 2


CASES = [
    right("1e4 / cosh^2", f, x, grad=df),
    wrong("1 % too large", f, x, grad=times(1.01, df)),
    wrong("without the inner derivative", f, x, grad=times(1e-4, df)),
]
