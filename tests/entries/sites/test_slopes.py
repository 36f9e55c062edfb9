"""Are the slopes of a weight, either way round, of a bias and of an input what products of matrices make them?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._entries.sites import slopes as module
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


@pytest.mark.parametrize("turned", [False, True])
def test_what_noise_leaves_is_that_of_independent_numbers(turned):
    """Added up over rows: its three deviations of each unit, times the length of the inputs."""
    weight, bias, given = of_site(replace(SITE, turned=turned), FOUND)
    lost = DEVIATIONS * np.outer(np.linalg.norm(X, axis=0), NOISE)
    lost, summed = (lost.T, U.T @ np.abs(X)) if turned else (lost, np.abs(X).T @ U)
    assert whole(weight)[1] == pytest.approx(summed + lost)
    assert whole(bias)[1] == pytest.approx((U.sum(0) + DEVIATIONS * NOISE * 3)[np.newaxis])
    assert whole(given)[1] == pytest.approx(U @ np.abs(W).T + DEVIATIONS * np.sqrt(NOISE**2 @ W.T**2))


def test_how_many_terms_an_entry_was_seen_to_move():
    """Those of the rows whose input is not zero, and whose unit is alive."""
    x = np.where(np.arange(5) == 2, 0.0, X)
    weight, bias, given = of_site(replace(SITE, rows=x), FOUND)
    alive = (D > 0).astype(float)
    everything = slice(0, 9)
    assert weight.moved(slice(0, 5)).tolist() == ((x != 0).T @ alive).tolist()
    assert bias.moved(slice(0, 1)).tolist() == [alive.sum(0).tolist()]
    assert given.moved(everything).tolist() == (alive @ (W.T != 0)).tolist()
    turned, *_ = of_site(replace(SITE, rows=x, turned=True), FOUND)
    assert turned.moved(slice(1, 3)).tolist() == (alive[:, 1:3].T @ (x != 0)).tolist()


def test_places_beside_one_another_are_rows_of_their_own():
    """Two groups of three places: noise is that of each place's unit."""
    rng = np.random.default_rng(12)
    rows = rng.standard_normal((2, 3, 5))
    slopes, unknown = rng.standard_normal((2, 3 * 4)), np.full((2, 3 * 4), 0.25)
    noise = np.arange(1.0, 13)
    found = Probed(slopes, unknown, noise, slopes > 0, 1)
    weight, bias, given = of_site(replace(SITE, rows=rows, before=np.zeros((2, 12))), found)
    each, units = slopes.reshape(6, 4), noise.reshape(3, 4)
    assert whole(weight)[0] == pytest.approx(rows.reshape(6, 5).T @ each)
    size = np.sum(rows**2, axis=0)
    lost = np.sqrt(size.T @ (DEVIATIONS * units) ** 2)
    assert whole(weight)[1] == pytest.approx(np.abs(rows.reshape(6, 5)).T @ np.full((6, 4), 0.25) + lost)
    of_bias = 6 * 0.25 + np.sqrt(2 * np.sum((DEVIATIONS * units) ** 2, axis=0))
    assert whole(bias)[1] == pytest.approx(of_bias[np.newaxis])
    own = np.sqrt((DEVIATIONS * units) ** 2 @ W.T**2)
    assert whole(given)[1] == pytest.approx(np.full((6, 4), 0.25) @ np.abs(W.T) + np.tile(own, (2, 1)))


def test_blocks_are_of_so_many_entries(monkeypatch):
    """One row at least."""
    (weight, *_), places = of_site(SITE, FOUND), []
    for block in (8, 9, 3, 20):
        monkeypatch.setattr(module, "BLOCK", block)
        places.append([(rows.start, rows.stop, entries.start, entries.stop) for rows, entries in weight.blocks()])
    assert places[0] == places[1] == [(0, 2, 0, 8), (2, 4, 8, 16), (4, 5, 16, 20)]
    assert [row[:2] for row in places[2]] == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]
    assert places[3] == [(0, 5, 0, 20)]


def test_an_input_by_itself_has_the_noise_of_its_units():
    """Three deviations of each."""
    (given,) = of_site(replace(SITE, weight=None, bias=None, matrix=None), FOUND)
    assert whole(given)[1] == pytest.approx(U + DEVIATIONS * NOISE)
