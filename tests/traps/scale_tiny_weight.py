"""Is a weight of 1e-30 moved by an amount that means something?

Beside weights of 1 it is as good as 0, and a step relative to it changes nothing: the step must come from its tensor.
Alone in its tensor, where f depends on its logarithm, the step must come from the weight.
"""

import numpy as np

from traps import right, wrong

x, alone = np.array([1e-30, 1.0, -2.0]), np.array([1e-30])


def f(x):
    return np.sum(np.sin(x))


CASES = [
    right("beside weights of 1", f, x, grad=np.cos),
    wrong("beside weights of 1, 1 % off", f, x, grad=lambda x: np.cos(x) * [1.01, 1, 1], named=("x[0]",)),
    right("alone, its logarithm", lambda x: np.sum(np.log(x)), alone, grad=lambda x: 1 / x),
    wrong("alone, its logarithm, 1 % off", lambda x: np.sum(np.log(x)), alone, grad=lambda x: 1.01 / x),
]
