"""Is a mistake below a zero-initialised layer found?

With W2 = 0 nothing reaches W1: its gradient is zero on both sides, whatever the backward of tanh says. After one step
of training it is not. A point nearby shows it now.
"""

import numpy as np

from traps import normal, right, wrong

X, Y = normal(8, 3), normal(8, 2, seed=1)
p = {"W1": normal(3, 4, seed=2), "b1": np.zeros(4), "W2": np.zeros((4, 2)), "b2": np.zeros(2)}


def loss(p):
    return np.mean((np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"] - Y) ** 2)


def back(slope):
    def df(p):
        h = np.tanh(X @ p["W1"] + p["b1"])
        d = 2 * (h @ p["W2"] + p["b2"] - Y) / Y.size
        dz = d @ p["W2"].T * slope(h)
        return {"W1": X.T @ dz, "b1": dz.sum(0), "W2": h.T @ d, "b2": d.sum(0)}

    return df


CASES = [
    right("1 - h^2", loss, p, grad=back(lambda h: 1 - h**2)),
    wrong("1 - h", loss, p, grad=back(lambda h: 1 - h)),
    wrong("the slope forgotten", loss, p, grad=back(np.ones_like)),
]
