"""Is a softmax tested by more than the sum of its outputs?

They sum to 1, so that sum(y) has the gradient zero, and the backward that forgets the sum, s dy (1 - s), the diagonal
of the Jacobian alone, is seen only by other cotangents.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(4, 3)


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def back(x, dy):
    s = softmax(x)
    return s * (dy - (s * dy).sum(1, keepdims=True))


def large(x):
    return 1e8 * (1 + np.sum(softmax(x)))


CASES = [
    right("the whole Jacobian", softmax, x, vjp=back),
    wrong("its diagonal", softmax, x, vjp=lambda x, dy: softmax(x) * (1 - softmax(x)) * dy),
    right(
        "summed",
        lambda x: np.sum(softmax(x)),
        x,
        grad=lambda x: back(x, np.ones_like(x)),
        verdict="CORRECT or UNDECIDED or UNTESTED",
    ),
    right(
        "summed, and enlarged until rounding shows",
        large,
        x,
        grad=lambda x: 1e8 * back(x, np.ones_like(x)),
        verdict="CORRECT or UNDECIDED or UNTESTED",
    ),
    right(
        "summed, over two steps of the chain rule",
        lambda x: large(10 * np.sin(x)),
        x,
        grad=lambda x: 1e8 * back(10 * np.sin(x), np.ones_like(x)) * 10 * np.cos(x),
        verdict="CORRECT or UNDECIDED or UNTESTED",
    ),
]
