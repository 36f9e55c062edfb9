"""Is a shift that a softmax or a mean takes off said to be untested, where nothing else is a parameter?

Its gradient is a sum that cancels: 1e-16, and not zero. It is the same wherever the shift differs in its last digits,
and another number where those of what comes from above do: that it is rounding, and no slope, shows there.
"""

import numpy as np

from traps import normal, right, wrong

a, shift = normal(7, 3), np.array([0.3, -1.0, 2.0])


def softmax(b):
    e = np.exp(a + b - (a + b).max(axis=0))
    return e / e.sum(axis=0)


def back(b, u):
    s = softmax(b)
    return (s * (u - (s * u).sum(axis=0))).sum(axis=0)


def centred(b):
    return a + b - (a + b).mean(axis=0)


def sum_taken_off(b, u):
    return (u - u.mean(axis=0)).sum(axis=0)


CASES = [
    right("before a softmax", softmax, shift, vjp=back, verdict="UNTESTED"),
    right("before a mean is taken off", centred, shift, vjp=sum_taken_off, verdict="UNTESTED"),
    wrong("the sum of the softmax forgotten", softmax, shift, vjp=lambda b, u: (softmax(b) * u).sum(axis=0)),
    wrong("a trace too much", centred, shift, vjp=lambda b, u: sum_taken_off(b, u) + 1e-9 * u[0]),
]
