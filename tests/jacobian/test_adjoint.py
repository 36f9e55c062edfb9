"""The dot test: how far rounding may put its sides apart, and where what is wrong is found."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict
from gradcheck._jacobian.adjoint import MOST, examined
from gradcheck._model.questions import LinearMap
from gradcheck._results.errors import CallError, InputError

A = np.random.default_rng(0).normal(size=(50, 64))


def report(back, forward=None, here=None):
    ask = forward or (lambda v: A @ v)
    return examined(LinearMap("A", ask, back, np.zeros(64) if here is None else here, ("A", "At")), seed=0)


@pytest.mark.parametrize("seed", range(20))
def test_rounding_is_never_accused(seed):
    """Of random matrices of many sizes, in double and single precision."""
    rng = np.random.default_rng(seed)
    M = rng.normal(size=rng.integers(1, 200, 2)) * 10.0 ** rng.integers(-8, 8)
    for dtype in (np.float64, np.float32):
        narrow = M.astype(dtype)
        ask = LinearMap("A", lambda v, m=narrow: m @ v.astype(m.dtype), lambda u, m=narrow: m.T @ u.astype(m.dtype),
                        np.zeros(M.shape[1]), ("A", "At"))  # fmt: skip
        assert examined(ask, seed).verdict is Verdict.CORRECT


@pytest.mark.parametrize("places", [[(7, 5)], [(0, 0), (49, 63)], [(i, j) for i in range(10, 13) for j in (3, 4)]])
def test_entries_and_blocks_are_located_by_halves(places):
    """In few calls."""
    wrong = A.copy()
    for place in places:
        wrong[place] += 1e-3
    found = report(lambda u: wrong.T @ u)
    assert sorted(e.index for e in found.wrong) == sorted(places)
    assert found.evaluations + found.gradients < 64 + 40 * len(places)


def test_where_all_is_wrong_some_of_it_is_named():
    """And that there is more."""
    found = report(lambda u: 3 * A.T @ u)
    assert len(found.wrong) == MOST
    assert found.diagnosis[0] == "At is 3 times the adjoint"


def test_real_maps_of_a_complex_transform():
    """Of real vectors the real part of a complex product counts."""
    right = report(lambda u: np.fft.irfft(u * np.r_[1, np.full(31, 0.5), 1], 64) * 64, np.fft.rfft)
    assert right.verdict is Verdict.CORRECT
    assert report(lambda u: np.fft.irfft(u, 64) * 64, np.fft.rfft).verdict is Verdict.WRONG


def test_what_raises_or_has_another_length_is_said():
    """By name."""
    with pytest.raises(InputError, match="At returned 50 numbers, and A takes 64"):
        report(lambda u: u)
    with pytest.raises(CallError, match="At raised ValueError"):
        report(lambda u: A @ u)
    with pytest.raises(CallError, match="At returned numbers that are not finite"):
        report(lambda u: A.T @ u * np.nan)


@pytest.mark.parametrize("scale", [1e-200, 1e-8, 1e200])
@pytest.mark.parametrize("factor", [1, 2])
def test_sizes_of_every_order(scale, factor):
    """Squares of them may be no numbers."""
    found = report(lambda u: factor * scale * A.T @ u, lambda v: scale * A @ v)
    assert found.verdict is (Verdict.CORRECT if factor == 1 else Verdict.WRONG)


def test_zeros_on_both_sides_test_nothing():
    """And say so."""
    assert report(lambda u: 0 * (A.T @ u), lambda v: 0 * (A @ v)).verdict is Verdict.UNTESTED


def test_what_is_linear_over_the_reals_alone_is_tested_so():
    """A conjugate has an adjoint in the real inner product, which is itself, and no other."""
    here = np.zeros(5, dtype=complex)
    assert report(np.conj, np.conj, here=here).verdict is Verdict.CORRECT
    wrong = report(lambda u: u, np.conj, here=here)
    assert {(e.tensor, e.index) for e in wrong.wrong} == {("A.imag by .imag", (k, k)) for k in range(5)}
    assert "A is linear over the reals only" in wrong.notes[0]


def test_what_is_not_linear_over_the_reals_either_is_said():
    """A magnitude has no adjoint at all."""
    found = report(np.conj, np.abs, here=np.zeros(5, dtype=complex))
    assert found.verdict is Verdict.BROKEN
    assert "is not linear" in found.problems[0].sentence


def stated(found):
    """What the report says would have been seen in any single entry: in its unit, and relative."""
    (tensor,) = found.tensors.values()
    return float(tensor.note.split()[3]), tensor.resolution


@pytest.mark.parametrize("size", [3, 40])
def test_what_would_have_been_seen_in_single_precision_is_seen(size):
    """In whichever entry it is, though some are multiplied by a quarter only."""
    M = np.random.default_rng(1).normal(size=(size, size)).astype(np.float32)
    ask, here = (lambda v: M @ v.astype(np.float32)), np.zeros(size)
    right = report(lambda u: M.T @ u.astype(np.float32), ask, here)
    assert right.verdict is Verdict.CORRECT
    for i in range(size):
        wrong = M.astype(np.float64)
        wrong[i, (7 * i) % size] += 1.1 * stated(right)[0]
        assert report(lambda u, w=wrong: w.T @ u, ask, here).verdict is Verdict.WRONG


def test_the_resolution_is_relative_to_an_entry():
    """And not to a sum of as many as a row has."""
    (seen, resolution) = stated(report(lambda u: A.T @ u))
    assert resolution == pytest.approx(seen / np.sqrt(np.mean(A**2)), rel=0.3)


def test_an_empty_map_tests_nothing():
    """Of no columns, or of no rows."""
    assert report(lambda u: u[:0], lambda v: np.zeros(3), np.zeros(0)).verdict is Verdict.UNTESTED
    assert report(lambda u: np.zeros(4), lambda v: v[:0], np.zeros(4)).verdict is Verdict.UNTESTED


def with_rtol(back, rtol):
    return examined(LinearMap("A", lambda v: A @ v, back, np.zeros(64), ("A", "At")), seed=0, rtol=rtol).verdict


def test_of_what_matters_little_the_sum_is_little_too():
    """An error of one entry is no less wrong for many others that might be off by rtol; those are right."""
    wrong = A.copy()
    wrong[3, 5] += 0.6
    assert with_rtol(lambda u: wrong.T @ u, 1e-3) is Verdict.WRONG
    noise = np.random.default_rng(1).uniform(-1e-3, 1e-3, A.shape)
    assert with_rtol(lambda u: (A * (1 + noise)).T @ u, 1e-3) is Verdict.CORRECT
    assert with_rtol(lambda u: 1.0009 * A.T @ u, 1e-3) is Verdict.CORRECT
    rows = 1 + 1e-3 * np.random.default_rng(2).choice([-1, 1], (50, 1))
    assert with_rtol(lambda u: (A * rows).T @ u, 1e-3) is Verdict.CORRECT
