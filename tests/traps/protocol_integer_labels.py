"""Are integer labels left alone, and what goes with them checked?

Cross-entropy takes logits and labels: labels cannot be moved by a little, and have no gradient.
"""

import numpy as np

from traps import normal, right, wrong

x, labels = normal(6, 4), np.array([0, 3, 1, 1, 2, 0])


def softmax(x):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def f(x, labels):
    return -np.mean(np.log(softmax(x)[np.arange(6), labels]))


def df(x, labels):
    return (softmax(x) - np.eye(4)[labels]) / 6


CASES = [
    right("the gradient of the logits", f, x, labels, grad=df),
    right("None for the labels", f, x, labels, grad=lambda x, labels: (df(x, labels), None)),
    wrong("the mean forgotten", f, x, labels, grad=lambda x, labels: 6 * df(x, labels)),
    wrong("labels one off", f, x, labels, grad=lambda x, labels: df(x, (labels + 1) % 4)),
]
