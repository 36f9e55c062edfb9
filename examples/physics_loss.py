"""A physics-informed loss: the residual of u'' + u' = f for a small network u, and its gradient by hand.

The loss holds first and second derivatives of u with respect to its input; the gradient with respect to the weights
therefore goes through the third derivative of tanh. A first version forgets how u'' depends on the weights through the
curvature of tanh.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
x = np.linspace(0, 1, 30)[:, None]
f = np.exp(x[:, 0])
params = {"w": rng.standard_normal(8), "b": rng.standard_normal(8), "v": rng.standard_normal(8) / 3}


def tanh_and_slopes(z):
    t = np.tanh(z)
    s = 1 - t**2
    return t, s, -2 * t * s, -2 * s * (1 - 3 * t**2)  # tanh, and its first three derivatives


def residual(p):
    _, s1, s2, _ = tanh_and_slopes(x * p["w"] + p["b"])
    return s2 @ (p["v"] * p["w"] ** 2) + s1 @ (p["v"] * p["w"]) - f  # u'' + u' - f at each point


def ends(p):
    return np.tanh(np.array([[0.0], [1.0]]) * p["w"] + p["b"]) @ p["v"] - np.array([0.0, 1.0])


def loss(p):
    return np.mean(residual(p) ** 2) + np.sum(ends(p) ** 2)


def gradient(p, *, curvature=True):
    w, v = p["w"], p["v"]
    _, s1, s2, s3 = tanh_and_slopes(x * w + p["b"])
    dr = 2 * residual(p)[:, None] / len(x)
    dz = dr * (s3 * curvature * v * w**2 + s2 * v * w)
    t, s, _, _ = tanh_and_slopes(np.array([[0.0], [1.0]]) * w + p["b"])
    de = 2 * ends(p)[:, None]
    return {
        "w": np.sum(dz * x + dr * v * (2 * w * s2 + s1), axis=0) + (de * s * v)[1],
        "b": np.sum(dz, axis=0) + np.sum(de * s * v, axis=0),
        "v": np.sum(dr * (s2 * w**2 + s1 * w), axis=0) + np.sum(de * t, axis=0),
    }


print(check_gradients(loss, params, grad=lambda p: gradient(p, curvature=False)))
print(check_gradients(loss, params, grad=gradient))
