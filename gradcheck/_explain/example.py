"""What is the story about? A trained network, a mini-batch, and one example of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck._results.report import Floats, Ints
from gradcheck.networks import (
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    History,
    Promise,
    Pull,
    Sensitivity,
    Softmax,
    Tanh,
    Wish,
    accuracy,
    load_digits,
    mlp,
    promise,
    pull,
    sensitivity,
    train,
    wishes,
)

WIDTHS = (64, 32, 10)
BATCH = 32
TARGET = 0.95  # of the test pictures
EPOCHS = 60  # far more than it takes
TINY = 1e-4  # a rate at which a step is as good as straight


@dataclass(frozen=True)
class WorkedExample:
    """What the story is told of; all else is asked of it."""

    network: Chain
    history: History
    first: tuple[float, float]  # cost and accuracy before it learned anything, of the training pictures
    reads: tuple[float, float]  # the share of the test pictures, before and after
    x: Floats  # the mini-batch, (BATCH, 64)
    labels: Ints
    n: int  # the example in it

    @property
    def digit(self) -> int:
        """What the example is."""
        return int(self.labels[self.n])

    @property
    def picture(self) -> Floats:
        """The example as it is seen, (8, 8)."""
        picture: Floats = self.x[self.n].reshape(8, 8)
        return picture

    @cached_property
    def wishes(self) -> tuple[Wish, ...]:
        """The cotangent of each layer for each example: dense, tanh, dense."""
        return wishes(self.network, self.x, self.labels)

    @cached_property
    def believed(self) -> Floats:
        """How probable the network thinks each digit, for each example, (BATCH, 10)."""
        q, _ = Softmax().forward(self.wishes[-1].output)
        return np.asarray(q, dtype=np.float64)

    @cached_property
    def pull(self) -> Pull[Chain]:
        """How each example pulls."""
        return pull(self.network, self.x, self.labels)

    @cached_property
    def felt(self) -> tuple[Sensitivity, ...]:
        """Every weight and bias, the most sensitive first."""
        return sensitivity(self.network, self.x, self.labels)

    @cached_property
    def cost(self) -> float:
        """Of the mini-batch."""
        return float(Cost(self.network, CrossEntropy(self.labels)).forward(self.x)[0])

    def steps(self, rates: list[float]) -> tuple[Promise, ...]:
        """One step with each of the rates: what it was promised, and what it did."""
        return promise(self.network, self.x, self.labels, rates)

    @cached_property
    def turn(self) -> float:
        """The rate from which on, by promise and bend alone, the cost would rise: 2 |g|² / gᵀH g; infinite if none."""
        (tiny,) = self.steps([TINY])
        return float(-2 * tiny.promised / TINY / tiny.bend) if tiny.bend > 0 else np.inf

    def of_layer(self, layer: int) -> Dense:
        """What the example asks of the parameters of a layer, a dense one."""
        asked: Any = self.wishes[layer].of_parameters
        return Dense(W=asked.W[self.n], b=asked.b[self.n])


def learned(digit: int, seed: int) -> WorkedExample:
    """Train the network, and choose of the mini-batch the example of this digit that it reads worst."""
    data = load_digits()
    young = mlp(WIDTHS, Tanh(), np.random.default_rng(seed))
    first, _ = Cost(young, CrossEntropy(data.y_train)).forward(data.x_train)
    network, history = train(
        young,
        data.x_train,
        data.y_train,
        epochs=EPOCHS,
        batch_size=BATCH,
        seed=seed,
        validation=(data.x_test, data.y_test),
        target_accuracy=TARGET,
    )
    x, labels = data.x_train[:BATCH], data.y_train[:BATCH]
    believed, _ = Softmax().forward(network.forward(x)[0])
    in_it = np.flatnonzero(labels == digit)
    return WorkedExample(
        network,
        history,
        (float(first), accuracy(young, data.x_train, data.y_train)),
        (accuracy(young, data.x_test, data.y_test), accuracy(network, data.x_test, data.y_test)),
        x,
        labels,
        int(in_it[believed[in_it, digit].argmin()]),
    )
