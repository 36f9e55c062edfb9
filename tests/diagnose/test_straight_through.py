"""Is a straight-through estimator named, and no other gradient of what stands still?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import D, E, suspect

from gradcheck._diagnose import straight_through as module
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.straight_through import straight_through

NOTHING = np.zeros((5, 5))
U = D[:5]


def through(claim=U, output=None, estimate=NOTHING):
    output = np.round(3 * E) if output is None else output
    return suspect(claim, estimate, kind="input", cotangent=U, output=output)


@pytest.mark.parametrize("output", [np.round(3 * E), np.sign(E), 0.13 * np.round(3 * E)])
def test_a_cotangent_that_is_handed_on_through_steps_is_named(output):
    """Whatever their size, and in part as well."""
    found = straight_through(through(output=output))
    assert found.kind is Slip.STRAIGHT_THROUGH
    assert "passed on as if it did not" in found.sentence
    assert "passed on in part as if" in straight_through(through(np.where(E > 0, U, 0), output)).sentence


@pytest.mark.parametrize(
    "evidence",
    [
        through(2 * U),
        through(output=E),
        through(output=np.full((5, 5), 3.0)),
        through(estimate=E),
        suspect(U, NOTHING, kind="input"),
    ],
    ids=["twice", "no steps", "one value", "it moves", "no cotangent"],
)
def test_others_are_left_alone(evidence):
    """Of a single value nobody knows whether it goes in steps."""
    assert straight_through(evidence) is None


@pytest.mark.parametrize(
    ("y", "are_steps"),
    [
        ([0.0, 1.0, 1.0, 0.0], True),
        ([0.0, 1.0, 2.0, 5.0], True),
        ([0.0, 1.0, 2.0], False),
        ([0.0, 1.0, 2.0, 5.3], False),
        ([0.0, 0.0, 0.0, 0.0], False),
        ([-3.0, 0.0, 1.0, 2.0, 7.0], True),
        ([0.1, 0.2, 0.30000001, 0.7], True),
        ([0.0, 1.0, 2.0, 5e4], True),
        ([0.0, 1.0, 2.0, 1.25e5], False),
        ([0.5, 0.7, 0.7, 0.5, 0.11, 0.11], True),
        ([0.5, 0.7, 0.7, 0.5, 0.11, 0.13], False),
        ([1e6, 3e6, 4e6, 9e6], True),
    ],
)
def test_which_values_are_steps(y, are_steps):
    """Those that repeat, half of them or more; or four multiples of one step, that are a hundred thousand at most."""
    assert module._steps(np.array(y)) is are_steps


@pytest.mark.parametrize(("entries", "passed", "told"), [(3, 3, False), (4, 4, True), (5, 3, True), (5, 2, False)])
def test_of_four_entries_three_show_that_a_cotangent_is_passed_through(entries, passed, told):
    """In part, if zeros stand beside them."""
    c = np.arange(1.0, entries + 1)
    claim = np.where(np.arange(entries) < passed, c, 0.0)
    found = straight_through(suspect(claim, np.zeros(entries), cotangent=c, output=np.round(c / 2) % 2))
    assert (found is not None) is told
    assert not told or ("in part" in found.sentence) is (passed < entries)
    assert straight_through(suspect(claim, 1e-3 * c, cotangent=c, output=np.round(c / 2) % 2)) is None


def test_a_cotangent_is_passed_through_as_it_is():
    """However little is known of a slope of zero: the claim rests on the cotangent alone."""
    vague = replace(through(), slack=np.full((5, 5), 1e-3))
    assert straight_through(vague) is not None
    assert straight_through(replace(vague, claim=U + 1e-4 * np.sign(E))) is None


def test_values_that_repeat_but_for_rounding_are_steps():
    """To nine digits of the largest; how many steps there are is counted from the lowest value."""
    assert module._steps(np.round(3 * E).ravel() * (1 + 1e-12 * E.ravel()))
    assert not module._steps(np.round(3 * E).ravel() * (1 + 1e-7 * E.ravel()))
    assert not module._steps(np.array([0.0, 6e4, 6e4 + 1, 1.25e5]))
    assert module._steps(np.array([0.0, 6e4, 6e4 + 1, 8e4]))
