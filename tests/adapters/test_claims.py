"""Which of the keywords of a call say what is claimed? Those that give a function, and value_and_grad=True."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError
from gradcheck._adapters.claims import refuse_unread, ways
from gradcheck._options import Options


def test_two_claims_are_both_seen():
    """So that whoever asks can refuse them; in the order in which they are explained."""
    assert ways(Options(value_and_grad=True, vjp=max, grad=min)) == ["grad", "vjp", "value_and_grad"]


@pytest.mark.parametrize("way", ["grad", "vjp", "jvp"])
def test_a_function_is_a_claim(way):
    """And so is whatever stands in its place, for somebody to refuse: zeros too."""
    assert ways(Options(**{way: min})) == [way]
    assert ways(Options(**{way: 0.0})) == [way]
    assert ways(Options(**{way: np.zeros(2)})) == [way]


@pytest.mark.parametrize("yes", [True, np.True_])
@pytest.mark.parametrize("no", [False, np.False_])
def test_yes_and_no_are_no_functions(yes, no):
    """jvp=True asks a framework for its own; value_and_grad=True is a claim, and False none."""
    assert ways(Options(jvp=yes, value_and_grad=no)) == []
    assert ways(Options(value_and_grad=yes)) == ["value_and_grad"]
    assert ways(Options(grad=no)) == []


def test_a_claim_that_nobody_reads_is_refused():
    """By its keyword, so that nobody takes it for checked; False and None claim nothing."""
    refuse_unread(Options(value_and_grad=False, jvp=False, inner=2.0, seed=3), "so", ("inner",))
    with pytest.raises(InputError, match="so; leave out hess= and inner="):
        refuse_unread(Options(hess=min, inner=2.0), "so")
