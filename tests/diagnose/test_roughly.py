"""A layer that is right agrees along directions; one that is wrong in any entry does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._adapters.choose import choose
from gradcheck._diagnose.roughly import WAYS, agrees
from gradcheck._model.precision import opened
from gradcheck._options import Options
from gradcheck.networks import LSTMCell, ReLU

RNG = np.random.default_rng(3)
CELL = LSTMCell.random(3, 4, RNG)
STATE = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 4)), RNG.normal(size=(2, 4))


class OneEntry(LSTMCell):
    """A cell of which one entry of one tensor is off by a thousandth of the largest."""

    def forward(self, *args):
        h, c, back = super().forward(*args)

        def backward(*above):
            *given, grad = back(*above)
            W = grad.W_hh.copy()
            W[2, 5] += 1e-3 * np.abs(W).max()
            return *given, replace(grad, W_hh=W)

        return h, c, backward


def subject(model, *args, precision="double"):
    return opened(choose(model, args, Options()), precision)


def test_a_right_layer_agrees_for_some_calls():
    """Two for each direction, and one for where it stands; none an entry."""
    asked = subject(CELL, *STATE)
    before = asked.evaluations
    assert agrees(asked)
    assert asked.evaluations - before == 2 * WAYS * len(asked.leaves) + 1


def test_one_wrong_entry_shows():
    """Whatever the sizes of the others."""
    wrong = OneEntry(CELL.W_ih, CELL.W_hh, CELL.b_ih, CELL.b_hh)
    assert not agrees(subject(wrong, *STATE))


def test_a_layer_that_bends_at_once_agrees_beside_its_kinks():
    """Hundreds of inputs of a ReLU, none of them at zero."""
    assert agrees(subject(ReLU(), RNG.normal(size=(20, 30))))


def test_what_rounding_hides_does_not_agree():
    """In single precision a step so short shows nothing: such a layer is checked in full."""
    x = RNG.normal(size=(4, 5)).astype(np.float32)
    assert not agrees(subject(ReLU(), x, precision="as-is"))


@pytest.mark.parametrize("held", [np.nan, np.inf])
def test_what_is_not_finite_somewhere_is_checked_in_full(held):
    """As an entry of it that is held where it is."""
    x = RNG.normal(size=(4, 5))
    x[1, 2] = held
    assert not agrees(subject(ReLU(), x))
