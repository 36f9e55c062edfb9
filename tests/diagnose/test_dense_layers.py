"""Are tensors and data read as scores, and is the gradient of each tensor what a pull on them makes?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import suspect

from gradcheck._diagnose import dense_layers
from gradcheck._diagnose.dense_layers import scores_of

RNG = np.random.default_rng(4)
X, P = RNG.normal(size=(7, 5)), RNG.normal(size=(7, 2))
VALUES = {"W": RNG.normal(size=(5, 3)), "b": RNG.normal(size=3), "V": RNG.normal(size=(2, 3))}


def read(values, name="W", **context):
    value = values[name]
    evidence = suspect(np.ones(value.shape), 2 * np.ones(value.shape), values=values, data={"X": X}, **context)
    return {scores.words: scores for scores in scores_of(evidence)}


def test_one_layer_and_two_are_read():
    """With a bias or without, and a matrix to the left."""
    words = list(read(VALUES))
    assert words[:3] == ["z = W", "z = X W + b", "z = X W"]
    assert "z = tanh(X W + b) V.T" in words
    assert "z = X W + b" in read({"W": VALUES["W"][:, 0], "b": np.array(2.0)})
    assert "z = X W.T" in read({"W": VALUES["W"].T})


@pytest.mark.parametrize("words", ["z = X W + b", "z = tanh(X W + b) V.T", "z = X W"])
def test_the_gradient_is_what_moves_the_scores(words):
    """Entry by entry, and as a whole."""

    def made(values):
        z = X @ values["W"] + ("b" in words) * values["b"]
        return np.tanh(z) @ values["V"].T if "tanh" in words else z

    scores, pull = read(VALUES)[words], P if "tanh" in words else np.column_stack([P, P[:, 0]])
    assert scores.z == pytest.approx(made(VALUES))
    for name, way in scores.ways.items():
        gradient = way.gradient(pull)
        assert gradient.shape == VALUES[name].shape
        for k in range(gradient.size):
            step = np.zeros(gradient.size)
            step[k] = 1e-6
            up, down = (VALUES | {name: VALUES[name] + s * step.reshape(gradient.shape)} for s in (1, -1))
            slope = np.sum(pull * (made(up) - made(down))) / 2e-6
            assert gradient.flat[k] == pytest.approx(slope, abs=1e-8)
            assert np.sum(pull * way.weights(k)) == pytest.approx(gradient.flat[k])


def test_scores_that_contradict_the_measurement_are_left_out():
    """Where there are more gradients than parts of a pull."""
    layer = read(VALUES)["z = tanh(X W + b) V.T"]
    estimates = {name: way.gradient(P) for name, way in layer.ways.items()}
    assert not layer.contradicts(estimates)
    assert layer.contradicts(estimates | {"V": 2 * estimates["V"]})
    assert "z = tanh(X W + b) V.T" not in read(VALUES, estimates=estimates | {"V": 2 * estimates["V"]})


def test_sixteen_readings_are_tried():
    """Of weights and biases that fit in many ways."""
    many = {n: RNG.normal(size=(5, 3)) for n in ("W", "W1")} | {f"b{k}": RNG.normal(size=3) for k in range(30)}
    words = list(read(many))
    assert words[:3] == ["z = W", "z = X W + b0", "z = X W + b1"]
    assert len(words) == 16


@pytest.mark.parametrize(("limit", "seen"), [(24 * 14**2, True), (24 * 14**2 - 1, False)])
def test_a_contradiction_that_is_not_soon_seen_is_not_looked_for(monkeypatch, limit, seen):
    """Equations times the square of the unknowns; five more of them than of these are needed."""
    layer = read(VALUES)["z = tanh(X W + b) V.T"]
    wrong = {name: RNG.normal(size=VALUES[name].shape) for name in VALUES}
    monkeypatch.setattr(dense_layers, "SOON", limit)
    assert layer.contradicts(wrong) is seen
    monkeypatch.undo()
    assert not layer.contradicts({name: wrong[name] for name in ("W", "b")})  # 18 for 14 unknown numbers
