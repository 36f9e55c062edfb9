"""Which losses can stand on top of a network? A mistake in any of them is found, and none that is right accused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import FAILING

from gradcheck import Verdict, check_gradients
from gradcheck.strategies import Case
from gradcheck.strategies.architectures import FORMS
from gradcheck.strategies.losses import LOSSES

FAULTS = {
    "squares": "square_without_2",
    "cross-entropy": "cross_entropy_without_truth",
    "soft-cross-entropy": "cross_entropy_without_mean",
    "huber": "huber_without_clipping",
    "l1": "l1_without_sign",
    "binary": "binary_without_sigmoid",
    "weighted-cross-entropy": "weights_of_the_wrong_class",
    "divergence": "divergence_wrong_sign",
    "hinge": "hinge_wrong_side",
    "multi-hinge": "right_class_unheard",
    "ctc": "ctc_blank_unheard",
}


def case_of(name):
    """Return a loss on top of a dense layer, two examples of the largest form that it takes."""
    takes = LOSSES[name].takes[0]
    return Case(FORMS[takes][-1], (("dense", 3),), name, batch=2, seed=1)


@pytest.mark.parametrize("name", FAULTS)
def test_a_loss_with_a_mistake_is_found(name):
    """By every gradient below it."""
    assert check_gradients(*replace(case_of(name), fault=(FAULTS[name], 0)), neighbours=0).verdict in FAILING


@pytest.mark.parametrize("name", LOSSES)
def test_a_right_loss_is_not_accused(name):
    """It is one number, of what the layer says and of a truth that fits that."""
    model, x = case_of(name)
    assert np.shape(model.forward(x)[0]) == ()
    assert check_gradients(model, x, neighbours=0).verdict not in FAILING


def test_of_one_class_alone_there_is_nothing_to_learn():
    """No such loss is drawn; what compares numbers fits them all."""
    assert not LOSSES["cross-entropy"].fits(("row", 1))
    assert LOSSES["cross-entropy"].fits(("row", 2))
    assert LOSSES["squares"].fits(("row", 1))
    loss, _ = Case(("row", 2), (), "l1")
    assert check_gradients(loss, np.array(loss.target), neighbours=0).verdict is Verdict.KINK
