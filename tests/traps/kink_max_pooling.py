"""Is max-pooling over equal pixels judged as a kink, and over others as a selection?

A picture has areas of one colour: all four pixels of a window tie. The usual backward sends all to the first; one that
compares with the largest sends it to all four.
"""

import numpy as np

from traps import neither, normal, right, wrong

flat, rough = np.ones((4, 4)), normal(4, 4)
WINDOW = ("x[2,0]", "x[2,1]", "x[3,0]", "x[3,1]")
weights = np.array([[1.0, 2.0], [-0.5, 3.0]])


def windows(x):
    return x.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(2, 2, 4)


def f(x):
    return np.sum(weights * windows(x).max(-1))


def df(choose, size=4):
    def back(x):
        chosen = np.eye(size)[choose(windows(x), -1)] * weights[..., None]
        return chosen.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)

    return back


def to_all_of(row, column):
    """Return the gradient that sends what one window got to all of its pixels."""

    def back(x):
        shares = np.eye(4)[np.zeros((2, 2), int)]
        shares[row, column] = 1
        return (shares * weights[..., None]).reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)

    return back


CASES = [
    neither("equal pixels, the first takes all", f, flat, grad=df(np.argmax)),
    wrong("equal pixels, all of one window take all", f, flat, grad=to_all_of(1, 0), named=WINDOW),
    right("the largest takes all", f, rough, grad=df(np.argmax)),
    wrong("the smallest takes all", f, rough, grad=df(np.argmin)),
    wrong("window and pixel mixed up", f, rough, grad=lambda x: df(np.argmax)(x).T),
]
