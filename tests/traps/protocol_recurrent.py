"""Does a recurrent network go back through all its steps?

h_t = tanh(h W + x_t U), and the loss at the end: W collects a gradient from every step. Truncated to the last one it
has the right shape, and often the right sign.
"""

import numpy as np

from traps import normal, right, wrong

x = normal(5, 2, 3)
p = {"W": 0.7 * normal(4, 4, seed=1), "U": normal(3, 4, seed=2)}


def states(p):
    hs = [np.zeros((2, 4))]
    for x_t in x:
        hs.append(np.tanh(hs[-1] @ p["W"] + x_t @ p["U"]))
    return hs


def f(p):
    return np.sum(states(p)[-1] ** 2)


def back(steps):
    def df(p):
        hs = states(p)
        g, d = {name: np.zeros_like(a) for name, a in p.items()}, 2 * hs[-1]
        for t in reversed(range(5 - steps, 5)):
            dz = d * (1 - hs[t + 1] ** 2)
            g["W"] += hs[t].T @ dz
            g["U"] += x[t].T @ dz
            d = dz @ p["W"].T
        return g

    return df


CASES = [
    right("through all steps", f, p, grad=back(5)),
    wrong("through the last", f, p, grad=back(1)),
    wrong("all but the first", f, p, grad=back(4)),
]
