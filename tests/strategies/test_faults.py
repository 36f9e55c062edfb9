"""Where could this network be wrong? A planted mistake changes the gradient, of one layer alone, and is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from drawn import FAILING, few
from hypothesis import given

from gradcheck import check_gradients, networks
from gradcheck.strategies import Case, faults_in, networks_and_inputs
from gradcheck.strategies.faults import SEEN, effect, places_in


@few
@given(faults_in(networks_and_inputs(most=2)))
def test_a_planted_fault_is_found(case):
    """The mistake changes the gradient, and the checker sees it; a network without any is right."""
    verdict = check_gradients(*case, neighbours=0).verdict
    assert (verdict in FAILING) == (case.fault is not None)
    assert case.fault is None or effect(case) > SEEN


def test_a_fault_is_planted_in_one_layer_alone():
    """What the network computes stays as it is; so does the gradient, but for what that layer hands on."""
    clean = Case(("row", 3), (("dense", 4), ("tanh",), ("dense", 2)), "squares", batch=3)
    (model, x), (faulty, same) = clean, replace(clean, fault=("bias_twice", 1))
    assert np.array_equal(x, same)
    assert model.forward(x)[0] == faulty.forward(x)[0]
    right, wrong = (networks.parameters(m.forward(x)[1]()[1]) for m in (model, faulty))
    assert [p for p in right if not np.array_equal(right[p], wrong[p])] == ["network.layers[2].b"]
    assert effect(replace(clean, fault=("bias_twice", 1))) == pytest.approx(1)
    assert {("bias_twice", 0), ("bias_twice", 1), ("tanh_missing", 0)} <= set(places_in(clean))
    assert ("bias_twice", 2) not in set(places_in(clean))
