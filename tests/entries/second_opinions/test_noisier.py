"""More noise along an entry than its tensor showed is heard."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tested import ONE, SLOPE, looked_at, on_the_sine, with_noise

from gradcheck._entries.second_opinions import noisier
from gradcheck._entries.second_opinions.noisier import (
    noise_of_this_line,
    noise_where_no_step_tells,
    scatter_of_the_rungs,
)
from gradcheck._results.estimate import Estimate, Rung


def test_noise_of_this_line_speaks():
    """Where the whole tensor was quieter than the entry: what noise makes of the finest steps is no slope then."""
    look, misled = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-16)
    found = noise_of_this_line(look, misled)
    assert not abs(misled.value - SLOPE) <= misled.uncertainty < 1
    assert abs(found.value - SLOPE) <= found.uncertainty < 1e-4


def test_noise_of_this_line_is_silent():
    """Where the entry is no noisier, and where the noise of the tensor was no mere rounding."""
    look, estimate = on_the_sine(sigma=1e-16)
    assert noise_of_this_line(look, estimate) is None
    look, estimate = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-9)
    assert noise_of_this_line(look, estimate) is None


def test_noise_where_no_step_tells_speaks():
    """Where nothing is known with the noise of the tensor, that of the entry is taken."""
    look, misled = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-16)
    found = noise_where_no_step_tells(look, replace(misled, value=math.nan, uncertainty=math.inf))
    assert abs(found.value - SLOPE) <= found.uncertainty < 1e-4


def test_noise_where_no_step_tells_is_silent():
    """Where something is known, where f jumps, and where that noise was taken already."""
    look, misled = looked_at(with_noise(1e-9), np.array([SLOPE]), ONE, sigma=1e-16)
    lost = replace(misled, value=math.nan, uncertainty=math.inf)
    assert noise_where_no_step_tells(look, replace(lost, value=0.5, uncertainty=0.1)) is None
    assert noise_where_no_step_tells(look, replace(lost, jump=True)) is None
    assert noise_where_no_step_tells(replace(look, ladder=look.careful.with_noise(1e-6)), lost) is None


def test_scatter_of_the_rungs_speaks():
    """Where slopes at the finest steps scatter by far more than a noise of 1e-16 makes them."""
    look, sharp = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    vars(look)["careful"] = look.ladder  # as if values close to one another shared their roundings, and looked quiet
    found = scatter_of_the_rungs(look, replace(sharp, uncertainty=0.1))
    assert abs(found.value - SLOPE) <= found.uncertainty
    assert 1e-10 < found.uncertainty < 1e-4


def test_scatter_of_the_rungs_is_silent():
    """Where they scatter by no more than was measured, of a ladder with few rungs, of what is sharp, and of a bend."""
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-10)
    assert scatter_of_the_rungs(look, replace(estimate, uncertainty=0.1)) is None
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(look, estimate) is None
    bent, estimate = looked_at(lambda x: float(np.exp(x[0])), np.array([math.e]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(bent, replace(estimate, uncertainty=0.1)) is None
    look, estimate = looked_at(with_noise(1e-10), np.array([SLOPE]), ONE, sigma=1e-16)
    assert scatter_of_the_rungs(look, replace(estimate, uncertainty=0.1, rungs=estimate.rungs[-6:])) is None
    assert scatter_of_the_rungs(*looked_at(lambda x: 3 * float(x[0]), np.array([2.0]), ONE)) is None


def scattered(changes, uncertainty=0.5, sigma=1e-12, claim=1.0):
    """Return with which noise an estimate is measured anew, whose central slopes change by so much, times the step."""
    steps = 0.25 * 4.0 ** -np.arange(len(changes) + 1)
    signs = np.where(np.arange(len(changes)) % 2, 1.0, -1.0)
    central = 1.0 + np.concatenate([[0.0], np.cumsum(signs * changes / steps[1:])])
    rungs = tuple(Rung(h, c, c, 0.0) for h, c in zip(steps, central, strict=True))
    look, _ = on_the_sine(claim=claim, sigma=sigma)
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(noisier.derivative, "estimate", lambda ladder: asked.append(ladder.sigma) or "measured")
        found = scatter_of_the_rungs(look, Estimate(1.0, uncertainty, 1.0, 1.0, rungs=rungs))
    assert (found == "measured") is bool(asked)
    return asked


@pytest.mark.parametrize(
    ("changes", "sigma"),
    [
        ([9, 1, 2, 3, 4, 5, 6], 4.0),  # twice the smaller median of three
        ([4, 5, 6, 1, 2, 3], 4.0),
        ([2, 2, 2, 2, 2, 2], 4.0),
        ([1, 1, 1, 17**3, 17**2, 16.5], None),  # that is a bend
        ([9, 9, 9, 16.5 * 15, 16.5, 1.0], 18.0),
        ([2, 2, 2, 2, 2], None),  # too few
    ],
)
def test_rungs_that_scatter_show_the_noise(changes, sigma):
    """The six finest, in two groups; what falls by more than 16 from each of the last three is curvature."""
    found = scattered(1e-6 * np.array(changes, float))
    assert found == ([] if sigma is None else [pytest.approx(1e-6 * sigma)])


@pytest.mark.parametrize(("part", "more"), [(0.9, False), (1.1, True)])
def test_twice_the_noise_that_was_measured_is_more(part, more):
    """An estimate that is sharp needs none of it."""
    changes = np.full(6, part * 1e-6)
    assert bool(scattered(changes, sigma=1e-6)) is more
    assert bool(scattered(np.full(6, 1e-6), uncertainty=part * 4e-6)) is more
    assert bool(scattered(np.full(6, 1e-6), uncertainty=part * 8e-6, claim=2.0)) is more
