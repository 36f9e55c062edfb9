"""One neuron: a weight for each input, a bias, an activation; forward, and backward from the output to the weights."""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
X, truth = rng.standard_normal((5, 3)), np.array([0.8, -0.2, 0.5, -0.9, 0.1])  # five examples of three inputs
neuron = {"w": np.array([0.6, -0.5, 0.4]), "b": np.array(0.2)}


def cost(p):
    y = np.tanh(X @ p["w"] + p["b"])
    return np.mean((y - truth) ** 2) / 2


def backward(p):
    y = np.tanh(X @ p["w"] + p["b"])
    dy = (y - truth) / len(X)  # how sensitive the cost is to each output,
    dz = dy * (1 - y**2)  # to each sum below the activation,
    return {"w": X.T @ dz, "b": dz.sum()}  # to each weight and to the bias, over all examples


def first_attempt(p):
    y = np.tanh(X @ p["w"] + p["b"])
    dz = (y - truth) * (1 - y**2)
    return {"w": X.T @ dz / len(X), "b": dz.sum()}


for way_back in (first_attempt, backward):
    report = check_gradients(cost, neuron, grad=way_back)
    print(f"{way_back.__name__}: {report.verdict.name}", *report.diagnosis, sep="\n  ")
