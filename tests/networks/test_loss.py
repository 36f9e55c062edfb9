"""The losses, by hand, and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gradcheck.networks import L1, BinaryCrossEntropy, CrossEntropy, Huber, MeanSquaredError

T = np.zeros((2, 2))
Y = np.array([[1.0, -2.0], [0.5, 0.0]])
BY_HAND = {  # loss, prediction, cost, gradient
    "mean squared error": (
        MeanSquaredError(T),
        Y,
        (1 + 4 + 0.25) / 4,
        np.array([[2, -4], [1, 0]]) / 4,
    ),
    "l1, zero at the kink": (L1(T), Y, 3.5 / 4, np.array([[1, -1], [1, 0]]) / 4),
    "huber, 1 being its corner": (
        Huber(T),
        Y,
        (0.5 + 1.5 + 0.125) / 4,
        np.array([[1, -1], [0.5, 0]]) / 4,
    ),
    "huber, wider": (Huber(T, 4.0), Y, 5.25 / 8, Y / 4),
    "cross-entropy": (
        CrossEntropy(np.array([0, 1])),
        np.log([[1.0, 3.0], [1.0, 1.0]]),
        (math.log(4) + math.log(2)) / 2,
        np.array([[-3 / 4, 3 / 4], [1 / 2, -1 / 2]]) / 2,
    ),
    "cross-entropy, soft": (
        CrossEntropy(np.array([[1 / 2, 1 / 2]])),
        np.log([[1.0, 3.0]]),
        math.log(4) - math.log(3) / 2,
        np.array([[-1 / 4, 1 / 4]]),
    ),
    "binary cross-entropy": (
        BinaryCrossEntropy(np.array([1.0, 0.0, 0.5])),
        np.array([math.log(3), math.log(3), 0.0]),
        (math.log(4 / 3) + math.log(4) + math.log(2)) / 3,
        np.array([-1 / 4, 3 / 4, 0]) / 3,
    ),
}


@pytest.mark.parametrize(("loss", "y", "cost", "dy"), BY_HAND.values(), ids=BY_HAND)
def test_by_hand(loss, y, cost, dy):
    """Cost and gradient are what pencil and paper say."""
    value, backward = loss.forward(y)
    np.testing.assert_allclose(value, cost, rtol=1e-15)
    np.testing.assert_allclose(backward()[0], dy, rtol=1e-15, atol=1e-16)
    np.testing.assert_allclose(backward(-3.0)[0], -3 * dy, rtol=1e-15, atol=1e-16)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint8])
def test_classes_and_one_hot_rows_are_the_same_truth(dtype, rng):
    """Integers of any width, and rows of numbers or of booleans."""
    logits, labels = rng.normal(size=(4, 3)), np.array([2, 0, 1, 1], dtype=dtype)
    hot = np.eye(3)[labels]
    costs = [CrossEntropy(truth).forward(logits)[0] for truth in (labels, hot, hot.astype(bool))]
    assert costs[0] == costs[1] == costs[2]


def test_the_rows_of_a_sequence_count_each(rng):
    """Logits of shape (N, T, C) take labels of shape (N, T); the mean is over N T of them."""
    logits, labels = rng.normal(size=(2, 3, 4)), rng.integers(4, size=(2, 3))
    cost, backward = CrossEntropy(labels).forward(logits)
    flat, flat_backward = CrossEntropy(labels.ravel()).forward(logits.reshape(6, 4))
    assert cost == flat
    np.testing.assert_array_equal(backward()[0].reshape(6, 4), flat_backward()[0])


REFUSED = {
    "classes beyond the last": (
        CrossEntropy(np.array([0, 1, 3])),
        (3, 3),
        r"labels\[2\] is 3, but logits with 3 columns take labels from 0 to 2",
    ),
    "a negative class": (CrossEntropy(np.array([0, -1, 2])), (3, 3), r"labels\[1\] is -1"),
    "one in a sequence": (
        CrossEntropy(np.array([[0, 1], [9, 0]])),
        (2, 2, 3),
        r"labels\[\(1, 0\)\] is 9",
    ),
    "classes as a column": (
        CrossEntropy(np.array([[0], [1]])),
        (2, 3),
        r"write CrossEntropy\(labels.reshape\(2,\).astype\(int\)\)",
    ),
    "classes as decimals": (
        CrossEntropy(np.array([0.0, 1.0])),
        (2, 3),
        r"not float64 of shape \(2,\); write CrossEntropy\(labels.reshape\(2,\).astype\(int\)\)",
    ),
    "too few classes": (CrossEntropy(np.array([0, 1])), (3, 3), r"integers of shape \(3,\)"),
    "rows that sum to two": (
        CrossEntropy(np.array([[1, 0, 0], [1, 0, 1]])),
        (2, 3),
        "row 1 of the labels is .* no distribution .* BinaryCrossEntropy",
    ),
    "rows below zero": (CrossEntropy(np.array([[2.0, -1.0]])), (1, 2), "row 0 of the labels"),
    "rows with a nan": (CrossEntropy(np.array([[np.nan, 1.0]])), (1, 2), "row 0 of the labels"),
    "answers beyond yes": (BinaryCrossEntropy(np.array([0, 2])), (2,), "run from 0.0 to 2.0"),
    "answers below no": (BinaryCrossEntropy(np.array([-1, 1])), (2,), "must lie in .0, 1."),
    "answers unknown": (BinaryCrossEntropy(np.array([np.nan])), (1,), "must lie in .0, 1."),
    "huber without width": (Huber(np.zeros(2), delta=0.0), (2,), "for delta = 0 write L1"),
    "huber of nan": (Huber(np.zeros(2), delta=math.nan), (2,), "delta must be above 0"),
}


@pytest.mark.parametrize(("loss", "shape", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_true_is_refused(loss, shape, message):
    """The message says what was wrong, where, and what to write instead."""
    with pytest.raises(ValueError, match=message):
        loss.forward(np.zeros(shape))


@pytest.mark.parametrize("loss", [MeanSquaredError, L1, Huber, BinaryCrossEntropy])
@pytest.mark.parametrize(
    ("y", "target", "remedy"),
    [
        ((4, 1), (4,), r"write {}\(target.reshape\(4, 1\)\)"),
        ((4,), (4, 1), r"write {}\(target.reshape\(4,\)\)"),
        ((4, 2), (4,), "give one target for each number that the network puts out"),
        ((4, 2), (1, 2), "give one target"),
    ],
    ids=str,
)
def test_nothing_is_broadcast(loss, y, target, remedy):
    """Predictions (N, 1) and targets (N,) are no N x N differences, but an error."""
    with pytest.raises(ValueError, match=remedy.format(loss.__name__)):
        loss(np.zeros(target)).forward(np.zeros(y))


logits = arrays.arrays(np.float64, (3, 4), elements=st.floats(-1e4, 1e4))


@given(logits, arrays.arrays(np.int64, 3, elements=st.integers(0, 3)))
def test_cross_entropy_pulls_each_row_to_and_fro_alike(x, labels):
    """The cost is not negative, and the pulls within a row cancel: only differences count."""
    cost, backward = CrossEntropy(labels).forward(x)
    dx, _ = backward()
    assert cost >= 0
    np.testing.assert_allclose(dx.sum(axis=1), 0, atol=1e-15)
    assert np.all(dx[np.arange(3), labels] <= 0)


@given(logits, logits)
def test_two_classes_are_one_question(x, t):
    """Softmax over (0, x) asks what sigmoid of x asks."""
    x, answer = x.ravel(), (t.ravel() > 0).astype(int)
    two = CrossEntropy(answer).forward(np.stack([np.zeros_like(x), x], axis=1))
    one = BinaryCrossEntropy(answer).forward(x)
    np.testing.assert_allclose(one[0], two[0], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(one[1]()[0], two[1]()[0][:, 1], rtol=1e-12, atol=1e-15)


@given(logits, logits, st.floats(1e-3, 1e3))
def test_huber_lies_below_both_its_limits(y, t, delta):
    """Never above the squared error by half, nor above delta times the absolute one."""
    cost = Huber(t, delta).forward(y)[0]
    cost = cost / (1 + 1e-12) - 1e-300  # rounding, of the smallest numbers too
    assert cost <= 0.5 * MeanSquaredError(t).forward(y)[0]
    assert cost <= delta * L1(t).forward(y)[0]


@pytest.mark.parametrize("loss", [CrossEntropy(np.array([1])), CrossEntropy(np.eye(2)[[1]])])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_hopeless_answer_costs_what_it_should(loss, dtype):
    """At logits of 10,000 and -10,000 the cost is 20,000, and not infinite."""
    cost, backward = loss.forward(np.array([[1e4, -1e4]], dtype=dtype))
    assert cost == 20_000
    np.testing.assert_array_equal(backward()[0], [[1, -1]])


def test_binary_cross_entropy_keeps_the_digits_of_a_sure_answer():
    """Sure and right at a logit of 40 costs e to the power of -40, not 0."""
    cost, _ = BinaryCrossEntropy(np.array([1.0])).forward(np.array([40.0]))
    np.testing.assert_allclose(cost, math.exp(-40), rtol=1e-12)
