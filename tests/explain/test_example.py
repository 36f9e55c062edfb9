"""Of whom the story is told: the example that is read worst, and what it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._explain import example as examples
from gradcheck.networks import parameters


@pytest.mark.parametrize("digit", range(10))
def test_the_example_is_the_digit_that_is_read_worst(example, digit):
    """Of those in the mini-batch; there is one of each."""
    chosen = [n for n in range(len(example.labels)) if example.labels[n] == digit]
    assert examples.learned(digit, seed=0).n == min(chosen, key=lambda n: example.believed[n, digit])


def test_the_mean_pull_is_the_gradient_of_the_mini_batch(example):
    """As the page says: with the sign turned."""
    of_all = {(felt.path, felt.index): felt.gradient for felt in example.felt}
    for path, p in parameters(example.pull.on).items():
        mean = p.mean(axis=0)
        for place in np.ndindex(mean.shape):
            assert mean[place] == pytest.approx(-of_all[path, place], rel=1e-9, abs=1e-14)


def test_beyond_the_turn_the_parabola_rises(example):
    """Promise and bend, together nothing at the rate named."""
    (tiny,) = example.steps([examples.TINY])
    rate = example.turn
    assert rate * tiny.promised / examples.TINY + tiny.bend / 2 * rate**2 == pytest.approx(0, abs=1e-12)
