"""Is a slope found where the argument is a million and f turns over within a few, as a phase at a map coordinate?

Steps of a millionth part of it are as long as the waves; those that are in step with them see no slope at all, and the
next ones, not far enough away, the same scatter: it is no noise.
"""

import numpy as np

from traps import right, wrong

x = 1e6 + np.array([0.3456, 0.8216, 0.3304, -1.3032, 0.9054])


def waves(x):
    return np.sum(np.sin(x - 1e6))


CASES = [
    right("waves", waves, x, grad=lambda x: np.cos(x - 1e6)),
    wrong("waves, 1 % off", waves, x, grad=lambda x: 1.01 * np.cos(x - 1e6)),
    wrong("waves, one entry of the sine", waves, x, grad=lambda x: np.append(np.cos(x[:4] - 1e6), np.sin(x[4:] - 1e6))),
]
