"""Layers with layers in them: how they are joined can be wrong, and each says what form comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import FAILING

from gradcheck import Verdict, check_gradients
from gradcheck.strategies import Case
from gradcheck.strategies.kinds import after

WRONG = {
    "a residual": (Case(("row", 3), (("residual", (("dense", 3), ("tanh",))),), batch=2), "skip_path_forgotten"),
    "a repeat": (Case(("row", 2), (("repeat", 2, (("dense", 2),)),), batch=2), "last_use_alone"),
    "a highway": (Case(("row", 2), (("highway",),), batch=2), "highway_gate_unheard"),
    "branches": (Case(("row", 2), (("parallel", "sum", (("dense", 2),), (("tanh",),)),)), "first_branch_alone"),
    "experts": (Case(("row", 2), (("mixture", 2),), batch=2), "mixture_gate_unheard"),
}


@pytest.mark.parametrize(("case", "fault"), WRONG.values(), ids=WRONG)
def test_a_layer_with_a_mistake_is_found(case, fault):
    """And without it, it is right."""
    assert check_gradients(*replace(case, fault=(fault, 0)), neighbours=0).verdict in FAILING
    assert check_gradients(*case, neighbours=0).verdict is Verdict.CORRECT


def test_branches_are_added_or_stand_side_by_side():
    """Along the last axis of rows, along the channels of images."""
    branches = ((("tanh",),), (("identity",), ("tanh",)))
    assert after(("row", 3), (("parallel", "sum", *branches),)) == ("row", 3)
    for form, wide in (
        (("row", 3), ("row", 6)),
        (("sequence", 2, 3), ("sequence", 2, 6)),
        (("image", 2, 3, 1), ("image", 4, 3, 1)),
    ):
        steps = (("parallel", "concatenate", *branches),)
        assert after(form, steps) == wide
        model, x = Case(form, steps, batch=2)
        assert model.forward(x)[0].shape == (2, *wide[1:])


def test_a_kink_within_a_layer_is_not_judged():
    """The difference of two that meet, where they meet."""
    model, x = Case(("row", 2), (("residual", (("relu",),)),))
    assert check_gradients(model, np.zeros_like(x), neighbours=0).verdict is Verdict.KINK
