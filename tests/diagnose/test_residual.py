"""Which residuals and weights of examples are known?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, suspect

from gradcheck._diagnose.residual import residuals, weights

RNG = np.random.default_rng(5)
z = RNG.normal(size=(8, 1))
t = np.array([0, 1, 1, 0, 1, 0, 0, 1])
sw, labels = RNG.uniform(0.5, 2, 8), np.array([0, 2, 1, 1, 0, 2, 1, 0])
DATA = {"y": RNG.normal(size=8), "t": t, "sw": sw}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("words", "loss"),
    [
        ("(z - y)", lambda z: (z - DATA["y"]) ** 2 / 2),
        ("(sigmoid(z) - t)", lambda z: -t * np.log(sigmoid(z)) - (1 - t) * np.log(1 - sigmoid(z))),
        ("(tanh(z) - y) tanh'(z)", lambda z: (np.tanh(z) - DATA["y"]) ** 2 / 2),
        ("(exp(z) - t)", lambda z: np.exp(z) - t * z),
        ("(sw exp(z) - t)", lambda z: sw * np.exp(z) - t * z),
        ("tanh(z - y)", lambda z: np.log(np.cosh(z - DATA["y"]))),
        ("sign(z - y)", lambda z: np.abs(z - DATA["y"])),
        ("-(2 t - 1) where (2 t - 1) z < 1", lambda z: np.maximum(0, 1 - (2 * t - 1) * z)),
        ("-(2 t - 1) max(0, 1 - (2 t - 1) z)", lambda z: np.maximum(0, 1 - (2 * t - 1) * z) ** 2 / 2),
        ("-(2 t - 1) sigmoid(-(2 t - 1) z)", lambda z: np.log(1 + np.exp(-(2 * t - 1) * z))),
        ("(delta where z - y > 0, else delta - 1)", lambda z: np.where(z > DATA["y"], 0.3, -0.7) * (z - DATA["y"])),
    ],
)
def test_a_residual_is_the_derivative_of_its_loss(words, loss):
    """By each score."""
    evidence = suspect(2 * E, data=DATA, numbers={"delta": 0.3})
    known = {r.words: r.pull for r in residuals(evidence, z)}
    slope = (loss(z.ravel() + 1e-6) - loss(z.ravel() - 1e-6)) / 2e-6
    assert known[words].ravel() == pytest.approx(slope, abs=1e-8)


def test_labels_are_rows_of_zeros_and_a_one():
    """Of as many classes as there are scores."""
    scores = RNG.normal(size=(8, 3))
    known = {r.words: r.pull for r in residuals(suspect(2 * E, data={"labels": labels}), scores)}
    e = np.exp(scores)
    assert known["(softmax(z) - onehot(labels))"] == pytest.approx(e / e.sum(axis=1, keepdims=True) - np.eye(3)[labels])
    assert "(softmax(z) - onehot(labels - 1))" in known


def test_weights_are_those_of_examples_of_classes_and_of_all_but_one():
    """With their powers; of a mask there are none."""
    evidence = suspect(2 * E, data=DATA | {"labels": labels, "of_class": sw[:3], "mask": t > 0})
    known = {w.words: np.broadcast_to(w.by, (8, 3)) for w in weights(evidence, (8, 3))}
    assert known["sw^2"][:, 1] == pytest.approx(sw**2)
    assert known["of_class[labels]"][:, 0] == pytest.approx(sw[:3][labels])
    assert known["of_class of the column"][0] == pytest.approx(sw[:3])
    assert known["(all examples but 3)"][:, 0] == pytest.approx((np.arange(8) != 3).astype(float))
    assert "(1 - mask)" in known
    assert "mask^2" not in known
    many = suspect(2 * E, data={"sw": np.resize(sw, 100)})
    assert "(all examples but 3)" not in {w.words for w in weights(many, (100, 1))}


def test_a_function_of_two_pieces_needs_scores_on_both_sides_of_zero():
    """On one side the ReLU is nothing, or the score itself."""
    for scores, told in ((z, True), (np.abs(z), False), (-np.abs(z), False)):
        known = {r.words for r in residuals(suspect(2 * E, data=DATA), scores)}
        assert ("(ReLU(z) - y)" in known) is told
        assert "(tanh(z) - y)" in known


@pytest.mark.parametrize(("share", "smooths"), [(0.0, False), (0.1, True), (1.0, False)])
def test_labels_are_smoothed_by_a_part(share, smooths):
    """By nothing they are what they were, and by all of it they are no labels."""
    scores = RNG.normal(size=(8, 3))
    evidence = suspect(2 * E, data={"labels": labels}, numbers={"eps": share})
    assert any("smoothed(onehot(labels), eps)" in r.words for r in residuals(evidence, scores)) is smooths
