"""Homework in its usual forms: forward and backward with a cache, one flat vector, a class."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
x, W, b = rng.standard_normal((6, 4)), rng.standard_normal((4, 3)), rng.standard_normal(3)
y, theta = rng.integers(2, size=6), rng.standard_normal(4)


def affine_forward(x, W, b):
    return x @ W + b, (x, W, b)


def affine_backward(dout, cache):
    x, W, _ = cache
    return dout @ W.T, x.T @ dout, dout.mean(axis=0)


def cost(theta):
    h = 1 / (1 + np.exp(-x @ theta))
    return -np.mean(y * np.log(h) + (1 - y) * np.log(1 - h)), x.T @ (h - y) / len(y)


class TwoLayerNet:
    params = {"W1": W / 2, "b1": 0 * b, "W2": rng.standard_normal((3, 2))}

    def loss(self, X, y):
        h = np.maximum(0, X @ self.params["W1"] + self.params["b1"])
        d = (h @ self.params["W2"] - np.eye(2)[y]) / len(X)
        dz = d @ self.params["W2"].T
        return np.sum(len(X) * d**2) / 2, {"W1": X.T @ (dz * (h > 0)), "b1": dz.sum(axis=0), "W2": h.T @ d}


def vjp(*args):
    return affine_backward(args[-1], affine_forward(*args[:-1])[1])


print(*check_gradients(lambda x, W, b: affine_forward(x, W, b)[0], x, W, b, vjp=vjp).diagnosis)
print(check_gradients(cost, theta, value_and_grad=True, names=["bias", "age", "size", "rooms"]).verdict.name)
print([(name, tensor.verdict.name) for name, tensor in check_gradients(TwoLayerNet(), x, y).tensors.items()])
