"""What a step makes of entries that tie is followed back with the first, the last, or all of them in equal parts."""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import way

from gradcheck._diagnose.steps.kinks import gradients, kinks

W, V = np.random.default_rng(0).normal(size=(12, 3)), np.random.default_rng(1).normal(size=4)
ZERO = np.zeros(3)
FIRST, LAST, EVEN = [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [1 / 3] * 3


def made(f, *points):
    found = way(f, *points)
    return [g["a"] for g in gradients(found, kinks(found))]


@pytest.mark.parametrize("largest", [np.max, np.min, lambda a, axis: np.sort(a, axis=axis)[:, 0]])
def test_a_layer_of_pieces_at_zero_has_a_gradient_for_each_rule(largest):
    """That of the first piece, of all in equal parts, and of the last, or the other way round."""
    found = made(lambda x: V @ largest((W @ x).reshape(4, 3), axis=1), ZERO)
    rules = [W.T @ np.outer(V, pieces).ravel() for pieces in (FIRST, LAST)]
    for rule, one in zip(rules, (found[0], found[-1]) if largest is np.max else (found[-1], found[0]), strict=True):
        np.testing.assert_allclose(one, rule, rtol=1e-6, atol=1e-9)


def test_all_that_tie_are_given_equal_parts():
    """Not half of the slope each, which is what differences show of each by itself."""
    found = made(lambda x: V @ np.max((W @ x).reshape(4, 3), axis=1), ZERO)
    np.testing.assert_allclose(found[1], W.T @ np.outer(V, EVEN).ravel(), rtol=1e-6)


def test_entries_that_do_not_tie_keep_their_slope():
    """Of three entries the two largest tie."""
    np.testing.assert_allclose(
        made(np.max, np.array([1.0, 2.0, 2.0])), [[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]], atol=1e-6
    )


@pytest.mark.parametrize(
    "f",
    [
        np.sum,
        lambda x: np.log(np.sum(np.exp(x))),
        lambda x: np.sum(np.cumsum(x) ** 2),
        lambda x: np.sum(np.linalg.inv(np.diag(x) + np.ones((3, 3)))),
    ],
    ids=["sum", "log-sum-exp", "running sums", "inverse"],
)
def test_a_step_with_one_slope_picks_nothing(f):
    """However many of its entries are equal."""
    found = way(f, np.ones(3))
    assert kinks(found) == []


def test_ties_of_many_entries_are_not_looked_at():
    """As their derivatives are not measured."""
    found = way(lambda x: np.sum(np.sort(x)[:600]), np.zeros(600))
    assert kinks(found) == []


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_ties_are_broken_by_moves_of_the_size_of_the_entries(scale):
    """Those that do not tie stay apart, and those that do are told from one another."""
    found = made(np.max, scale * np.array([1.0, 2.0, 2.0]))
    np.testing.assert_allclose(found, [[0, 1, 0], [0, 0.5, 0.5], [0, 0, 1]], atol=1e-6)
    rising = made(lambda x: np.sum(np.max(x, axis=0) ** 2) / scale, scale * np.array([[3.0, 5.0], [3.0, 5.0]]))
    np.testing.assert_allclose(rising[1], [[3, 5], [3, 5]], rtol=1e-5)
