"""Is it recognised which part of the cotangent is heard?"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from suspects import met, spoilt

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.wrong_cotangent import heard

RNG = np.random.default_rng(5)
J = RNG.normal(size=(4, 4))


@cache
def evidence(back):
    """Return the evidence of J x with a way back of its own."""
    (found,) = met(lambda x: J @ x, RNG.normal(size=4), vjp=lambda x, u: back(u))
    return found


CASES = {
    "the last": (lambda u: u[-1] * J[-1], "the last along axis 0 of the output alone is used"),
    "turned round": (lambda u: u[::-1] @ J, "the cotangent is reversed along axis 0"),
    "averaged": (lambda u: u.mean() * J.sum(axis=0), "the cotangent is averaged over axis 0"),
    "ones": (lambda u: J.sum(axis=0), "it would be right for a cotangent of ones"),
    "turned on": (lambda u: J @ u, "the Jacobian is applied to the cotangent where its transpose"),
    "the diagonal": (lambda u: u * np.diag(J), "the diagonal of the derivative alone"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_heard_is_named(name):
    """Held against the measured derivative of every output."""
    back, words = CASES[name]
    found = heard(evidence(back))
    assert found.kind is Slip.COTANGENT
    assert words in found.sentence


@pytest.mark.parametrize("name", CASES)
def test_nearly_that_is_not(name):
    """Nothing is guessed, and nothing is said where nothing can be measured."""
    known = evidence(CASES[name][0])
    assert heard(spoilt(known)) is None
    assert heard(replace(known, context=replace(known.context, lab=None))) is None
