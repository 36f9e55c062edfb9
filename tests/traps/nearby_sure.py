"""Is a loss of probabilities looked at where they are probabilities, though one of them is 1 or 0?

What is clipped stands still beyond 1 and below 0, so that a wrong gradient is right there, and legal at the kink.
"""

import numpy as np

from traps import neither, right, wrong

truth = np.array([0.0, 1, 0, 0, 0, 0])
sure = np.array([0.637, 1.0, 0.041, 0.0165, 0.813, 0.913])
mistaken = np.array([0.637, 0.0, 0.041, 0.0165, 0.813, 0.913])


def cross_entropy(p):
    return -np.sum(truth * np.log(np.clip(p, 1e-12, 1)))


def gradient(p):
    return -truth / np.clip(p, 1e-12, 1) * ((p > 1e-12) & (p < 1))


CASES = [
    *(
        wrong(f"twice, at 1 ({seed})", cross_entropy, sure, grad=lambda p: 2 * gradient(p), seed=seed)
        for seed in (0, 1)
    ),
    wrong("twice, at 0", cross_entropy, mistaken, grad=lambda p: 2 * gradient(p)),
    wrong("without the logarithm, at 1", cross_entropy, sure, grad=lambda p: gradient(p) * p),
    neither("at 1", cross_entropy, sure, grad=gradient),
    neither("at 1, the slope of the other side", cross_entropy, sure, grad=lambda p: -truth / np.clip(p, 1e-12, 1)),
    right("at 0, below the clip", cross_entropy, mistaken, grad=gradient),
]
