"""Is max-pooling over equal pixels judged as a kink, and over others as a selection?

A picture has areas of one colour: all four pixels of a window tie. The usual backward sends all to the first.
"""

import numpy as np

from traps import neither, normal, right, wrong

flat, rough = np.ones((4, 4)), normal(4, 4)
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


CASES = [
    neither("equal pixels, the first takes all", f, flat, grad=df(np.argmax)),
    right("the largest takes all", f, rough, grad=df(np.argmax)),
    wrong("the smallest takes all", f, rough, grad=df(np.argmin)),
    wrong("window and pixel mixed up", f, rough, grad=lambda x: df(np.argmax)(x).T),
]
