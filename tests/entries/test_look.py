"""A look knows how far a claim is from an estimate, and which ladder is the careful one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import looked_at

from gradcheck._entries.look import NARROW

SLOPE = math.cos(1.0)


def on_the_sine(claim=SLOPE, **keywords):
    return looked_at(lambda x: float(np.sin(x).sum()), np.array([claim]), np.array([1.0]), **keywords)


def test_a_look_tells_slight_from_gross_and_narrow_from_plain():
    """A twentieth of itself, and four uncertainties; the noise along an entry is measured only in quiet tensors."""
    look, estimate = on_the_sine(claim=1.04 * SLOPE)
    assert look.slight(estimate)
    assert not look.narrow(estimate)
    assert look.narrow(replace(estimate, uncertainty=0.015 * SLOPE))
    assert not on_the_sine(claim=1.06 * SLOPE)[0].slight(estimate)
    assert look.careful is not look.ladder
    loud, _ = on_the_sine(sigma=1e-3)
    assert loud.careful is loud.ladder
    assert NARROW == 4


def test_what_is_plain_is_off_by_far_from_a_slope_that_is_sharp():
    """A slight error is not, nor what is known to a thousandth, nor zero."""
    look, estimate = on_the_sine(claim=2 * SLOPE)
    assert look.plain(estimate)
    assert not look.plain(replace(estimate, uncertainty=1e-3))
    assert not look.plain(replace(estimate, value=0.0))
    assert not on_the_sine(claim=1.04 * SLOPE)[0].plain(estimate)


@pytest.mark.parametrize(("known", "plain"), [(3e-6, True), (6e-6, False)])
def test_a_slope_is_sharp_that_shows_an_error_of_a_hundred_thousandth(known, plain):
    """Known to less than half of that: to four millionths."""
    look, estimate = on_the_sine(claim=2 * SLOPE)
    assert look.plain(replace(estimate, uncertainty=known * SLOPE)) is plain
