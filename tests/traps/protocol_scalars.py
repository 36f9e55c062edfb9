"""Are numbers without an axis moved at all?

A 0-d array, a NumPy scalar and a Python float: `x[k] += h` fails on the first, is lost on the others. Each is handed
on as what it is: a function may ask for the type of a number, also of those in a list.
"""

import numpy as np

from traps import right, times, wrong


def f(x):
    return np.sin(x)


POINTS = {
    "0-d array": np.array(1.2),
    "NumPy scalar": np.float64(1.2),
    "Python float": 1.2,
    "one entry": np.array([1.2]),
}


def total(x):
    return np.sum(np.sin(x))


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
    *(right(name, total, x, grad=np.cos) for name, x in POINTS.items()),
    *(wrong(f"{name}, 1 % off", total, x, grad=times(1.01, np.cos)) for name, x in POINTS.items()),
]
