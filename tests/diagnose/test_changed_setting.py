"""Is it recognised that a claim is the right gradient of a layer of which one thing is changed?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from suspects import met, recognised_first, spoilt

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.changed_setting import otherwise, variants
from gradcheck.networks import FAULTS, CrossEntropy, Tanh, mlp, parameters, rebuild, specimen


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


@dataclass(frozen=True)
class OneOff:
    """A network one weight of which is off by a thousandth of itself."""

    inner: object

    def forward(self, x):
        y, back = self.inner.forward(x)

        def backward(dy):
            dx, grad = back(dy)
            W = parameters(grad)["layers[0].W"].copy()
            W[3, 5] *= 1.001
            return dx, replace(self, inner=rebuild(grad, {"layers[0].W": W}))

        return y, backward


def test_a_change_that_hardly_moves_a_wrong_entry_is_not_measured_in_full():
    """An epsilon in a loss changes every slope by less than what is wrong: such variants take a call or two each."""
    rng = np.random.default_rng(5)
    x, loss = rng.standard_normal((12, 40)), CrossEntropy(rng.integers(0, 6, 12))
    net = mlp((40, 30, 6), Tanh(), np.random.default_rng(6))
    (evidence,) = (e for e in met(OneOff(net), x, loss=loss) if e.claim.size == 40 * 30)
    budget = evidence.context.lab.budget
    before = budget.spent
    assert otherwise(evidence) is None
    assert budget.spent - before < 100


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
