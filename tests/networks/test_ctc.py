"""Connectionist temporal classification: walk by walk, by slopes, and what it refuses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, product

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import CTC, Chain, Dense, LogSoftmax, Pointwise

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 5, 3))
Y = LogSoftmax().forward(X)[0]
LABELS = np.array([[1, 2, 1], [2, 2, 0], [1, 0, 0], [0, 0, 0]])
LENGTHS, LABEL_LENGTHS = np.array([5, 4, 1, 2]), np.array([3, 2, 1, 0])
RAGGED = CTC(LABELS, LENGTHS, LABEL_LENGTHS)


def reads(walk, blank=0):
    return [letter for letter, _ in groupby(walk) if letter != blank]


def walk_by_walk(y, label, blank=0):
    """Sum over every walk there is: the definition."""
    walks = product(range(y.shape[1]), repeat=len(y))
    return sum(math.exp(sum(y[t, k] for t, k in enumerate(w))) for w in walks if reads(w, blank) == list(label))


@dataclass(frozen=True)
class WithoutBlanks(CTC):
    """Wrong: what the blanks hear is left out."""

    def forward(self, y):
        cost, right = super().forward(y)
        return cost, lambda dcost=1.0: (right(dcost)[0] * (np.arange(y.shape[2]) != self.blank), self)


def test_a_wrong_derivative_is_seen(disagreements):
    """By what all else is measured with, and by the checker."""
    wrong = WithoutBlanks(LABELS, LENGTHS, LABEL_LENGTHS)
    assert disagreements(wrong, Y) == ["x"]
    assert check_gradients(wrong, Y).verdict is Verdict.WRONG


def test_every_gradient_is_the_slope(disagreements):
    """Of numbers that are no probabilities as well, as every entry may be turned; and on top of a network."""
    assert disagreements(RAGGED, Y) == []
    assert disagreements(RAGGED, X) == []
    assert check_gradients(RAGGED, Y).verdict in {Verdict.CORRECT, Verdict.UNTESTED}  # beyond the ends all is zero
    network = Chain((Pointwise(Dense.random(3, 3, np.random.default_rng(1))), LogSoftmax()))
    assert check_gradients(network, X[:1], loss=CTC(LABELS[:1])).verdict is Verdict.CORRECT


def test_walk_by_walk():
    """The recursion sums what the definition sums, at every length."""
    cost = RAGGED.forward(Y)[0]
    each = [
        -math.log(walk_by_walk(y[:n], label[:s]))
        for y, label, n, s in zip(Y, LABELS, LENGTHS, LABEL_LENGTHS, strict=True)
    ]
    assert cost == pytest.approx(sum(each) / 4, rel=1e-14)


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_any_letter_may_be_the_blank(blank):
    """The last, as some have it."""
    label = [k for k in range(3) if k != blank]
    cost = CTC(np.array([label]), blank=blank).forward(Y[:1])[0]
    assert cost == pytest.approx(-math.log(walk_by_walk(Y[0], label, blank)), rel=1e-14)


def test_by_hand():
    """One step and one letter: its probability. Two steps: twice the letter, or the letter and a blank."""
    y = np.log(np.array([[[0.2, 0.5, 0.3], [0.4, 0.6, 0.0001]]]))
    cost, backward = CTC(np.array([[1]])).forward(y[:, :1])
    assert cost == pytest.approx(-math.log(0.5))
    np.testing.assert_allclose(backward(2.0)[0], [[[0, -2, 0]]], atol=1e-15)
    cost, backward = CTC(np.array([[1]])).forward(y)
    p = np.array([0.5 * 0.6, 0.5 * 0.4, 0.2 * 0.6])
    assert cost == pytest.approx(-math.log(p.sum()))
    shares = p / p.sum()
    expected = [[shares[2], shares[:2].sum(), 0], [shares[1], shares[0] + shares[2], 0]]
    np.testing.assert_allclose(backward()[0], [np.negative(expected)], rtol=1e-14)


def test_steps_and_labels_beyond_the_ends_do_not_count():
    """Whatever stands there, the cost is the same, and nothing is pulled."""
    y, labels = Y.copy(), LABELS.copy()
    y[1, 4], y[2, 1:], y[3, 2:] = 100.0, -100.0, np.inf
    labels[1, 2], labels[2, 1:] = 99, -99
    cost, backward = CTC(labels, LENGTHS, LABEL_LENGTHS).forward(y)
    assert cost == RAGGED.forward(Y)[0]
    dy = backward()[0]
    np.testing.assert_array_equal(dy, RAGGED.forward(Y)[1]()[0])
    assert not any(map(np.any, (dy[1, 4], dy[2, 1:], dy[3, 2:])))


def test_every_step_hears_one_letter_in_all():
    """The shares of all walks sum to one."""
    dy = CTC(LABELS[:1]).forward(Y[:1])[1]()[0]
    np.testing.assert_allclose(dy.sum(axis=2), -1, rtol=1e-14)


def test_the_impossible_costs_infinitely_much():
    """A letter of probability zero; its example pulls at nothing, the others do."""
    y = Y[:2].copy()
    y[0, :, 1] = -np.inf
    cost, backward = CTC(LABELS[:2], None, LABEL_LENGTHS[:2]).forward(y)
    assert cost == np.inf
    dy = backward()[0]
    assert not np.any(dy[0])
    assert np.isfinite(dy).all()
    assert np.any(dy[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thousand_steps_in_either_dtype(dtype):
    """Products of a thousand probabilities do not underflow, nothing is changed, nothing warns."""
    y = LogSoftmax().forward(np.random.default_rng(0).normal(scale=30, size=(2, 1000, 4)).astype(dtype))[0]
    y.flags.writeable = False
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        cost, backward = CTC(np.array([[1, 2, 3], [3, 3, 1]])).forward(y)
        dy, _ = backward()
    assert (cost.dtype, dy.dtype) == (dtype, dtype)
    np.testing.assert_allclose(dy.sum(axis=2), -0.5, rtol=100 * np.finfo(dtype).eps)


def test_an_empty_batch_has_no_cost():
    """The mean over nothing is refused."""
    with pytest.raises(ValueError, match="empty, and has no mean"):
        CTC(LABELS[:0]).forward(Y[:0])


REFUSED = {
    "too few steps": (CTC(np.array([[1, 2, 1]]), np.array([2])), r"example 0 has 2 steps, but its labels need 3"),
    "no blank between": (CTC(np.array([[1, 1, 1]]), np.array([4])), r"has 4 steps, but its labels need 5"),
    "the blank as a label": (CTC(np.array([[1, 0, 1]])), r"labels from 0 to 2 other than the blank, 0, not \[0\]"),
    "a label too large": (CTC(np.array([[1, 3]])), r"not \[3\]; give the network one output for each letter"),
    "no such blank": (CTC(np.array([[1]]), blank=3), "other than the blank, 3"),
    "labels as a list": (CTC(np.array([1])), r"of shape \(N, S\) as labels"),
    "labels for two": (CTC(np.array([[1], [2]])), r"not \(1, 5, 3\) and int64 of shape \(2, 1\)"),
    "float labels": (CTC(np.array([[1.0]])), "whole numbers"),
    "lengths too large": (CTC(np.array([[1]]), np.array([6])), r"lengths of shape \(1,\), whole numbers from 0 to 5"),
    "label lengths": (CTC(np.array([[1]]), None, np.array([2])), "label_lengths .* from 0 to 1"),
}


@pytest.mark.parametrize(("loss", "message"), REFUSED.values(), ids=REFUSED)
def test_misfits_are_refused(loss, message):
    """With what to write instead."""
    with pytest.raises(ValueError, match=message):
        loss.forward(Y[:1])
