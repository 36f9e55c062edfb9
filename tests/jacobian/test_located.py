"""Where an adjoint is wrong, and why: entries, blocks, factors."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._jacobian.dots import Both, dots
from gradcheck._jacobian.located import places, why_not
from gradcheck._model.questions import LinearMap

A = np.random.default_rng(0).normal(size=(20, 30))


def found(back):
    both = Both(LinearMap("A", lambda v: A @ v, lambda u: back @ u, np.zeros(30), ("A", "At")), 2.0**-52)
    tests = [dots(both, np.random.default_rng(seed)) for seed in range(3)]
    where = [*places(both, tests[0])]
    return where, why_not(both, tests, where)


@pytest.mark.parametrize("at", [[(7, 5)], [(0, 0), (19, 29)], [(i, j) for i in (3, 4) for j in (8, 9)]])
def test_every_wrong_entry_is_found(at):
    """And no other."""
    wrong = A.T.copy()
    for row, column in at:
        wrong[column, row] += 1.0
    where, (said, *_) = found(wrong)
    assert sorted(where) == at
    assert said.startswith("wrong in one entry, A[7, 5]" if len(at) == 1 else f"wrong in {len(at)} entries, within")


FACTORS = {
    -1: ": the sign is wrong",
    20: ": the length of its output, 20",
    1 / 30: "one over the length of its input, 30",
}


@pytest.mark.parametrize(("factor", "words"), FACTORS.items())
def test_a_factor_is_read(factor, words):
    """By where it comes from."""
    _, (said, *_) = found(factor * A.T)
    assert said.endswith(words)
