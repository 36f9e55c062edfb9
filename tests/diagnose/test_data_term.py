"""Is a product of data that is left out named, and nothing else taken for one?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import met, suspect

from gradcheck import check_gradients
from gradcheck._diagnose import data_term
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


def taught(claim, right, **context):
    """Return what is said to be missing of a tensor W."""
    found = product(suspect(claim, right, **context))
    return found and found.sentence


TARGET = RNG.normal(size=12)
RIGHT = np.cumsum(np.sin(np.arange(4.0)))


@pytest.mark.parametrize("rate", [2.5, -0.25])
def test_how_much_of_a_product_is_missing_is_told(rate):
    """Three wrong entries or more show it."""
    term = X.T @ TARGET
    data = {"X": X, "t": TARGET}
    assert taught(RIGHT - rate * term, RIGHT, data=data).startswith(f"what is missing is {rate} times X.T t:")
    for entries, told in ((2, False), (3, True)):
        some = {"X": X[:, :entries], "t": TARGET}
        found = taught((RIGHT - rate * term)[:entries], RIGHT[:entries], data=some)
        assert (found is not None) is told
        few = {"X": np.where(np.arange(4) < entries, X, 0.0), "t": TARGET}
        found = taught(RIGHT - rate * np.where(np.arange(4) < entries, term, 0.0), RIGHT, data=few)
        assert (found is not None) is told
    assert taught(RIGHT - rate * term, RIGHT, data=data, measured=range(3)) is None
    assert taught(term * (1 - rate), term, data=data) is None  # a factor is the plainer thing


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"t": TARGET}, ["t"]),
        ({"t": y}, ["t", "(1 - t)"]),
        ({"t": np.zeros(12)}, ["t"]),
        ({"t": y + 1}, ["t"]),
        ({"t": y > 0.5}, ["t", "(1 - t)"]),
        ({"t": TARGET[:11]}, []),
        ({"t": np.array(1.0)}, []),
        ({"t": np.ones((12, 2, 2))}, []),
        ({"t": X}, ["t"]),
        ({"t": y[:, None]}, ["t"]),
        ({"t": y.astype(complex)}, []),
    ],
)
def test_what_stands_beside_each_example(data, said):
    """Vectors and matrices of numbers, one row for each; of zeros and ones what is left of one as well."""
    found = [words for words, _ in data_term._truths(suspect(RIGHT, data=data, estimate=RIGHT), 12, (4,))]
    assert found == [*said, "(a column of ones)"]


@pytest.mark.parametrize(
    ("labels", "are"),
    [([0, 1, 5], True), ([0, 63], True), ([0, 64], False), ([-1, 1], False), ([0.5, 1], False), ([2 + 5e-7, 1], True)],
)
def test_labels_are_whole_numbers_of_sixty_four_classes(labels, are):
    """From 0 on."""
    assert data_term._is_label(np.array(labels, dtype=float)) is are


def test_labels_become_rows_for_a_matrix():
    """With as many columns as either of its axes; a target of several columns is none."""
    evidence = suspect(np.ones((4, 3)), np.zeros((4, 3)), data={"c": CLASS})
    rows = [t for words, t in data_term._truths(evidence, 12, (4, 3)) if "one-hot" in words]
    assert [t.shape for t in rows] == [(12, 3), (12, 4)]
    assert all((t[np.arange(12), CLASS] == 1).all() and t.sum() == 12 for t in rows)


def test_which_way_a_product_is_written():
    """Examples of either come first."""
    T = np.random.default_rng(1).normal(size=(12, 3))
    right = np.cumsum(np.ones((4, 3)), axis=0) * np.arange(1.0, 4)
    data = {"X": X, "T": T}
    assert "times X.T T:" in taught(right - X.T @ T, right, data=data)
    assert "times T.T X:" in taught(right.T - T.T @ X, right.T, data={"X": X, "T": T[:, :3]})
    one = taught(right - np.tile((X.T @ np.ones(12))[:, None], 3), right, data={"X": X})
    assert one is None


def test_a_term_of_nothing_hides_no_other():
    """Nor does one without end."""
    right = RNG.normal(size=4)
    for hides in (0.0, np.inf):
        evidence = suspect(right - 0.5 * X.T @ y, right, data={"Z": np.full((12, 4), hides), "X": X, "y": y})
        with np.errstate(invalid="ignore"):
            assert product(evidence).sentence.startswith("what is missing is 0.5 times X.T y")
