"""Is an entry that is left out of a gradient found though f stands still, on a stair of a bisection that stops early?

The others are claimed to have the slope over many stairs, and have it. A root t of t^3 + a t = b, found to 1e-2 or to
1e-6, has the slopes 1 / (3 t^2 + a) by b, and -t times that by a.
"""

import numpy as np

from traps import right, wrong


def root(a, b, tolerance):
    low, high = 0.0, 2.0
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (low, middle) if middle**3 + a * middle > b else (middle, high)
    return (low + high) / 2


def square(tolerance):
    return lambda x: root(x[0], x[1], tolerance) ** 2 + np.sin(x[2])


def gradient(but=()):
    def claim(x):
        t = root(x[0], x[1], 1e-15)
        slope = 2 * t / (3 * t**2 + x[0])
        found = np.array([-t * slope, slope, np.cos(x[2])])
        found[list(but)] = 0
        return found

    return claim


def of_two(tolerance):
    return lambda a, b: root(a, b, tolerance) ** 2


def slopes(*which):
    return lambda a, b: tuple(s * k for s, k in zip(gradient()((a, b, 0.0))[:2], which, strict=True))


x, a, b = np.array([1.4023643249, 1.2900927394, 0.7288319226]), 1.41, 1.15

CASES = [
    *(
        wrong(f"to {tolerance:g}, {k} left out", square(tolerance), x, grad=gradient([k]), named=(f"x[{k}]",))
        for tolerance in (1e-2, 1e-4, 1e-6)
        for k in (0, 1)
    ),
    wrong("of two numbers, to 1e-2, the first left out", of_two(1e-2), a, b, grad=slopes(0, 1)),
    wrong("of two numbers, to 1e-5, the second left out", of_two(1e-5), a, b, grad=slopes(1, 0)),
    right("to 1e-2, right", square(1e-2), x, grad=gradient(), verdict="CORRECT or UNDECIDED"),
    right("to 1e-4, right", square(1e-4), x, grad=gradient()),
    right("to 1e-6, right", square(1e-6), x, grad=gradient()),
    right(
        "beside one that does not matter",
        lambda x: square(1e-6)(x) + 0 * x[3],
        np.append(x, 0.5),
        grad=lambda x: np.append(gradient()(x), 0.0),
    ),
]
