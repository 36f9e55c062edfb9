"""What does a check cost, and what can be bounded?"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(0)
A, x = rng.standard_normal((50, 2000)) / 40, rng.standard_normal(2000)


def cost(x):
    return np.sum(np.logaddexp(0, A @ np.tanh(x)))


def gradient(x):
    return (A.T @ (1 / (1 + np.exp(-A @ np.tanh(x))))) * (1 - np.tanh(x) ** 2)


print(dict(check_gradients(cost, x, grad=gradient).spent))
bounds = [
    {},
    {"entries": 100},
    {"entries": "directions"},
    {"neighbours": 0},
    {"max_evaluations": 400},
    {"along": "random"},
]
for bound in bounds:
    report = check_gradients(cost, x, grad=gradient, **bound)
    print(f"{report.evaluations:5} evaluations  {report.verdict.name:9}  {bound}")
