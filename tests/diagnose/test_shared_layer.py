"""Is it recognised which use of a layer is ignored?"""

from __future__ import annotations

from functools import cache

import pytest
from suspects import met, recognised_first, spoilt

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.shared_layer import unheard, uses
from gradcheck.networks import FAULTS, specimen


@cache
def evidence(name):
    """Return what is met in a specimen with a fault."""
    network, *inputs = specimen(FAULTS[name])
    return met(FAULTS[name].apply(network), *inputs)


@pytest.mark.parametrize(
    ("pattern", "name", "kind", "words"),
    [
        (uses, "last_use_alone", Slip.USE_OF_A_LAYER, "only the last of 3 uses of layer counts"),
        (uses, "uses_averaged", Slip.USE_OF_A_LAYER, "every entry is 1/3 of the measured value, with 3 uses of layer"),
        (uses, "one_step_back", Slip.USE_OF_A_LAYER, "what comes back from a use of cell is not passed on"),
        (unheard, "first_branch_alone", Slip.UNHEARD_LAYER, "what comes back from layers[1] (Chain)"),
    ],
)
def test_what_is_not_heard_is_named(pattern, name, kind, words):
    """A use of several, a state that is not handed on, a branch."""
    found, _ = recognised_first(pattern, evidence(name))
    assert found.kind is kind
    assert found.sentence.startswith(words)


@pytest.mark.parametrize(("pattern", "name"), [(uses, "last_use_alone"), (unheard, "first_branch_alone")])
def test_nearly_that_is_not(pattern, name):
    """Nothing is guessed."""
    assert not any(pattern(spoilt(e)) for e in evidence(name))


def test_a_layer_that_is_used_once_has_no_other_use():
    """What is wrong with it is for others to say."""
    assert not any(uses(e) for e in evidence("first_branch_alone"))
