"""Layers for rows of numbers: a mistake in any of them is found, and its kind says what comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import FAILING
from hypothesis import find

from gradcheck import Verdict, check_gradients
from gradcheck.strategies import Case
from gradcheck.strategies.kinds import TABLE, after

WRONG = {
    "a dense layer": (Case(("row", 3), (("dense", 2),), batch=2), "bias_twice"),
    "a tied autoencoder": (Case(("row", 3), (("tied-autoencoder", 2),), batch=2), "decoder_unheard"),
    "an activation": (Case(("row", 3), (("gelu",),)), "gelu_first_term"),
    "shares": (Case(("row", 3), (("softmax",),)), "softmax_diagonal"),
    "a layer's norm": (Case(("row", 3), (("layer-norm",),), batch=2), "layer_norm_over_the_batch"),
    "a batch's norm": (Case(("row", 2), (("batch-norm", False),), batch=3), "batch_norm_statistics_as_constants"),
    "a group's norm": (Case(("image", 2, 1, 2), (("group-norm", 1),), batch=2), "group_norm_as_instance_norm"),
    "a dropout": (Case(("row", 4), (("dropout", 0.5),), batch=2, seed=1), "dropout_not_scaled"),
    "a gate": (Case(("row", 4), (("glu",),), batch=2), "glu_halves_exchanged"),
    "a gate between matrices": (Case(("row", 3), (("swiglu", 2),), batch=2), "swiglu_slope_cut_short"),
    "a flattened image": (Case(("image", 2, 2, 2), (("flatten",), ("tanh",))), "flattened_in_another_order"),
}


@pytest.mark.parametrize(("case", "fault"), WRONG.values(), ids=WRONG)
def test_a_layer_with_a_mistake_is_found(case, fault):
    """And without it, it is right."""
    assert check_gradients(*replace(case, fault=(fault, 0)), neighbours=0).verdict in FAILING
    assert check_gradients(*case, neighbours=0).verdict is Verdict.CORRECT


def test_the_numbers_of_one_example_stay_as_many_when_they_are_arranged_otherwise():
    """As a row, as a sound, as an image; the two of an axis change their places."""
    assert after(("image", 2, 3, 4), (("flatten",),)) == ("row", 24)
    assert after(("sequence", 3, 4), (("glu",), ("swiglu", 3))) == ("sequence", 3, 2)
    assert after(("row", 6), (("reshape", 2, 3),)) == ("sound", 2, 3)
    assert after(("row", 6), (("reshape", 2, 1, 3),)) == ("image", 2, 1, 3)
    assert after(("sequence", 3, 2), (("transpose",),)) == ("sound", 2, 3)
    for numbers in (find(TABLE["reshape"].numbers(("row", 6)), lambda n, k=k: len(n) == k) for k in (2, 3)):
        assert np.prod(numbers) == 6


def test_a_share_of_one_is_nothing_to_try():
    """It is 1 whatever the number, so no such layer is drawn; and a ReLU at zero is not judged."""
    assert not TABLE["softmax"].fits(("row", 1))
    assert TABLE["softmax"].fits(("row", 2))
    assert TABLE["tanh"].fits(("row", 1))
    model, x = Case(("row", 2), (("relu",),))
    assert check_gradients(model, np.zeros_like(x), neighbours=0).verdict is Verdict.KINK
