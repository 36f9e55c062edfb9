"""The same, with the derivative of the penalty."""

import numpy as np
from my_model import X, cost, labels, params, probabilities


def gradient(p):
    d = probabilities(p)
    d[np.arange(len(X)), labels] -= 1
    d /= len(X)
    return {"W": X.T @ d + 0.1 * p["W"], "b": d.sum(axis=0)}


def case():
    return cost, params, {"grad": gradient}
