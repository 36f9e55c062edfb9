"""Layers for sounds and images: a mistake in any of them is found, and its kind says what comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import FAILING

from gradcheck import Verdict, check_gradients, networks
from gradcheck.strategies import Case
from gradcheck.strategies.kinds import after

DRAWN = "drawn_kernel_flipped"
WRONG = {
    "a window": (Case(("image", 1, 3, 3), (("conv", 2, (2, 2), (1, 1), 1, 1, 1),), batch=2), "conv_kernel_flipped"),
    "a window on a sound": (
        Case(("sound", 1, 5), (("conv", 2, (3,), (2,), 1, 1, 1),), batch=2),
        "conv1d_kernel_flipped",
    ),
    "a brush": (
        Case(("image", 1, 2, 2), (("conv-transpose", 2, (2, 2), (1, 1), 0, (0, 0), 1, 1),)),
        "drawn_kernel_flipped",
    ),
    "means": (Case(("image", 1, 3, 3), (("average-pool", (2, 2), (1, 1), 0),)), "average_pool_not_divided"),
    "the largest": (Case(("image", 1, 3, 3), (("max-pool", (2, 2), (1, 1), 0),)), "max_pool_to_all"),
    "the mean of all": (Case(("image", 2, 2, 2), (("global-average-pool",),)), "global_mean_not_divided"),
    "the largest of all": (Case(("image", 2, 2, 2), (("global-max-pool",),)), "global_max_as_mean"),
}


@pytest.mark.parametrize(("case", "fault"), WRONG.values(), ids=WRONG)
def test_a_layer_with_a_mistake_is_found(case, fault):
    """And without it, it is right."""
    assert check_gradients(*replace(case, fault=(fault, 0)), neighbours=0).verdict in FAILING
    assert check_gradients(*case, neighbours=0).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("form", "step", "out"),
    [
        (("image", 2, 4, 3), ("conv", 4, (3, 2), (1, 2), 1, 1, 2), ("image", 4, 4, 2)),
        (("sound", 2, 5), ("conv", 1, (2,), (1,), 0, 2, 1), ("sound", 1, 3)),
        (("image", 1, 2, 3), ("conv-transpose", 2, (2, 3), (2, 1), 1, (1, 0), 1, 1), ("image", 2, 3, 3)),
        (("image", 2, 4, 4), ("average-pool", (2, 3), (2, 1), 1), ("image", 2, 3, 4)),
        (("sound", 2, 5), ("max-pool", (3,), (2,), 0), ("sound", 2, 2)),
        (("image", 2, 4, 4), ("global-max-pool",), ("row", 2)),
    ],
)
def test_the_form_of_an_image(form, step, out):
    """Kernel, stride, padding and dilation say what is left of it."""
    assert after(form, (step,)) == out
    model, x = Case(form, (step,), batch=2)
    assert model.forward(x)[0].shape == (2, *out[1:])


def test_two_that_are_the_largest_are_not_judged():
    """Either of them may have the gradient."""
    layer = networks.GlobalMaxPool()
    assert check_gradients(layer, np.ones((1, 1, 1, 2)), neighbours=0).verdict is Verdict.KINK
