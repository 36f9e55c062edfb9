"""What the tests of the layers share: a derivative that owes nothing to the code under test."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import parameters, rebuild


def _slopes(f, array, h=1e-3):
    """Measure df/d(array), entry by entry, by a five-point stencil: its error falls as h^4."""
    slopes = np.zeros(array.shape)
    for index in np.ndindex(array.shape):

        def moved(steps, index=index):
            other = array.copy()
            other[index] += steps * h
            return float(f(other))

        near, far = moved(1) - moved(-1), moved(2) - moved(-2)
        slopes[index] = (8 * near - far) / (12 * h)
    return slopes


def _disagreements(layer, x, rtol=1e-8):
    """Name every gradient of the layer, of x ("x") or of a parameter, that is not the slope."""
    y, backward = layer.forward(x)
    dy = np.random.default_rng(7).normal(size=np.shape(y))  # a random direction among the outputs
    dx, grad = backward(dy)

    def along(other_layer, other_x):
        return np.sum(dy * other_layer.forward(other_x)[0])

    claims = {"x": dx, **parameters(grad)}
    slopes = {"x": _slopes(lambda other: along(layer, other), x)} | {
        path: _slopes(lambda other, path=path: along(rebuild(layer, {path: other}), x), array)
        for path, array in parameters(layer).items()
    }
    assert claims.keys() == slopes.keys()
    return [
        path
        for path, slope in slopes.items()
        if np.shape(claims[path]) != slope.shape
        or np.max(np.abs(claims[path] - slope), initial=0) > rtol * (1 + np.max(np.abs(slope)))
    ]


@pytest.fixture(scope="session")
def slopes():
    """The derivative of a function of one array, measured."""
    return _slopes


@pytest.fixture(scope="session")
def disagreements():
    """The gradients of a layer that differ from the slopes, by name."""
    return _disagreements


@pytest.fixture
def rng():
    return np.random.default_rng(0)
