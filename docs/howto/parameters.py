"""The likelihood of a normal distribution, with a score by log(sigma)."""

import numpy as np

from gradcheck import check_gradients

y = np.random.default_rng(0).normal(1, 2, size=30)


def nll(params, y):
    mu, sigma = params
    return np.sum(((y - mu) / sigma) ** 2) / 2 + len(y) * np.log(sigma)


def score(params, y):
    mu, sigma = params
    r = (y - mu) / sigma
    return np.array([-r.sum() / sigma, len(y) - r @ r])


report = check_gradients(nll, np.array([0.3, 1.3]), y, grad=score, names={"mu": 0, "sigma": 1})
print([entry.name for entry in report.wrong])
print(report.diagnosis[0])
