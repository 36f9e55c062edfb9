"""Is a product of data that is left out named, and nothing else taken for one?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import met

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.data_term import product

RNG = np.random.default_rng(3)
X = RNG.normal(size=(12, 4))
y = (RNG.random(12) > 0.5).astype(float)
CLASS = RNG.integers(0, 3, 12)
A = RNG.normal(size=(4, 4))
w = RNG.normal(size=4)


def sigmoid(z):
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


def cost(w):
    """Return the mean cross-entropy of a logistic regression."""
    return np.mean(np.logaddexp(0, X @ w) - y * (X @ w))


def softmax(z):
    """Return the probabilities of classes."""
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def of_classes(W):
    """Return the mean cross-entropy of a softmax regression."""
    return -np.mean(np.log(softmax(X @ W))[np.arange(12), CLASS])


WRONG = {
    "X.T y": (cost, w, lambda w: X.T @ sigmoid(X @ w) / 12),
    "X.T (1 - y)": (cost, w, lambda w: X.T @ (sigmoid(X @ w) - 2 * y + 1) / 12),
    "X.T (a column of ones)": (cost, w, lambda w: X.T @ (sigmoid(X @ w) - y + 1) / 12),
    "X.T (CLASS as one-hot rows)": (of_classes, RNG.normal(size=(4, 3)), lambda W: X.T @ softmax(X @ W) / 12),
    "(A.T - A) x": (lambda x: x @ A @ x, w, lambda x: 2 * A @ x),
}


@pytest.mark.parametrize("term", WRONG)
def test_the_product_that_is_left_out_is_named(term):
    """Whether it is the truth, or the other half of a matrix that is not symmetric."""
    f, at, grad = WRONG[term]
    report = check_gradients(f, at, grad=grad)
    assert f"times {term}: " in report.diagnosis[0]


def test_one_row_a_class_is_read_with_the_classes_first():
    """As a layer of PyTorch holds its weights."""
    report = check_gradients(
        lambda W: of_classes(W.T), RNG.normal(size=(3, 4)), grad=lambda W: softmax(X @ W.T).T @ X / 12
    )
    assert "times (CLASS as one-hot rows).T X" in report.diagnosis[0]


def test_another_term_is_not_taken_for_one():
    """Nor is anything said of a gradient that is right, or of two entries alone."""
    report = check_gradients(cost, w, grad=lambda w: X.T @ (sigmoid(X @ w) - y + 0.1 * np.sin(np.arange(12))) / 12)
    assert "cause not recognised" in report.diagnosis[0]
    two = check_gradients(
        lambda v: np.mean(np.logaddexp(0, X[:, :2] @ v) - y * (X[:, :2] @ v)),
        w[:2],
        grad=lambda v: X[:, :2].T @ sigmoid(X[:, :2] @ v) / 12,
    )
    assert "times X.T" not in " ".join(two.diagnosis)
    assert not check_gradients(cost, w, grad=lambda w: X.T @ (sigmoid(X @ w) - y) / 12).diagnosis


def test_the_kind_is_that_of_a_truth_left_out():
    """A cause is a value: nothing reads the sentence."""
    (evidence,) = met(cost, w, grad=WRONG["X.T y"][2])
    assert product(evidence).kind is Slip.TRUTH
