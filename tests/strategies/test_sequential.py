"""Layers for sequences: a mistake in any of them is found, and its kind says what comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn import FAILING
from hypothesis import find
from hypothesis.errors import NoSuchExample

from gradcheck import Verdict, check_gradients
from gradcheck.strategies import Case
from gradcheck.strategies.kinds import TABLE, after

WRONG = {
    "an embedding": (Case(("tokens", 2, 3), (("embedding", 2),), batch=2), "embedding_overwritten"),
    "a simple cell": (Case(("sequence", 3, 2), (("recurrent", "simple", 2, True),), batch=2), "one_step_back"),
    "an LSTM": (Case(("sequence", 2, 1), (("recurrent", "lstm", 1, False),)), "lstm_carry_dropped"),
    "the last step": (Case(("sequence", 3, 2), (("tanh",), ("last-step",)), batch=2), "last_step_spread"),
    "attention": (Case(("sequence", 3, 2), (("self-attention", 1, True),), batch=2), "self_attention_query_unheard"),
    "places": (Case(("sequence", 3, 2), (("position-embedding", 1),), batch=2), "position_row_late"),
    "an angle": (Case(("sequence", 3, 2), (("rotary-encoding",),), batch=2), "rotary_turned_on"),
}


@pytest.mark.parametrize(("case", "fault"), WRONG.values(), ids=WRONG)
def test_a_layer_with_a_mistake_is_found(case, fault):
    """And without it, it is right."""
    assert check_gradients(*replace(case, fault=(fault, 0)), neighbours=0).verdict in FAILING
    assert check_gradients(*case, neighbours=0).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("steps", "form"),
    [
        ((("embedding", 4),), ("sequence", 3, 4)),
        ((("embedding", 4), ("recurrent", "gru", 2, False)), ("sequence", 3, 2)),
        ((("embedding", 4), ("transformer", 2, 3, False), ("positional-encoding",)), ("sequence", 3, 4)),
        ((("embedding", 4), ("last-step",)), ("row", 4)),
    ],
)
def test_the_form_of_a_sequence(steps, form):
    """Words become rows, and the last of them stands alone."""
    takes = ("tokens", 5, 3)
    assert after(takes, steps) == form
    model, x = Case(takes, steps, batch=2)
    assert model.forward(x)[0].shape == (2, *form[1:])


def test_what_fits_no_sequence_is_not_drawn():
    """Angles need pairs; heads share the axis among them."""
    assert not TABLE["rotary-encoding"].fits(("sequence", 2, 3))
    assert TABLE["rotary-encoding"].fits(("sequence", 2, 4))
    for heads in (1, 2, 4):
        assert find(TABLE["self-attention"].numbers(("sequence", 2, 4)), lambda n, h=heads: n[0] == h)
    with pytest.raises(NoSuchExample):
        find(TABLE["self-attention"].numbers(("sequence", 2, 4)), lambda n: n[0] == 3)
