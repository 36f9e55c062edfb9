"""Layers that take several inputs: a mistake in any of them is found, and each input has the shape it needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import FAILING

from gradcheck import Verdict, check_gradients, networks
from gradcheck.strategies import Case

WRONG = {
    "a cell": (Case(("several",), (("cell", "gru", 2, 2),), batch=2), "gru_update_sign"),
    "a cell over time": (Case(("several",), (("unroll", 2, "lstm", 1, 1),)), "lstm_carry_dropped"),
    "attention": (Case(("several",), (("attention", 2, 3, 2, 2, False),), batch=2), "attention_scale_forgotten"),
    "heads": (Case(("several",), (("multi-head", 2, 1, False, 1, 2),)), "first_head_alone"),
    "a memory": (Case(("several",), (("decoder", 2, 2, 2, 2, 3),)), "memory_value_unheard"),
    "a decoder": (Case(("several",), (("decoder", 2, 2, 2, 2, 3),)), "decoder_skip_forgotten"),
    "pairs": (Case(("several",), (("bilinear", 2, 2, 2),), batch=2), "bilinear_inputs_exchanged"),
    "alike or not": (Case(("several",), (("cosine-embedding", 3),), batch=2), "cosine_of_unit_vectors"),
    "nearer or not": (Case(("several",), (("triplet", 3),), batch=2), "negative_drawn_closer"),
}


@pytest.mark.parametrize(("case", "fault"), WRONG.values(), ids=WRONG)
def test_a_layer_with_a_mistake_is_found(case, fault):
    """And without it, it is right."""
    assert check_gradients(*replace(case, fault=(fault, 0)), neighbours=0).verdict in FAILING
    assert check_gradients(*case, neighbours=0).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("step", "shapes"),
    [
        (("cell", "simple", 3, 2), [(4, 3), (4, 2)]),
        (("cell", "lstm", 3, 2), [(4, 3), (4, 2), (4, 2)]),
        (("unroll", 5, "gru", 3, 2), [(5, 4, 3), (4, 2)]),
        (("attention", 2, 3, 5, 6, True), [(4, 2, 5), (4, 3, 5), (4, 3, 6)]),
        (("multi-head", 2, 3, True, 5, 7), [(4, 5, 6), (4, 7, 6), (4, 7, 6)]),
        (("decoder", 2, 3, 1, 5, 7), [(4, 5, 6), (4, 7, 6)]),
        (("bilinear", 2, 3, 1), [(4, 2), (4, 3)]),
        (("cosine-embedding", 3), [(4, 3)] * 2),
        (("triplet", 3), [(4, 3)] * 3),
    ],
)
def test_each_input_has_the_shape_that_the_layer_needs(step, shapes):
    """The batch is 4; an LSTM has two states."""
    model, *inputs = Case(("several",), (step,), batch=4)
    assert [x.shape for x in inputs] == shapes
    model.forward(*inputs)


def test_the_edge_of_a_margin_is_not_judged():
    """Where the one is as near as the other, and the margin is just kept, a triplet has a kink."""
    anchor = np.zeros((1, 1))
    report = check_gradients(networks.Triplet(), anchor, anchor + 1, anchor + 2, neighbours=0)
    assert report.verdict in (Verdict.KINK, Verdict.UNTESTED)
    assert report.wrong == ()
