"""Is the slope at small steps the slope, where a part of the function is computed in single precision?

Over steps smaller than the stairs of single precision that part stands still, and the rest moves without any noise: the
slope of the rest alone looks certain. Coarse steps show the slope of the whole, to what single precision knows.
"""

import numpy as np

from traps import normal, right, wrong

w = np.arange(1.0, 6.0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gated(x):
    return np.sum(x * sigmoid(x.astype(np.float32)).astype(np.float64))


def gated_slope(x):
    s = sigmoid(x)
    return s + x * s * (1 - s)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def residual(x):
    return np.sum(w * (x + softmax(x.astype(np.float32)).astype(np.float64)))


def residual_slope(x):
    return w + softmax(x) * (w - w @ softmax(x))


CASES = [
    right("x times the sigmoid of a float32", gated, normal(5), grad=gated_slope),
    *(right(f"the same, elsewhere ({n})", gated, normal(5, seed=n), grad=gated_slope) for n in (3, 17, 18, 28, 32)),
    wrong("the gate taken for a constant", gated, normal(5, seed=3), grad=sigmoid),
    wrong("the gate taken for a constant, at the edge of a stair", gated, normal(5, seed=4), grad=sigmoid),
    wrong("a tenth off in one entry", gated, normal(5, seed=3), grad=lambda x: gated_slope(x) * [1, 1, 1, 1.1, 1]),
    right("a residual beside a softmax", residual, normal(5, seed=3), grad=residual_slope),
    wrong("the residual alone", residual, normal(5, seed=3), grad=lambda x: w + 0 * x),
    right(
        "a part in half precision",
        lambda x: np.sum(x + np.sin(x.astype(np.float16)).astype(float)),
        normal(4),
        grad=lambda x: 1 + np.cos(x),
        verdict="CORRECT or UNDECIDED",
    ),
    wrong(
        "a part in half precision, forgotten",
        lambda x: np.sum(x + np.sin(x.astype(np.float16)).astype(float)),
        normal(4),
        grad=np.ones_like,
    ),
]
