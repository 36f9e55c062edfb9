"""Which pulls make gradients that were measured, and does one of them make a claim?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck._diagnose import linear_pull as module


def test_possible_pulls_make_a_claim_or_not():
    """One of them, and what may be added to it; a claim of nothing is made by none, and by chance a short one."""
    one, free = np.array([1.0, 2.0, 0.0]), np.array([[0.0], [0.0], [1.0]])
    rng = np.random.default_rng(9)
    A = rng.normal(size=(12, 3))
    solved = module.Solved(one, free, equations=3)
    made = A @ np.array([1.0, 2.0, 7.0])
    assert solved.agrees(A, made)
    assert not solved.agrees(A, made + 1e-3 * rng.normal(size=12))
    assert not solved.agrees(A, A @ np.array([1.5, 2.0, 7.0]))
    assert not solved.agrees(A, 0 * made)
    assert not solved.agrees(np.where(np.arange(3) == 0, np.inf, A), made)
    for entries, enough in ((4, False), (5, True)):
        assert solved.agrees(A[:entries], made[:entries]) is enough
    assert not replace(solved, equations=2).agrees(A[:5], made[:5])


def test_equations_are_scaled_to_their_own_size():
    """So that none is negligible; those of zeros stay."""
    A, rhs = module._stacked([(np.eye(2), np.array([3.0, 4.0])), (2 * np.eye(2), np.zeros(2))])
    assert pytest.approx(np.vstack([np.eye(2) / 5, 2 * np.eye(2)])) == A
    assert rhs == pytest.approx(np.array([0.6, 0.8, 0, 0]))


@pytest.mark.parametrize(("off", "contradicts"), [(1e-7, False), (1e-4, True)])
def test_equations_that_no_pull_satisfies_contradict(off, contradicts):
    """By more than a millionth of them."""
    A = np.random.default_rng(9).normal(size=(6, 2))
    across = np.linalg.svd(A)[0][:, -1]
    for scale in (1.0, 1e4):
        rhs = scale * (A @ np.array([1.0, -2.0]) + off * across)
        assert module._contradicts(A, rhs) is contradicts


def test_what_is_solved_is_all_that_is_possible():
    """One solution, and what may be added; none where the equations contradict, or say nothing."""
    A = np.random.default_rng(9).normal(size=(6, 2))
    both = np.column_stack([A, np.zeros(6)])
    solved = module.solve([(both, A @ [1.0, -2.0])])
    assert solved.one == pytest.approx([1, -2, 0])
    assert np.abs(solved.free) == pytest.approx(np.array([[0], [0], [1.0]]))
    assert solved.equations == 6
    assert module.solve([(A, np.arange(6.0))]) is module.solve([(A, np.zeros(6))]) is None
