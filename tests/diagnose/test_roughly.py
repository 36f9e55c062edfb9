"""Tensors that are right agree along directions; one that is wrong in any entry does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._adapters.choose import choose
from gradcheck._diagnose.roughly import WAYS, disagreeing
from gradcheck._model.precision import opened
from gradcheck._options import Options
from gradcheck.networks import LSTMCell, MultiHeadAttention, ReLU

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
    assert disagreeing(asked) == ()
    assert asked.evaluations - before == 2 * WAYS * len(asked.leaves) + 1


def test_one_wrong_entry_shows():
    """Whatever the sizes of the others."""
    wrong = OneEntry(CELL.W_ih, CELL.W_hh, CELL.b_ih, CELL.b_hh)
    assert disagreeing(subject(wrong, *STATE)) == ("W_hh",)


class BiasHeard(MultiHeadAttention):
    """Attention that hears its keys' bias, though a softmax does not."""

    def forward(self, *args):
        y, back = super().forward(*args)

        def backward(above):
            *given, grad = back(above)
            return *given, replace(grad, b_k=grad.b_q)

        return y, backward


def test_what_rounding_leaves_of_zero_agrees():
    """As the gradient of what a softmax does not hear; what is claimed to be more does not."""
    right = MultiHeadAttention.random(4, 2, RNG)
    given = RNG.normal(size=(1, 3, 4)), RNG.normal(size=(1, 2, 4)), RNG.normal(size=(1, 2, 4))
    assert disagreeing(subject(right, *given)) == ()
    assert disagreeing(subject(BiasHeard(**vars(right)), *given)) == ("b_k",)


def test_a_layer_that_bends_at_once_agrees_beside_its_kinks():
    """Hundreds of inputs of a ReLU, none of them at zero."""
    assert not disagreeing(subject(ReLU(), RNG.normal(size=(20, 30))))


def test_what_rounding_hides_does_not_agree():
    """In single precision a step so short shows nothing: such a layer is checked in full."""
    x = RNG.normal(size=(4, 5)).astype(np.float32)
    assert disagreeing(subject(ReLU(), x, precision="as-is")) == ("x",)


@pytest.mark.parametrize("held", [np.nan, np.inf])
def test_what_is_not_finite_somewhere_is_checked_in_full(held):
    """As an entry of it that is held where it is."""
    x = RNG.normal(size=(4, 5))
    x[1, 2] = held
    assert disagreeing(subject(ReLU(), x)) == ("x",)
