"""A quantiser that lets the gradient through, and a part that is held fixed: both on purpose."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
x = rng.standard_normal(8)


def quantised(x):
    return np.round(4 * np.clip(x, -1, 1)) / 4


def straight_through(x, dy):
    return dy * (np.abs(x) <= 1)


def clipped(x):
    return np.clip(x, -1, 1)


report = check_gradients(quantised, x, vjp=straight_through)
print(report.verdict.name, *report.diagnosis)
print("without the steps:", check_gradients(clipped, x, vjp=straight_through).verdict.name)


def loss(p):
    return np.sum((p["w"] - p["target"]) ** 2)


def semi_gradient(p):
    return {"w": 2 * (p["w"] - p["target"]), "target": np.zeros(3)}  # the target is held fixed


p = {"w": np.ones(3), "target": np.zeros(3)}
print("target as well:", check_gradients(loss, p, grad=semi_gradient).verdict.name)
print("w alone:", check_gradients(loss, p, grad=semi_gradient, wrt="w").verdict.name)
