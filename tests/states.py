"""What must be after a check as it was before? A network that caches and draws, and the state of all of it."""

from __future__ import annotations

import random

import numpy as np

X = np.random.default_rng(1).normal(size=(3, 2))
Y = np.random.default_rng(2).normal(size=(3, 1))


class TwoLayers:
    """A network that caches in forward, as people write it, with a dropout mask from its own generator."""

    def __init__(self, tick=lambda: None):
        rng = np.random.default_rng(0)
        self.params = {
            "W1": rng.normal(size=(2, 2)),
            "b1": np.zeros(2),
            "W2": rng.normal(size=(2, 1)),
            "b2": np.zeros(1),
        }
        self.first = self.params["W1"]  # the same array under another name
        self.rng = np.random.default_rng(5)
        self.history = []
        self.tick = tick

    def loss(self, x, y):
        self.tick()
        p = self.params
        self.h = np.tanh(x @ p["W1"] + p["b1"])
        self.mask = (self.rng.random(self.h.shape) < 0.5) * 2.0
        self.history.append("forward")
        error = (self.h * self.mask) @ p["W2"] + p["b2"] - y
        d = 2 * error / len(x)
        dz = (d @ p["W2"].T) * self.mask * (1 - self.h**2)
        grads = {
            "W1": x.T @ dz,
            "b1": dz.sum(axis=0),
            "W2": (self.h * self.mask).T @ d,
            "b2": d.sum(axis=0),
        }
        return float(np.sum(error**2)) / len(x), grads


def state_of(thing):
    """Return what must not change: every array by its bits and its identity, every generator by its state."""
    if isinstance(thing, np.ndarray):
        return id(thing), thing.dtype.str, thing.shape, thing.tobytes(), thing.flags.writeable
    if isinstance(thing, np.random.Generator):
        return repr(thing.bit_generator.state)
    if isinstance(thing, dict):
        return {k: state_of(v) for k, v in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [state_of(v) for v in thing]
    return state_of(vars(thing)) if hasattr(thing, "__dict__") and not callable(thing) else repr(thing)


def generators():
    """Return the states of the global generators."""
    name, keys, *rest = np.random.get_state()  # noqa: NPY002
    return name, keys.tobytes(), *rest, random.getstate()
