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


R, ONE = z - DATA["y"][:, np.newaxis], np.ones((8, 1))
T = t[:, np.newaxis] * 1.0
SIGNS = 2 * T - 1
TANH, SLOPE = np.tanh(z), 1 - np.tanh(z) ** 2
BY_HAND = {  # of scores z, a target y, classes t of zero and one, s of minus one and one, and a limit of 0.3
    "tanh(z)": TANH,
    "tanh(z) tanh'(z)": TANH * SLOPE,
    "tanh'(z)": SLOPE,
    "(tanh(z) - y)": TANH - z + R,
    "(tanh(z) - y) tanh'(z)": (TANH - z + R) * SLOPE,
    "(tanh(z) - y) tanh'(z)^2": (TANH - z + R) * SLOPE**2,
    "(z - 0)": z,
    "(z - y of the next example)": z - np.roll(DATA["y"], -1)[:, np.newaxis],
    "(z - y of the example before)": z - np.roll(DATA["y"], 1)[:, np.newaxis],
    "(sw exp(z) - y)": sw[:, np.newaxis] * np.exp(z) - z + R,
    "sign(z - y)": np.where(R > 0, 1, -1),
    "clip(z - y, -1, 1)": np.minimum(1, np.maximum(-1, R)),
    "clip(z - y, -delta, delta)": np.minimum(0.3, np.maximum(-0.3, R)),
    "(z - y below delta, else its sign)": np.where(abs(R) < 0.3, R, np.where(R > 0, 1, -1)),
    "(z - y below delta, else 0)": np.where(abs(R) < 0.3, R, 0),
    "(1 - delta where z - y > 0, else -delta)": np.where(R > 0, 0.7, -0.3),
    "(delta where z - y > 0, else delta - 1)": np.where(R > 0, 0.3, -0.7),
    "-(2 t - 1)": -SIGNS,
    "-(2 t - 1) sigmoid(-(2 t - 1) z)": -SIGNS * sigmoid(-SIGNS * z),
    "-(2 t - 1) sigmoid((2 t - 1) z)": -SIGNS * sigmoid(SIGNS * z),
    "-(2 t - 1) where (2 t - 1) z < 0": np.where(SIGNS * z < 0, -SIGNS, 0),
    "-(2 t - 1) where (2 t - 1) z > 0": np.where(SIGNS * z > 0, -SIGNS, 0),
    "-(2 t - 1) where (2 t - 1) z < delta": np.where(SIGNS * z < 0.3, -SIGNS, 0),
    "-(2 t - 1) max(0, delta - (2 t - 1) z)": -SIGNS * np.maximum(0, 0.3 - SIGNS * z),
    "-s": -SIGNS,
    "-s where s z < 1": np.where(SIGNS * z < 1, -SIGNS, 0),
}


@pytest.mark.parametrize("words", BY_HAND)
def test_a_residual_is_what_its_words_say(words):
    """Also where it is the derivative of no loss: what is taken for one is compared as well."""
    data = DATA | {"s": 2 * t - 1}
    known = {r.words: r.pull for r in residuals(suspect(2 * E, data=data, numbers={"delta": 0.3}), z)}
    assert known[words] == pytest.approx(BY_HAND[words])


def test_a_residual_of_what_is_alike_is_another_one():
    """A difference is no sign where it is zero; the value itself beside itself, or classes that are three, are none."""
    many = {r.words: r.pull for r in residuals(suspect(2 * E, data={"y": z.ravel(), "labels": labels}), z)}
    assert not many["sign(z - y)"].any()
    assert not any(words.startswith("-labels") or "(2 labels - 1)" in words for words in many)
    assert "(y exp(z) - y)" not in many
    assert "(y exp(z) - labels)" in many
    half = {r.words: r.pull for r in residuals(suspect(2 * E, data={"y": z.ravel()}, numbers={"tau": 0.3}), z)}
    assert (half["(tau where z - y > 0, else tau - 1)"] == -0.7).all()
    assert (half["(1 - tau where z - y > 0, else -tau)"] == -0.3).all()
    scores = RNG.normal(size=(8, 3))
    several = {r.words for r in residuals(suspect(2 * E, data={"t": np.eye(3)[labels]}), scores)}
    assert "(softmax(z) - t)" in several
    assert not any("2 t - 1" in words for words in several)
    assert not any("softmax" in r.words for r in residuals(suspect(2 * E, data=DATA), z))


@pytest.mark.parametrize(("limit", "told"), [(-0.3, False), (0.0, False), (1.0, False), (0.3, True), (2.0, True)])
def test_a_number_that_is_positive_may_be_a_limit(limit, told):
    """One is one anyhow."""
    known = {r.words for r in residuals(suspect(2 * E, data=DATA, numbers={"delta": limit}), z)}
    assert ("clip(z - y, -delta, delta)" in known) is told
    assert "clip(z - y, -1, 1)" in known
    assert ("(1 - delta where z - y > 0, else -delta)" in known) is (told and limit < 1)
    assert "(1 - 1 where z - y > 0, else -1)" not in known


def test_six_numbers_are_taken_for_limits():
    """A layer of a hundred settings has no hundred limits."""
    numbers = {f"n{k}": 0.1 + k / 20 for k in range(8)}
    known = {r.words for r in residuals(suspect(2 * E, data=DATA, numbers=numbers), z)}
    assert [f"clip(z - y, -n{k}, n{k})" in known for k in range(8)] == [True] * 6 + [False] * 2


def test_labels_may_be_counted_from_one():
    """Then each is taken for the class beside it; smoothed, a part of each goes to all of them."""
    scores = RNG.normal(size=(8, 4))
    evidence = suspect(2 * E, data={"labels": labels}, numbers={"eps": 0.1})
    known = {r.words: r.pull for r in residuals(evidence, scores)}
    assert scores - known["(z - onehot(labels))"] == pytest.approx(np.eye(4)[labels])
    assert scores - known["(z - onehot(labels + 1))"] == pytest.approx(np.eye(4)[labels + 1])
    assert scores - known["(z - onehot(labels - 1))"] == pytest.approx(np.eye(4)[labels - 1])
    smooth = scores - known["(z - smoothed(onehot(labels), eps))"]
    assert smooth == pytest.approx(0.9 * np.eye(4)[labels] + 0.1 / 4)
    given = {r.words for r in residuals(suspect(2 * E, data={"t": np.eye(4)[labels]}), scores)}
    assert "(z - t)" in given
    assert not any("onehot" in words for words in given)


@pytest.mark.parametrize(
    ("array", "classes", "told"),
    [
        (labels, 3, True),
        (labels, 2, False),
        (labels, 64, True),
        (labels, 65, False),
        (labels + 0.5, 3, False),
        (np.full(8, 1), 3, False),
        (labels[:7], 3, False),
        (np.where(labels == 1, np.nan, labels), 3, False),
        (labels.astype(complex), 3, False),
    ],
)
def test_labels_are_whole_numbers_below_the_number_of_classes(array, classes, told):
    """One for each example, of sixty-four classes at most; the same for all say nothing."""
    evidence = suspect(2 * E, data={"labels": array})
    known = {r.words for r in residuals(evidence, RNG.normal(size=(8, classes)))}
    assert ("(z - onehot(labels))" in known) is told


@pytest.mark.parametrize(("n", "each"), [(64, True), (65, False)])
def test_of_many_examples_the_first_and_the_last_may_be_left_out(n, each):
    """Of sixty-four each may; alone it counts one, left out none."""
    known = {w.words: w.by.ravel() for w in weights(suspect(2 * E), (n, 1))}
    assert ("(example 1 alone)" in known) is each
    for k in (0, n - 1):
        assert known[f"(example {k} alone)"].tolist() == (np.arange(n) == k).tolist()
        assert known[f"(all examples but {k})"].tolist() == (np.arange(n) != k).tolist()


def test_the_powers_of_a_weight_are_what_their_words_say():
    """No root of what is below zero, and nothing over zero; a mask has its opposite, and no powers."""
    arrays = {
        "sw": sw,
        "signed": sw - 1,
        "zero": np.where(t, sw, 0.0),
        "mask": t > 0,
        "table": RNG.uniform(1, 2, (8, 3)),
    }
    known = {w.words: np.broadcast_to(w.by, (8, 3)) for w in weights(suspect(2 * E, data=arrays), (8, 3))}
    assert (known[""] == 1).all()
    for name in ("sw", "signed", "zero"):
        assert known[name][:, 2] == pytest.approx(arrays[name])
        assert known[f"{name}^2"][:, 2] == pytest.approx(arrays[name] ** 2)
    assert known["sqrt(sw)"][:, 1] == pytest.approx(np.sqrt(sw))
    assert known["sqrt(zero)"][:, 1] == pytest.approx(np.sqrt(arrays["zero"]))
    assert known["1/sw"][:, 1] == pytest.approx(1 / sw)
    assert known["1/signed"][:, 1] == pytest.approx(1 / (sw - 1))
    assert known["table"] == pytest.approx(arrays["table"])
    assert known["mask"][:, 0].tolist() == t.tolist()
    assert known["(1 - mask)"][:, 0].tolist() == (1 - t).tolist()
    assert not {"sqrt(signed)", "1/zero", "(1 - sw)", "1/mask", "sqrt(mask)"} & {*known}


@pytest.mark.parametrize(
    ("of_class", "shape", "told"),
    [(sw[:3], (8, 3), True), (sw[:2], (8, 3), False), (np.ones(3), (8, 3), False), (np.arange(3), (8, 3), False)],
)
def test_a_weight_of_each_class_is_that_of_its_label(of_class, shape, told):
    """Where there is one for each label, and they differ."""
    known = {w.words: w.by for w in weights(suspect(2 * E, data={"labels": labels, "c": of_class}), shape)}
    assert ("c[labels]" in known) is told
    assert ("c of the column" in known) is told
    assert not told or known["c[labels]"].tolist() == of_class[labels][:, np.newaxis].tolist()


def test_labels_below_zero_are_those_that_do_not_count():
    """They stand for no class."""
    some = np.where(labels == 1, -100, labels)
    known = {w.words: w.by for w in weights(suspect(2 * E, data={"labels": some, "c": sw[:3]}), (8, 3))}
    assert known["(labels >= 0)"].ravel().tolist() == (labels != 1).tolist()
    assert "c[labels]" not in known
    assert "(labels >= 0)" not in {w.words for w in weights(suspect(2 * E, data={"labels": labels}), (8, 3))}
    assert "c of the column" not in {w.words for w in weights(suspect(2 * E, data={"c": sw[:1]}), (8, 1))}
