"""Weights, ignored examples, smoothing, and the divergence: by hand, by slopes, and what they refuse."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import (
    Chain,
    CrossEntropy,
    Dense,
    KLDivergence,
    LogSoftmax,
    NegativeLogLikelihood,
    WeightedCrossEntropy,
    parameters,
)

RNG = np.random.default_rng(3)
X = RNG.normal(size=(4, 3))
LABELS = np.array([2, 0, -1, 1])
WEIGHTS = np.array([0.5, 2.0, 3.0])
SOFT = np.array([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0], [0.3, 0.3, 0.4], [0.0, 0.5, 0.5]])
LOSSES = {
    "likelihood": NegativeLogLikelihood(np.array([2, 0, 1, 1])),
    "likelihood, weighted": NegativeLogLikelihood(LABELS, WEIGHTS, -1),
    "cross-entropy": WeightedCrossEntropy(np.array([2, 0, 1, 1])),
    "cross-entropy, weighted": WeightedCrossEntropy(LABELS, WEIGHTS, -1),
    "cross-entropy, smoothed": WeightedCrossEntropy(LABELS, None, -1, 0.1),
    "cross-entropy, all": WeightedCrossEntropy(LABELS, WEIGHTS, -1, 0.3),
    "divergence": KLDivergence(SOFT),
    "divergence, of classes": KLDivergence(np.array([2, 0, 1, 1])),
}
every = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


def first(loss, n):
    name = "target" if isinstance(loss, KLDivergence) else "labels"
    return type(loss)(**{**vars(loss), name: getattr(loss, name)[:n]})


@dataclass(frozen=True)
class Unweighted(WeightedCrossEntropy):
    """Wrong: the way back has forgotten the weights."""

    def forward(self, logits):
        plain = WeightedCrossEntropy(self.labels, None, self.ignored, self.smoothing)
        return super().forward(logits)[0], plain.forward(logits)[1]


def test_a_wrong_derivative_is_seen(disagreements):
    """By what all else is measured with, and by the checker."""
    wrong = Unweighted(LABELS, WEIGHTS, -1)
    assert disagreements(wrong, X) == ["x"]
    assert check_gradients(wrong, X).verdict is Verdict.WRONG


@every
@pytest.mark.parametrize("n", [4, 1])
def test_every_gradient_is_the_slope(loss, n, disagreements):
    """A batch of one is a batch; a network of log-probabilities below makes no difference."""
    loss = first(loss, n)
    assert disagreements(loss, X[:n]) == []
    assert check_gradients(loss, X[:n]).verdict is Verdict.CORRECT
    network = Chain((Dense.random(3, 3, np.random.default_rng(1)), LogSoftmax()))
    assert check_gradients(network, X[:n], loss=loss).verdict is Verdict.CORRECT


def test_the_log_of_softmax(disagreements):
    """By hand; its way back is that of the whole row, and its rows are probabilities."""
    y, _ = LogSoftmax().forward(np.log([[1.0, 3.0]]))
    np.testing.assert_allclose(y, [[-math.log(4), math.log(3 / 4)]], rtol=1e-15)
    assert disagreements(LogSoftmax(), X) == []
    np.testing.assert_allclose(np.exp(LogSoftmax().forward(X)[0]).sum(axis=1), 1, rtol=1e-15)
    assert LogSoftmax().forward(X[:0])[1](X[:0])[0].shape == (0, 3)


def test_the_likelihood_by_hand():
    """The mean by weights, of those that are not ignored."""
    y = np.log([[0.5, 0.5], [0.25, 0.75], [0.1, 0.9]])
    cost, backward = NegativeLogLikelihood(np.array([0, 1, -100]), np.array([1.0, 3.0]), -100).forward(y)
    assert cost == pytest.approx((math.log(2) + 3 * math.log(4 / 3)) / 4)
    np.testing.assert_array_equal(backward()[0], [[-0.25, 0], [0, -0.75], [0, 0]])
    np.testing.assert_array_equal(backward(-2.0)[0], [[0.5, 0], [0, 1.5], [0, 0]])


def test_smoothing_by_hand():
    """Of two classes with ε = 0.2 the label keeps 0.9."""
    cost, backward = WeightedCrossEntropy(np.array([0]), smoothing=0.2).forward(np.log([[1.0, 3.0]]))
    assert cost == pytest.approx(0.9 * math.log(4) + 0.1 * math.log(4 / 3))
    np.testing.assert_allclose(backward()[0], [[0.25 - 0.9, 0.75 - 0.1]], rtol=1e-14)


def test_an_ignored_example_is_not_smoothed_either():
    """With it or without it the cost and the gradient are the same."""
    with_it, without = (WeightedCrossEntropy(LABELS[:n], WEIGHTS, -1, 0.2).forward(X[:n]) for n in (3, 2))
    assert with_it[0] == pytest.approx(without[0], rel=1e-14)
    np.testing.assert_allclose(with_it[1]()[0], [*without[1]()[0], np.zeros(3)], rtol=1e-13)


def test_the_divergence_by_hand():
    """0 log 0 is 0, and a distribution does not diverge from itself."""
    cost, backward = KLDivergence(np.array([[1.0, 0.0]])).forward(np.array([[math.log(0.5), -math.inf]]))
    assert cost == pytest.approx(math.log(2))
    np.testing.assert_array_equal(backward()[0], [[-1, 0]])
    assert KLDivergence(SOFT).forward(np.log(np.maximum(SOFT, 1e-300)))[0] == pytest.approx(0, abs=1e-15)


def test_without_extras_it_is_the_cross_entropy():
    """Cost and gradient."""
    ours, plain = (loss(np.array([2, 0, 1, 1])).forward(X) for loss in (WeightedCrossEntropy, CrossEntropy))
    assert ours[0] == pytest.approx(plain[0], rel=1e-15)
    np.testing.assert_allclose(ours[1]()[0], plain[1]()[0], rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("loss", [NegativeLogLikelihood, WeightedCrossEntropy])
def test_where_all_are_ignored(loss):
    """There is nothing to be wrong about."""
    cost, backward = loss(np.full(4, 7), None, 7).forward(X)
    assert (cost, np.any(backward()[0])) == (0, False)


def test_the_places_of_a_sequence_count_each():
    """Labels of shape (N, T), for outputs (N, T, C)."""
    x, labels = RNG.normal(size=(2, 3, 4)), np.array([[0, 3, -1], [2, -1, -1]])
    for loss in (NegativeLogLikelihood, WeightedCrossEntropy):
        cost, backward = loss(labels, None, -1).forward(x)
        flat, flat_backward = loss(labels.ravel(), None, -1).forward(x.reshape(6, 4))
        assert cost == flat
        np.testing.assert_array_equal(backward()[0].reshape(6, 4), flat_backward()[0])


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_inputs_in_either_dtype(loss, dtype):
    """Nothing overflows, nothing changes its dtype, and nothing is changed."""
    x = (1e4 * X).astype(dtype)
    x.flags.writeable = False
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        cost, backward = loss.forward(x)
        dx, same = backward()
    assert (cost.dtype, dx.dtype, same) == (dtype, dtype, loss)
    assert np.isfinite([cost, *dx.ravel()]).all()
    assert parameters(loss) == {}


@every
def test_an_empty_batch_has_no_cost(loss):
    """The mean over nothing is refused."""
    with pytest.raises(ValueError, match="empty, and has no mean"):
        first(loss, 0).forward(X[:0])


REFUSED = {
    "float labels": (NegativeLogLikelihood(np.zeros(4)), "takes integers of shape .4,. as labels"),
    "rows": (WeightedCrossEntropy(SOFT), "for rows of probabilities, CrossEntropy"),
    "too few": (WeightedCrossEntropy(np.array([0, 1])), "not int64 of shape .2,."),
    "a label too large": (NegativeLogLikelihood(np.array([0, 1, 3, 0])), r"labels\[2\] is 3"),
    "a label below 0 that is not the ignored one": (NegativeLogLikelihood(LABELS, None, -100), r"labels\[2\] is -1"),
    "weights too few": (NegativeLogLikelihood(np.zeros(4, int), np.ones(2)), "weights of shape .3,., one for each"),
    "a negative weight": (NegativeLogLikelihood(np.zeros(4, int), -np.ones(3)), "none below 0"),
    "smoothing": (WeightedCrossEntropy(np.zeros(4, int), smoothing=1.5), "write a share, from 0 to 1"),
    "no distribution": (KLDivergence(2 * SOFT), "no distribution"),
}


@pytest.mark.parametrize(("loss", "message"), REFUSED.values(), ids=REFUSED)
def test_misfits_are_refused(loss, message):
    """With what to write instead."""
    with pytest.raises(ValueError, match=message):
        loss.forward(X)
