"""Do the parts that rows add to a cost add up to it, whichever loss it is?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from gradcheck._adapters.per_row import HOLDS, added
from gradcheck.networks import L1, BinaryCrossEntropy, CrossEntropy, Huber, MeanSquaredError

RNG = np.random.default_rng(0)
Y = RNG.standard_normal((6, 4))
T = RNG.uniform(0.1, 0.9, (6, 4))
LOSSES = [
    CrossEntropy(RNG.integers(0, 4, 6)),
    CrossEntropy(T / T.sum(1, keepdims=True)),
    MeanSquaredError(T),
    L1(T),
    Huber(T, 0.3),
    BinaryCrossEntropy(T),
]


@dataclass(frozen=True)
class Sum:
    """The sum of the squares, not their mean: of nobody's making but the user's."""

    target: np.ndarray = field(metadata={"constant": True})

    def forward(self, y):
        r = y - self.target
        return np.sum(r**2), lambda dcost=1.0: (2 * dcost * r, self)


@dataclass(frozen=True)
class Contrast:
    """Every row beside every other."""

    def forward(self, y):
        return np.sum((y @ y.T) ** 2), lambda dcost=1.0: (4 * dcost * (y @ y.T) @ y, self)


@pytest.mark.parametrize(
    "loss", [*LOSSES, Sum(T)], ids=["classes", "shares", "squares", "L1", "Huber", "binary", "own"]
)
def test_each_row_adds_what_the_cost_loses_without_it(loss):
    """A change in one row changes its part alone, by as much as the cost."""
    cost = loss.forward(Y)[0]
    rows = added(loss, Y, cost)
    moved = Y.copy()
    moved[2] += 0.3
    change = rows(np.stack([Y, moved]))
    assert (change[1] - change[0])[[0, 1, 3, 4, 5]] == pytest.approx(0, abs=1e-15)
    assert change[1, 2] - change[0, 2] == pytest.approx(loss.forward(moved)[0] - cost, rel=1e-12)


def test_every_known_loss_is_looked_at():
    """One that is added to the table is added here."""
    assert {type(loss).__name__ for loss in LOSSES} == {*HOLDS}


def test_a_loss_whose_rows_hear_of_one_another_is_no_sum_over_them():
    """Nothing is said of what a row adds."""
    assert added(Contrast(), Y, Contrast().forward(Y)[0]) is None


def test_a_loss_of_a_known_name_is_not_believed():
    """What counts is what it returns."""
    other = type("CrossEntropy", (Sum,), {})(T)
    assert added(other, Y, other.forward(Y)[0])(Y[np.newaxis]).sum() == pytest.approx(np.sum((Y - T) ** 2))
