"""Is a number handed on as what it is?

A function may ask whether it is of Python or of NumPy, also of those in a list, and do something else with the other.
"""

import numpy as np

from traps import right, wrong


def of_type(kind):
    return lambda x: x * x if type(x) is kind else 5 * x


def in_list(x):
    return sum(v * v for v in x) if all(type(v) is float for v in x) else 0.0


def twice(x):
    return [2 * v for v in x] if type(x) is list else 2 * x


CASES = [
    right("asks whether it is of Python", of_type(float), 1.2, grad=twice),
    right("asks whether it is of NumPy", of_type(np.float64), np.float64(1.2), grad=twice),
    right("asks whether those in a list are", in_list, [1.2, -0.3], grad=twice),
    wrong("asks whether it is of Python, for another", of_type(np.float64), 1.2, grad=twice),
]
