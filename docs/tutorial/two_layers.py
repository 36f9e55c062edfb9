"""Two layers: what the upper one asks of its inputs is what the lower one is asked for."""

import numpy as np

from gradcheck import check_gradients
from gradcheck.networks import Chain, Dense, MeanSquaredError, Tanh

rng = np.random.default_rng(0)
X, truth = rng.standard_normal((6, 3)), rng.standard_normal((6, 2))
p = {
    "W1": rng.standard_normal((3, 4)) / 2,
    "b1": np.zeros(4),
    "W2": rng.standard_normal((4, 2)) / 2,
    "b2": np.zeros(2),
}


def cost(p):
    h = np.tanh(X @ p["W1"] + p["b1"])
    return np.mean((h @ p["W2"] + p["b2"] - truth) ** 2)


def backward(p):
    h = np.tanh(X @ p["W1"] + p["b1"])
    dy = 2 * (h @ p["W2"] + p["b2"] - truth) / truth.size
    dh = dy @ p["W2"].T  # handed back: how sensitive the cost is to each hidden unit
    dz = dh * (1 - h**2)
    return {"W1": X.T @ dz, "b1": dz.sum(axis=0), "W2": h.T @ dy, "b2": dy.sum(axis=0)}


print(check_gradients(cost, p, grad=backward))

network = Chain((Dense(p["W1"], p["b1"]), Tanh(), Dense(p["W2"], p["b2"])))
y, way_back = network.forward(X)
_, loss_back = MeanSquaredError(truth).forward(y)
_, gradients = way_back(loss_back()[0])
print("the same network in gradcheck.networks: largest difference of W1", end=" ")
print(f"{np.abs(gradients.layers[0].W - backward(p)['W1']).max():.0e}")
