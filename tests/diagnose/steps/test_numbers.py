"""Are the numbers of a function found, and can its run be made again with others?"""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import places

from gradcheck._diagnose.steps.numbers import axes, plain_numbers

A = np.array([0.3, -1.2, 2.0])
C = 0.25
MATRIX, W = np.array([[0.3, -1.2, 2.0], [1.5, 0.2, -0.7]]), np.array([[1.0, 2.0, 4.0], [-1.0, 3.0, 0.5]])


def numbers(f):
    return list(plain_numbers(places(f, A)))


@pytest.mark.parametrize(
    ("f", "value", "nothing", "written"),
    [
        (lambda a: np.sum(np.sin(a) + C), 0.25, 0.0, "C"),
        (lambda a: np.sum(C * np.sin(a)), 0.25, 1.0, "C"),
        (lambda a: np.sum(np.sin(a) / 3), 3, 1.0, "3"),
        (lambda a: np.sum(1 - np.sin(a)), 1, None, "1"),
        (lambda a: np.sum(1.5 / np.exp(a)), 1.5, None, "1.5"),
        (lambda a: np.sum(np.exp(a) ** 2.5), 2.5, None, "2.5"),
    ],
)
def test_a_number_is_known_as_it_is_written(f, value, nothing, written):
    """With the one that would change nothing in its place: none where what is moved comes second."""
    (found,) = numbers(f)
    assert (found.value, found.nothing, found.written) == (value, nothing, written)


@pytest.mark.parametrize(("number", "slope"), [(0.0, np.cos(A)), (2.0, np.cos(A + 2.0))])
def test_the_gradient_is_that_with_another_number(number, slope):
    """All that comes after it is made again."""
    (found,) = numbers(lambda a: np.sum(np.sin(a + 0.5)))
    np.testing.assert_allclose(found.gradients(number)["a"], slope, rtol=1e-8)


def test_in_a_loop_it_is_another_in_all_turns():
    """Where it is the same in all of them."""

    def f(a):
        for _ in range(3):
            a = 0.5 * a
        return np.sum(np.sin(a))

    (found,) = numbers(f)
    np.testing.assert_allclose(found.gradients(2.0)["a"], 8 * np.cos(8 * A), rtol=1e-8)


def test_a_number_that_changes_from_turn_to_turn_is_none():
    """Such as what is counted; nor is a truth value, or what is not finite."""

    def f(a):
        for t in range(3):
            a = t * 0.7 * a
        return np.sum(np.sin(a) * True + np.minimum(a, np.inf))

    assert numbers(f) == []


def test_the_record_stays_as_it_was():
    """Another run is another record."""
    there = places(lambda a: np.sum(np.sin(a + 0.5)), A)
    (found,) = plain_numbers(there)
    found.gradients(2.0)
    np.testing.assert_allclose(there.way.gradients({})["a"], np.cos(A + 0.5), rtol=1e-8)


def test_all_that_is_done_along_an_axis_is_done_along_another():
    """However it is given, and counted from whichever end."""

    def f(a):
        return np.sum(W * (a - a.mean(1, keepdims=True)) / np.sum(a * a, axis=-1, keepdims=True))

    ((found, others),) = axes(places(f, MATRIX))
    assert (found.value, others, found.place.partition(" (line")[0]) == (1, [0], "in a.mean(1, keepdims=True)")
    right = places(lambda a: np.sum(W * (a - a.mean(axis=0)) / np.sum(a * a, axis=0)), MATRIX).way.gradients({})
    np.testing.assert_allclose(found.gradients(0)["a"], right["a"], rtol=1e-8)
