"""Are the slopes of a weight, either way round, of a bias and of an input what products of matrices make them?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._entries.sites.probe import Probed
from gradcheck._entries.sites.slopes import of_site, together
from gradcheck._model.site import WeightSite
from gradcheck._results.estimate import DEVIATIONS

RNG = np.random.default_rng(3)
X, W = RNG.standard_normal((9, 5)), RNG.standard_normal((5, 4))
D, U, NOISE = RNG.standard_normal((9, 4)), RNG.uniform(0, 1, (9, 4)), RNG.uniform(0, 1e-3, 4)
FOUND = Probed(D, U, NOISE, D > 0, 1)
SITE = WeightSite("W", "b", "x", W, X, X @ W, np.zeros(9), turned=False, at_once=1, shifted=lambda _, s: s)


def whole(slopes):
    parts = [slopes.some(rows) for rows, _ in slopes.blocks()]
    return np.concatenate([slope for slope, _ in parts]), np.concatenate([left for _, left in parts])


@pytest.mark.parametrize("turned", [False, True])
def test_slopes_are_products(turned):
    """Every one of them, in the shape of its tensor."""
    weight, bias, given = of_site(replace(SITE, turned=turned), FOUND)
    expected = D.T @ X if turned else X.T @ D
    assert whole(weight)[0] == pytest.approx(expected)
    assert whole(bias)[0] == pytest.approx(D.sum(0)[np.newaxis])
    assert whole(given)[0] == pytest.approx(D @ W.T)
    assert weight.shape == expected.shape


def test_what_is_unknown_adds_up():
    """As errors that may all be of one sign; noise as what has any."""
    weight, bias, given = of_site(SITE, FOUND)
    assert (whole(weight)[1] >= np.abs(X).T @ U).all()
    assert whole(bias)[1] - U.sum(0) == pytest.approx(whole(bias)[1] * 0 + 4 * 3 * NOISE, rel=0.4)
    assert (whole(given)[1] >= U @ np.abs(W).T).all()


def test_an_input_by_itself_has_the_slopes_themselves():
    """As there is no weight between."""
    (given,) = of_site(replace(SITE, weight=None, bias=None, matrix=None), FOUND)
    assert whole(given)[0] == pytest.approx(D)


def test_what_moves_nothing_is_told_from_what_cancels():
    """A weight behind an input of zero."""
    (weight, *_) = of_site(replace(SITE, rows=X * (np.arange(5) != 2)), FOUND)
    moved = np.concatenate([weight.moved(rows) for rows, _ in weight.blocks()])
    assert (moved[2] == 0).all()
    assert (np.delete(moved, 2, axis=0) > 0).all()


def test_places_within_a_row_add_up():
    """A group of rows that hear of one another is met at several places, one after the other."""
    x, D, U = RNG.standard_normal((9, 3, 5)), RNG.standard_normal((9, 12)), RNG.uniform(0, 1, (9, 12))
    noise = RNG.uniform(0, 1e-3, 12)
    site = replace(SITE, rows=x, before=D)
    weight, bias, given = of_site(site, Probed(D, U, noise, D > 0, 1))
    every = D.reshape(27, 4)
    assert whole(weight)[0] == pytest.approx(x.reshape(27, 5).T @ every)
    assert whole(bias)[0] == pytest.approx(every.sum(0)[np.newaxis])
    assert whole(given)[0] == pytest.approx(every @ W.T)
    lost = sum(np.outer((x[:, p] ** 2).sum(0), noise.reshape(3, 4)[p] ** 2) for p in range(3)) ** 0.5
    unknown = np.abs(x.reshape(27, 5)).T @ U.reshape(27, 4)
    assert whole(weight)[1] - unknown == pytest.approx(DEVIATIONS * lost, rel=1e-9)


def test_sites_of_one_tensor_add_up():
    """As a weight that is met twice, here the same one."""
    weight = next(iter(of_site(SITE, FOUND)))
    (slope, unknown), (twice, more) = whole(weight), whole(together([weight, weight]))
    assert twice == pytest.approx(2 * slope)
    assert more == pytest.approx(2 * unknown)
