"""The last step alone: a recurrent network whose gradient stops one step back in time.

The state of a recurrent network depends on its weights by way of every step. Here the way back is followed through the
last step only, as happens when the state is detached, or overwritten. Every entry of the recurrent weights is wrong,
none by a simple factor; the report recognises what is missing.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, target = rng.standard_normal((6, 3)), rng.standard_normal(4)
params = {"U": rng.standard_normal((3, 4)), "W": rng.standard_normal((4, 4)) / 2, "b": np.zeros(4)}


def states(p):
    h = [np.zeros(4)]
    for x in X:
        h.append(np.tanh(x @ p["U"] + h[-1] @ p["W"] + p["b"]))
    return h


def loss(p):
    return np.sum((states(p)[-1] - target) ** 2)


def grads(p):
    h = states(p)
    dz = 2 * (h[-1] - target) * (1 - h[-1] ** 2)
    return {"U": np.outer(X[-1], dz), "W": np.outer(h[-2], dz), "b": dz}


report = check_gradients(loss, params, grad=grads)
