"""Is a claim recognised that is the slope over coarse steps, and no other?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import met, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.coarser import smoothed
from gradcheck._results.estimate import Rung

NODES = np.linspace(-4.0, 4.0, 4001)
X = np.array([0.3037, -1.2041, 0.7772])


def read(x):
    return float(np.sum(np.interp(x, NODES, np.tanh(NODES))))


def slope(x):
    return 1 / np.cosh(x) ** 2


def test_the_derivative_of_what_a_table_stands_for_is_named():
    """From two steps, coarser than its nodes lie."""
    (evidence,) = met(read, X, grad=slope)
    found = smoothed(evidence)
    assert found.kind is Slip.COARSER
    assert "the slope over steps of 2e-02 and more" in found.sentence


@pytest.mark.parametrize("factor", [1.02, 0.98, -1.0])
def test_another_number_is_not(factor):
    """It is no slope at any step."""
    (evidence,) = met(read, X, grad=lambda x: factor * slope(x))
    assert smoothed(evidence) is None


def ladder(*slopes):
    return tuple(Rung(4.0**-k, slope, slope, 1e-9) for k, slope in enumerate(slopes))


TABLE = ladder(2.16, 2.01, 2.000625, 1.5, 1.5)  # which tends to 2, and then is another


@pytest.mark.parametrize(
    ("claims", "ladders", "named"),
    [
        ((2.0, 2.0, 2.0), (0, 1, 2), True),
        ((2.03, 2.0, 2.0), (0, 1, 2), True),
        ((2.04, 2.0, 2.0), (0, 1, 2), False),
        ((2.0, 2.0, 2.0), (0, 1), False),
        ((2.0, 1.5, 1.5), (0, 1), True),
        ((2.0, 1.5, 1.5), (1, 2), False),
        ((2.0, 2.0, 2.0), (), False),
    ],
    ids=["all", "about", "not quite", "of too few", "the only one", "of others", "of none"],
)
def test_every_wrong_claim_with_a_ladder_must_be(claims, ladders, named):
    """Within a sixteenth of what it is off by; of three, or of all there are."""
    evidence = replace(suspect(claims, np.full(3, 1.5)), rungs=dict.fromkeys(ladders, TABLE))
    assert (smoothed(evidence) is not None) is named


@pytest.mark.parametrize("slopes", [(2.16, 2.01, 1.5, 1.5), (2.16, 2.01, 1.7, 2.0, 1.5, 1.5), (2.0,)])
def test_what_coarse_slopes_tend_to_once_is_chance(slopes):
    """They must do so from two rungs, one after the other."""
    evidence = replace(suspect([2.0], [1.5]), rungs={0: ladder(*slopes)})
    assert smoothed(evidence) is None


def test_what_the_finest_steps_show_as_well_is_no_slope_of_coarse_ones():
    """As zero, where f stands still on a stair."""
    for end, named in ((0.3, True), (0.0, False)):
        evidence = replace(suspect([0.0], [0.3]), rungs={0: ladder(0.3, 0.3, 0.0, 0.0, 0.0, end)})
        assert (smoothed(evidence) is not None) is named
