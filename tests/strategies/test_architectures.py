"""Which networks are there? What is drawn is right, fits, and becomes small where it fails."""

from __future__ import annotations

from dataclasses import is_dataclass, replace

import numpy as np
import pytest
from drawn import FAILING, few
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gradcheck import Verdict, check_gradients, networks
from gradcheck._fuzz.shrink import Finding, smallest
from gradcheck.strategies import Case, layers_and_inputs, networks_and_inputs
from gradcheck.strategies.architectures import FAMILIES, FORMS
from gradcheck.strategies.case import gradient
from gradcheck.strategies.kinds import GROUPS, TABLE
from gradcheck.strategies.losses import LOSSES


def wrongly(name):
    """Return what judges a case whose first layer that can make the mistake makes it."""

    def judge(case):
        try:
            model, *inputs = replace(case, fault=(name, 0))
        except ValueError:  # there is no such layer
            return Finding(case)
        return Finding(case, "found" if check_gradients(model, *inputs, neighbours=0).verdict is Verdict.WRONG else "")

    return judge


@pytest.mark.parametrize("name", ["tanh_missing", "bias_twice", "square_without_2"])
def test_a_wrong_layer_is_found_and_the_network_around_it_taken_away(name):
    """What is left are two layers at most, of the simplest sort."""
    found = smallest(networks_and_inputs(most=2), wrongly(name), examples=200, seed=1, tries=50)
    assert found is not None
    assert found.example.depth <= 2


@few
@given(networks_and_inputs(most=2))
def test_a_right_network_is_not_accused(case):
    assert check_gradients(*case).verdict not in FAILING


@few
@given(layers_and_inputs())
def test_a_right_layer_is_not_accused(case):
    assert check_gradients(*case).verdict not in FAILING


def types_within(part):
    """Yield the types of a layer and of all that it holds."""
    yield type(part)
    held = part if isinstance(part, (tuple, list)) else vars(part).values() if is_dataclass(part) else ()
    for inner in held:
        yield from types_within(inner)


def test_every_layer_of_the_library_can_be_drawn():
    """Its numbers fit every form that it takes. A new layer needs a function in gradcheck/strategies."""
    met = {networks.Chain, networks.Cost}

    @settings(max_examples=6, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def build(kind, forms, data):
        form = data.draw(st.sampled_from(forms))
        layer, *inputs = Case(form, ((kind.name, *data.draw(kind.numbers(form))),), batch=2)
        layer.forward(*inputs)
        met.update(types_within(layer))

    for kind in TABLE.values():
        assert kind.group in GROUPS
        for takes in kind.takes:
            build(kind, [form for form in FORMS[takes] if kind.fits(form)])
    for name, loss in LOSSES.items():
        met.update(types_within(next(iter(Case(next(f for f in FORMS[loss.takes[0]] if loss.fits(f)), (), name)))))
    assert {t.__name__ for t in vars(networks).values() if is_dataclass(t) and hasattr(t, "forward")} == {
        t.__name__ for t in met if hasattr(t, "forward")
    }


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_can_be_asked_for(family):
    """Then many networks are of that family."""
    found = []

    @settings(max_examples=80, deadline=None, derandomize=True, database=None)
    @given(networks_and_inputs(families=[family]))
    def note(case):
        found.append(family in {TABLE[step[0]].group for step in case.layers})

    note()
    assert np.mean(found) > 0.25


def test_a_failing_test_prints_what_can_be_pasted():
    """What Hypothesis prints of a failing example is its line of code."""

    @settings(max_examples=50, deadline=None, database=None, derandomize=True, phases=list(Phase)[:-1])
    @given(networks_and_inputs())
    def check(case):
        assert ("dense", 1) not in case.layers

    with pytest.raises(AssertionError) as caught:
        check()
    assert "case=Case(layers=(('dense', 1),))," in "\n".join(caught.value.__notes__)


@few
@given(st.one_of(networks_and_inputs(), layers_and_inputs()))
def test_something_is_tested(case):
    """The cost feels something of what it is given, so that `assert_gradients` may be called."""
    assert any(np.any(g) for g in gradient(case).values())
