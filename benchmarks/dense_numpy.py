"""What is a network of dense layers in NumPy? Its value and its gradient, as functions of its arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.questions import Array

Params = Mapping[str, Array]  # weights and biases in turn, from the first layer to the last


def cross_entropy(p: Params, x: Array, labels: Array) -> float:
    """Return the mean cross-entropy of softmax(tanh(...) W + b)."""
    shares = _forward(p, x)[-1]
    return float(-np.mean(np.log(shares[np.arange(len(x)), labels])))


def gradient(p: Params, x: Array, labels: Array) -> dict[str, Array]:
    """Return its gradient, from the last layer to the first."""
    *hidden, shares = _forward(p, x)
    names, found = list(p), {}
    dz = (shares - np.eye(shares.shape[1])[labels]) / len(x)
    for W, b in zip(names[-2::-2], names[::-2], strict=True):
        h = hidden.pop()
        found[W], found[b] = h.T @ dz, dz.sum(axis=0)
        dz = dz @ p[W].T * (1 - h**2)
    return {name: found[name] for name in names}


def _forward(p: Params, x: Array) -> list[Array]:
    """Return what each layer is given, and at last the shares of the classes."""
    arrays = list(p.values())
    given = [x]
    for W, b in zip(arrays[:-2:2], arrays[1:-2:2], strict=True):
        given.append(np.tanh(given[-1] @ W + b))
    z = given[-1] @ arrays[-2] + arrays[-1]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return [*given, e / e.sum(axis=1, keepdims=True)]
