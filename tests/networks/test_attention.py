"""Attention: shares, masks and what they hide."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Attention


class SharesTakenForFixed(Attention):
    """Wrong: the softmax has a diagonal alone, as if the shares did not share."""

    def forward(self, q, k, v, mask=None):
        y, _ = super().forward(q, k, v, mask)
        s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
        P = np.exp(s) / np.exp(s).sum(axis=-1, keepdims=True)

        def backward(dy):
            ds = P * (1 - P) * (dy @ v.swapaxes(-1, -2)) / np.sqrt(q.shape[-1])
            return ds @ k, ds.swapaxes(-1, -2) @ q, P.swapaxes(-1, -2) @ dy, self

        return y, backward


def drawn(rng, length=3, keys=4):
    return rng.normal(size=(2, length, 2)), rng.normal(size=(2, keys, 2)), rng.normal(size=(2, keys, 3))


def test_a_wrong_softmax_is_seen(rng):
    """In the queries and the keys; the values do not pass through it."""
    report = check_gradients(SharesTakenForFixed(), *drawn(rng))
    assert {name for name, t in report.tensors.items() if t.verdict is Verdict.WRONG} == {"q", "k"}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", [(3, 3), (3, 4), (4, 3)], ids=str)
def test_every_gradient_is_the_slope(causal, sizes, rng):
    """With as many keys as queries, more, or fewer."""
    report = check_gradients(Attention(causal), *drawn(rng, *sizes))
    assert {t.verdict for t in report.tensors.values()} == {Verdict.CORRECT}


def test_by_hand():
    """Two keys, of which the one agrees by log 3 more: shares of 3/4 and 1/4."""
    q, k, v = np.array([[1.0]]), np.array([[np.log(3)], [0.0]]), np.array([[8.0], [4.0]])
    y, backward = Attention().forward(q, k, v)
    dq, dk, dv, _ = backward(np.array([[1.0]]))
    np.testing.assert_allclose(y, [[7]])
    np.testing.assert_allclose(dv, [[3 / 4], [1 / 4]])
    ds = 3 / 4 * (8 - 7)  # and -ds for the other
    np.testing.assert_allclose(dk, [[ds], [-ds]])
    np.testing.assert_allclose(dq, [[ds * np.log(3)]])


def test_equal_agreements_are_the_mean():
    """Queries of zero hear everybody alike."""
    v = np.arange(6.0).reshape(1, 3, 2)
    y, _ = Attention().forward(np.zeros((1, 2, 4)), np.ones((1, 3, 4)), v)
    np.testing.assert_allclose(y, [[[2, 3], [2, 3]]])
    y, _ = Attention(causal=True).forward(np.zeros((1, 3, 4)), np.ones((1, 3, 4)), v)
    np.testing.assert_allclose(y, [[[0, 1], [1, 2], [2, 3]]])


def test_a_mask_is_as_good_as_a_shorter_sequence(rng):
    """What may not be attended to neither speaks nor is pulled."""
    q, k, v = drawn(rng)
    dy = rng.normal(size=(2, 3, 3))
    y, backward = Attention().forward(q, k, v, np.array([True, False, True, True]))
    there = [0, 2, 3]
    y_short, backward_short = Attention().forward(q, k[:, there], v[:, there])
    np.testing.assert_allclose(y, y_short, rtol=1e-12)
    (dq, dk, dv, _), (dq_short, dk_short, dv_short, _) = backward(dy), backward_short(dy)
    np.testing.assert_allclose(dq, dq_short, rtol=1e-10, atol=1e-14)
    for whole, short in ((dk, dk_short), (dv, dv_short)):
        np.testing.assert_allclose(whole[:, there], short, rtol=1e-10, atol=1e-14)
        assert not np.any(whole[:, 1])


def test_padding_is_broadcast(rng):
    """Of shape (N, S), it is written with an axis for the queries."""
    q, k, v = drawn(rng)
    padding = np.array([[1, 1, 1, 0], [1, 0, 0, 0]], bool)
    y, _ = Attention().forward(q, k, v, padding[:, np.newaxis])
    np.testing.assert_allclose(y[0], Attention().forward(q[0], k[0, :3], v[0, :3])[0])
    np.testing.assert_allclose(y[1], np.broadcast_to(v[1, 0], (3, 3)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_who_may_attend_to_nothing_hears_nothing(dtype, rng):
    """Zeros, not nan, there and back; with no keys at all, likewise."""
    q, k, v = (a.astype(dtype) for a in drawn(rng))
    mask = np.ones((3, 4), bool)
    mask[1] = False
    y, backward = Attention().forward(q, k, v, mask)
    dq, dk, dv, _ = backward(np.ones_like(y))
    assert not np.any(y[:, 1])
    assert not np.any(dq[:, 1])
    assert np.all(np.isfinite(dk) & np.any(dv))
    y, backward = Attention().forward(q, k[:, :0], v[:, :0])
    dq, dk, dv, _ = backward(np.ones_like(y))
    assert (y.shape, y.dtype, dk.shape, dv.shape) == ((2, 3, 3), dtype, (2, 0, 2), (2, 0, 3))
    assert not np.any(y)
    assert not np.any(dq)


def test_the_future_is_not_seen(rng):
    """A change at place 2 does not change the places before it."""
    x = rng.normal(size=(1, 4, 2))
    later = x.copy()
    later[:, 2] += 1
    before, after = (Attention(causal=True).forward(a, a, a)[0] for a in (x, later))
    np.testing.assert_array_equal(after[:, :2], before[:, :2])
    assert np.all(after[:, 2:] != before[:, 2:])


@pytest.mark.parametrize(
    ("q", "k", "v"),
    [
        ((2, 3, 4), (2, 5, 3), (2, 5, 4)),
        ((2, 3, 4), (2, 5, 4), (2, 6, 4)),
        ((2, 3, 4), (1, 5, 4), (1, 5, 4)),
        ((2, 3, 4), (5, 4), (5, 4)),
        ((4,), (5, 4), (5, 4)),
        ((3, 0), (5, 0), (5, 4)),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_refused(q, k, v):
    """Leading axes are not broadcast: the gradient of what was stretched would have to be summed."""
    with pytest.raises(ValueError, match=r"Attention takes q \(..., L, E\), k \(..., S, E\) and v \(..., S, D\)"):
        Attention().forward(np.ones(q), np.ones(k), np.ones(v))


@pytest.mark.parametrize("mask", [np.ones((2, 4)), np.ones((2, 4), bool), np.ones((1, 2, 3, 4), bool)], ids=np.shape)
def test_masks_that_do_not_fit_are_refused(mask, rng):
    """Numbers are no booleans, and padding needs its axis."""
    with pytest.raises(
        ValueError, match=r"a mask of booleans, True where .* \(2, 3, 4\), not .*padding\[:, np.newaxis"
    ):
        Attention().forward(*drawn(rng), mask)
