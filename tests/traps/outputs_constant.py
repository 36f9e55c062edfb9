"""Does a large constant among the outputs cost the others no digits?

What is the same wherever one looks has no noise, however large it is: differences of it are nothing. A large output
that does move has, and hides what is small beside it.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(2)


def f(x):
    return np.array([1e12, x[0] * x[1]])


def pull(x, dy):
    return np.array([x[1], x[0]]) * dy[1]


def table(x):
    return {"counts": np.full(3, 1e15), "waves": np.sin(x)}


CASES = [
    right("beside a product", f, x, vjp=pull),
    right("beside an array", table, x, vjp=lambda x, dy: np.cos(x) * dy["waves"]),
    wrong("beside a product, a part in 1e5 off", f, x, vjp=lambda x, dy: (1 + 1e-5) * pull(x, dy)),
    wrong("beside an array, the other sign", table, x, vjp=lambda x, dy: -np.cos(x) * dy["waves"]),
]
