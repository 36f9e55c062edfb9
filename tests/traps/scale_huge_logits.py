"""Is a softmax checked at logits of a thousand?

log sum exp with the maximum taken out is finite at any logits, and without it infinite from 710 on. Where one logit is
far above the others its probability is 1, and the gradients of the others vanish.
"""

import numpy as np

from traps import neither, normal, right, times, wrong

x = 1000 + normal(6)


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def stable(x):
    return x.max() + np.log(np.sum(np.exp(x - x.max())))


def naive(x):
    return np.log(np.sum(np.exp(x)))


CASES = [
    right("the maximum taken out", stable, x, grad=softmax),
    wrong("the maximum taken out, 1 % off", stable, x, grad=times(1.01, softmax)),
    wrong("nan, as the naive way computes it", stable, x, grad=lambda x: np.exp(x) / np.sum(np.exp(x))),
    neither("overflows", naive, x, grad=softmax, verdict="BROKEN"),
    right("the naive way, just below", naive, x - 320, grad=softmax),
    right("far apart", stable, np.array([0.0, 50.0, -50.0]), grad=softmax, verdict="CORRECT or UNDECIDED"),
]
