"""Losses with a wrong gradient each: weights forgotten, a slope too often, padding counted; and the right one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RNG = np.random.default_rng(8)
N = 12
X, w, y = RNG.normal(size=(N, 4)), RNG.normal(size=4), RNG.normal(size=N)
sw = RNG.uniform(0.2, 3, N)
t = (y > 0).astype(float)
mask = np.arange(N) % 3 != 0
W, labels = RNG.normal(size=(4, 3)), np.arange(N) % 3
class_weights = RNG.uniform(0.3, 2, 3)
NET = {"W1": RNG.normal(size=(4, 5)), "b1": RNG.normal(size=5), "W2": RNG.normal(size=(5, 3))}
Y = RNG.normal(size=(N, 3))
PUPIL = {"w": w, "b": np.array(0.3)}
delta = 0.5


@dataclass(frozen=True, eq=False)
class Loss:
    """A loss, its point, a wrong gradient and the right one, and what must be said, or "" where nothing is known."""

    f: object
    point: object
    wrong: object
    right: object
    words: str


LOSSES: dict[str, Loss] = {}


def loss(name, f, point, residual, taken, words):
    """Enter a loss of X w, or of X W, with the residual of each example and what is taken for it."""
    LOSSES[name] = Loss(f, point, lambda v: X.T @ taken(v), lambda v: X.T @ residual(v), words)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def entropy(z):
    return -t * np.log(sigmoid(z)) - (1 - t) * np.log(1 - sigmoid(z))


def surprise(V):
    return -np.log(softmax(X @ V)[np.arange(N), labels])


def huber(r):
    return np.where(np.abs(r) < delta, r * r / 2, delta * (np.abs(r) - delta / 2))


loss(
    "weights of examples forgotten",
    lambda w: np.sum(sw * (X @ w - y) ** 2) / N,
    w,
    lambda w: 2 * sw * (X @ w - y) / N,
    lambda w: 2 * (X @ w - y) / N,
    "w: this is X.T (z - y), where X.T (sw (z - y)) is meant, with z = X w: sw is left out",
)
loss(
    "weights of examples twice",
    lambda w: np.sum(sw * (X @ w - y) ** 2) / N,
    w,
    lambda w: 2 * sw * (X @ w - y) / N,
    lambda w: 2 * sw**2 * (X @ w - y) / N,
    "sw^2 where sw is meant",
)
loss(
    "weights of examples too much",
    lambda w: np.mean(entropy(X @ w)),
    w,
    lambda w: (sigmoid(X @ w) - t) / N,
    lambda w: sw * (sigmoid(X @ w) - t) / N,
    "sw is multiplied in once too often",
)
loss(
    "weights of classes forgotten",
    lambda V: np.mean(class_weights[labels] * surprise(V)),
    W,
    lambda V: class_weights[labels][:, None] * (softmax(X @ V) - np.eye(3)[labels]) / N,
    lambda V: (softmax(X @ V) - np.eye(3)[labels]) / N,
    "with z = X V: class_weights[labels] is left out",
)
loss(
    "padding counted",
    lambda V: np.sum(mask * surprise(V)) / mask.sum(),
    W,
    lambda V: mask[:, None] * (softmax(X @ V) - np.eye(3)[labels]) / mask.sum(),
    lambda V: (softmax(X @ V) - np.eye(3)[labels]) / N,
    "mask is left out, and all of it is 0.666667 times as large",
)
loss(
    "a slope forgotten",
    lambda w: np.mean((sigmoid(X @ w) - y) ** 2),
    w,
    lambda w: 2 * (sigmoid(X @ w) - y) * slope(X @ w) / N,
    lambda w: 2 * (sigmoid(X @ w) - y) / N,
    "where X.T ((sigmoid(z) - y) sigmoid'(z)) is meant, with z = X w: the derivative of the sigmoid is left out",
)
loss(
    "a slope that cancels",
    lambda w: np.mean(entropy(X @ w)),
    w,
    lambda w: (sigmoid(X @ w) - t) / N,
    lambda w: (sigmoid(X @ w) - t) * slope(X @ w) / N,
    "the derivative of the sigmoid is multiplied in once too often",
)
loss(
    "a residual that is not clipped",
    lambda w: np.mean(huber(X @ w - y)),
    w,
    lambda w: np.clip(X @ w - y, -delta, delta) / N,
    lambda w: (X @ w - y) / N,
    "this is X.T (z - y), where X.T clip(z - y, -delta, delta) is meant",
)
loss(
    "the truth of the neighbour",
    lambda w: np.mean((X @ w - y) ** 2),
    w,
    lambda w: 2 * (X @ w - y) / N,
    lambda w: 2 * (X @ w - np.roll(y, 1)) / N,
    "(z - y of the example before)",
)
loss(
    "one example left out",
    lambda w: np.mean((X @ w - y) ** 2),
    w,
    lambda w: 2 * (X @ w - y) / N,
    lambda w: 2 * (X @ w - y) * (np.arange(N) != 3) / N,
    "(all examples but 3) is multiplied in once too often",
)
loss(
    "counts without their exposure",
    lambda w: np.sum(sw * np.exp(X @ w / 2) - labels * (X @ w / 2)),
    w / 2,
    lambda w: (sw * np.exp(X @ w / 2) - labels) / 2,
    lambda w: (np.exp(X @ w / 2) - labels) / 2,
    "sw is left out on the way back to np.exp(X @ w / 2), in sw * np.exp(X @ w / 2)",  # half of the scores are none
)
loss(
    "a margin forgotten",
    lambda w: np.mean(np.maximum(0, 1 - (2 * t - 1) * (X @ w))),
    w,
    lambda w: -(2 * t - 1) * ((2 * t - 1) * (X @ w) < 1) / N,
    lambda w: -(2 * t - 1) * ((2 * t - 1) * (X @ w) < 0) / N,
    "this is X.T (-(2 t - 1) where (2 t - 1) z < 0), where X.T (-(2 t - 1) where (2 t - 1) z < 1) is meant",
)
# ------------------------------------------------------------------------------------------ what looks like one of them
loss(
    "weights that nobody knows",
    lambda w: np.sum(sw * (X @ w - y) ** 2) / N,
    w,
    lambda w: 2 * sw * (X @ w - y) / N,
    lambda w: 2 * (sw + 0.1 * np.cos(np.arange(N) ** 2)) * (X @ w - y) / N,
    "",
)
loss(
    "a slope with something added",
    lambda w: np.mean((sigmoid(X @ w) - y) ** 2),
    w,
    lambda w: 2 * (sigmoid(X @ w) - y) * slope(X @ w) / N,
    lambda w: 2 * (sigmoid(X @ w) - y) * (slope(X @ w) + 1e-3) / N,
    "",
)
# ------------------------------------------------------------------------------------------------ with other tensors


def of_pupil(p, weight):
    r = weight * (sigmoid(X @ p["w"] + p["b"]) - t) / N
    return {"w": X.T @ r, "b": r.sum()}


LOSSES["weights forgotten in a bias alone"] = Loss(
    lambda p: np.mean(sw * entropy(X @ p["w"] + p["b"])),
    PUPIL,
    lambda p: {**of_pupil(p, sw), "b": of_pupil(p, 1)["b"]},
    lambda p: of_pupil(p, sw),
    "b: this is (a column of ones).T (sigmoid(z) - t)",
)
LOSSES["weights forgotten beside weight decay"] = Loss(
    lambda p: np.mean(sw * entropy(X @ p["w"] + p["b"])) + 0.1 * p["w"] @ p["w"],
    PUPIL,
    lambda p: {"w": of_pupil(p, 1)["w"] + 0.2 * p["w"], "b": of_pupil(p, 1)["b"]},
    lambda p: {"w": of_pupil(p, sw)["w"] + 0.2 * p["w"], "b": of_pupil(p, sw)["b"]},
    "with z = X w + b: sw is left out",
)


def of_net(p, weight):
    h = np.tanh(X @ p["W1"] + p["b1"])
    d = 2 * weight * (h @ p["W2"] - Y) / Y.size
    below = (d @ p["W2"].T) * (1 - h * h)
    return {"W1": X.T @ below, "b1": below.sum(axis=0), "W2": h.T @ d}


LOSSES["padding counted by a hidden layer"] = Loss(
    lambda p: np.mean(mask[:, None] * (np.tanh(X @ p["W1"] + p["b1"]) @ p["W2"] - Y) ** 2),
    NET,
    lambda p: of_net(p, 1),
    lambda p: of_net(p, mask[:, None]),
    "W1: this is X.T (z - Y), where X.T (mask (z - Y)) is meant, with z = tanh(X W1 + b1) W2: mask is left out",
)
