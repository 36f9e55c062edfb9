"""Is it recognised that a claim is the right gradient of a layer of which one thing is changed?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from suspects import met, recognised_first, spoilt

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.changed_setting import otherwise, variants
from gradcheck.networks import FAULTS, specimen


def met_in(name):
    """Return what is met in a specimen with a fault."""
    network, *inputs = specimen(FAULTS[name])
    return met(FAULTS[name].apply(network), *inputs)


@cache
def recognised(name):
    """Return the cause that is found in a specimen, and the evidence on which it rests."""
    return recognised_first(otherwise, met_in(name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dropout_mask_forgotten", "it would be right with mask true everywhere"),
        ("layer_norm_gamma_forgotten", "it would be right with gamma all ones"),
        ("instance_norm_as_batch_norm", "it would be right for all examples taken together"),
    ],
)
def test_what_is_changed_is_named(name, words):
    """A setting, a parameter, or what the examples share."""
    found, _ = recognised(name)
    assert found.kind is Slip.SETTING
    assert found.sentence.startswith(words)


def test_a_claim_that_no_variant_has_is_left_to_others():
    """Nor is anything tried where no experiment can be made."""
    _, known = recognised("dropout_mask_forgotten")
    assert otherwise(spoilt(known)) is None
    assert otherwise(replace(known, context=replace(known.context, lab=None))) is None


def test_every_variant_says_how_often_it_calls_the_function():
    """As often as it has points."""
    lab = recognised("instance_norm_as_batch_norm")[1].context.lab
    tried = list(variants(lab, "gamma"))
    alone = [v for v in tried if v.words.startswith("for each example alone")]
    assert [v.calls for v in alone] == [len(lab.inputs["x"])]
    assert all(v.calls == len(v.points(lab.point)) for v in tried)


def test_what_is_trained_is_no_setting_of_its_own_gradient():
    """And a stride is never 0, which some loops would not survive."""
    lab = recognised("layer_norm_gamma_forgotten")[1].context.lab
    assert not any(v.words.startswith("with gamma") for v in variants(lab, "gamma"))
    assert any(v.words.startswith("with gamma") for v in variants(lab, "x"))
