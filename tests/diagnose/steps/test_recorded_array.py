"""Is each step on an array seen, whatever way it is written?"""

from __future__ import annotations

import numpy as np
import pytest
from recorded_runs import names, run, way

A, B = np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[0.5, -2.0], [1.5, 4.0]])


@pytest.mark.parametrize(
    ("f", "steps"),
    [
        (lambda a, b: (a * b).sum(), "multiply sum"),
        (lambda a, b: np.sum(np.where(a > b, a, b)), "where sum"),
        (lambda a, b: a.T.dot(b).mean(), "transpose dot mean"),
        (lambda a, b: np.add.reduce(np.ravel(a - b)), "subtract ravel add"),
        (lambda a, b: np.einsum("ij,ij", a, b), "einsum"),
        (lambda a, b: np.linalg.det(a) + b[0, 1], "det getitem add"),
        (lambda a, b: sum(part.sum() for part in np.split(a * b, 2)), "multiply split split sum add sum add"),
        (lambda a, b: np.asarray(a).max() + np.array(b).min(), "asarray max array min add"),
    ],
)
def test_steps_are_seen(f, steps):
    """Of operators, methods, and functions of NumPy."""
    assert names(run(f, A, B)) == steps.split()


def test_what_is_changed_in_place_is_seen():
    """By operators, by entries, and by add.at."""

    def f(a, b):
        c = np.zeros((2, 2))
        c[0] = a[0] * b[1]
        c += a
        c *= 2
        np.add.at(c, ([0, 0], [1, 1]), b[0])
        np.multiply(c, b, out=c)
        return np.sum(c)

    found = way(f, A, B).gradients({})
    np.testing.assert_allclose(found["a"], 2 * B + np.array([2 * B[0] * B[1], [0, 0]]), rtol=1e-8)


def test_what_is_added_to_a_plain_array_is_seen_by_its_numbers():
    """Whether it was made in the run or before it."""

    def f(a):
        c = np.zeros(2)
        np.add.at(c, [0, 0, 1], a.ravel()[:3])
        return np.sum(c**2)

    np.testing.assert_allclose(way(f, A).gradients({})["a"], [[6.0, 6.0], [6.0, 0.0]], rtol=1e-8)
    before = np.zeros(2)
    assert names(run(lambda a: np.add.at(before, [0, 0, 1], a.ravel()[:3]) or np.sum(a), A))[-1] == "sum"
    assert before.tolist() == [3.0, 3.0]


def test_a_product_with_a_plain_array_is_seen_late():
    """X.dot(W) asks nobody, if X is an array of NumPy."""
    X = np.array([[1.0, 0.5], [2.0, -1.0], [0.3, 4.0]])
    np.testing.assert_allclose(way(lambda a: np.sum(X.dot(a) ** 2), A).gradients({})["a"], 2 * X.T @ X @ A, rtol=1e-8)


def test_whole_numbers_and_truth_values_are_left_as_they_are():
    """They have no derivative."""
    seen = []
    run(lambda a: seen.extend([a > 1, a.argmax(), np.sign(a).astype(int)]) or np.sum(a), A)
    assert [type(each) in (np.ndarray, np.int64) for each in seen] == [True] * 3


def test_an_array_without_a_record_is_an_array():
    """One that was made unseen, or whose run is over."""
    kept = []
    record = run(lambda a: kept.append(a) or np.sum(a), A)
    before = len(record.steps)
    np.testing.assert_array_equal(kept[0] * 2, 2 * A)
    kept[0][0, 0] = 7.0
    kept[0] += 1
    assert (len(record.steps), kept[0][0, 0]) == (before, 8.0)
