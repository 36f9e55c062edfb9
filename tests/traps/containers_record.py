"""Does a record, or an object with params, begin every call as it was?

A forward that keeps its activations in the record, replaces a weight by a clipped one or takes an entry out of `params`
must not be seen by the next call.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from traps import neither, normal, right, wrong


@dataclass
class Layer:
    W: np.ndarray
    cache: object = None


@dataclass(frozen=True)
class Cached:
    W: np.ndarray

    @cached_property
    def energy(self):
        return np.sum(self.W**2)


def forward(layer):
    layer.W = np.clip(layer.W, -9, 9)
    layer.cache = layer.W**2
    return np.sum(layer.cache)


class Net:
    """It changes its params while it computes, in one way or another."""

    def __init__(self, change, factor=1.0):
        self.params = {"W": normal(3), "b": normal(3, seed=1)}
        self.change, self.factor = change, factor

    def loss(self):
        W, b = self.params["W"], self.params["b"]
        self.change(self)
        return np.sum(W**2 * b), {"W": 2 * W * b, "b": self.factor * W**2}


def replaced(net):
    net.params["b"] = np.clip(net.params["b"], -9, 9)


def taken_out(net):
    net.params.pop("b")


def added(net):
    net.params["c"] = 2 * net.params["b"]


def anew(net):
    net.params = {name: array.copy() for name, array in net.params.items()}


def updated(net):
    net.params["W"] *= 0.5


def reshaped(net):
    net.params["W"].shape = (3, 1)


CHANGES = {"replaced": replaced, "taken out": taken_out, "added": added, "made anew": anew}
START = Cached(normal(3))
ENERGY = START.energy  # kept before the check begins

CASES = [
    right("fields that are set", forward, Layer(normal(3)), grad=lambda layer: Layer(2 * layer.W)),
    right("a property that is kept", lambda c: c.energy, START, grad=lambda c: {"W": 2 * c.W}),
    *(right(f"params: {name}", Net(change)) for name, change in CHANGES.items()),
    wrong("fields that are set, zero", forward, Layer(normal(3)), grad=lambda layer: Layer(0 * layer.W)),
    wrong("a property that is kept, half", lambda c: c.energy, START, grad=lambda c: {"W": c.W}),
    *(
        wrong(f"params: {name}, zero", Net(change, 0.0), named=("b[0]", "b[1]", "b[2]"))
        for name, change in CHANGES.items()
    ),
    neither("params: an array updated", Net(updated), verdict="BROKEN"),
    neither("params: an array reshaped", Net(reshaped), verdict="BROKEN"),
]
