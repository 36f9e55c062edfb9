"""The dense layer, and with which weights it begins."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import Dense, glorot, he


def test_by_hand():
    """Two examples, two inputs, one output: every number can be checked in the head."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    y, backward = Dense(W=np.array([[10.0], [100.0]]), b=np.array([5.0])).forward(x)
    dx, grad = backward(np.array([[1.0], [2.0]]))
    np.testing.assert_array_equal(y, [[215], [435]])
    np.testing.assert_array_equal(dx, [[10, 100], [20, 200]])
    np.testing.assert_array_equal(grad.W, [[1 * 1 + 3 * 2], [2 * 1 + 4 * 2]])
    np.testing.assert_array_equal(grad.b, [3])


def test_an_input_of_zero_gives_its_weights_no_gradient(rng):
    """A pixel that is always black teaches nothing."""
    x = rng.normal(size=(5, 3)) * [1, 0, 1]
    _, backward = Dense.random(3, 2, rng).forward(x)
    _, grad = backward(rng.normal(size=(5, 2)))
    assert np.all(grad.W[1] == 0)
    assert np.all(grad.W[[0, 2]] != 0)


@pytest.mark.parametrize(
    ("x", "W", "b", "message"),
    [
        ((2, 4), (3, 5), (5,), r"takes x of shape \(N, 3\), not \(2, 4\)"),
        ((3,), (3, 5), (5,), r"a single example x is the batch x\[np.newaxis\]"),
        ((2, 2, 3), (3, 5), (5,), r"not \(2, 2, 3\)"),
        ((2, 3), (3, 5), (3,), r"not \(3, 5\) and \(3,\): one bias for each column of W"),
        ((2, 3), (3, 5), (1, 5), r"not \(3, 5\) and \(1, 5\)"),
        ((2, 3), (3, 5), (), r"not \(3, 5\) and \(\)"),
        ((2, 3), (3,), (), r"W of shape \(I, O\)"),
    ],
    ids=str,
)
def test_shapes_that_do_not_fit_are_refused(x, W, b, message):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        Dense(W=np.ones(W), b=np.ones(b)).forward(np.ones(x))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("init", ["glorot", "he"])
def test_a_random_layer(init, dtype):
    """Weights by the rule named, biases of zero, both in the dtype asked for."""
    layer = Dense.random(3, 5, np.random.default_rng(1), init=init, dtype=dtype)
    rule = {"glorot": glorot, "he": he}[init]
    np.testing.assert_array_equal(layer.W, rule(3, 5, np.random.default_rng(1), dtype=dtype))
    np.testing.assert_array_equal(layer.b, np.zeros(5))
    assert (layer.W.dtype, layer.b.dtype) == (dtype, dtype)


def test_an_unknown_rule_is_refused(rng):
    """The message names those that there are."""
    with pytest.raises(ValueError, match="init='zeros' is not known; write init='glorot'"):
        Dense.random(3, 5, rng, init="zeros")


def test_glorot_is_uniform_with_the_variance_of_both_widths(rng):
    """Its bound is √(6 / (n_in + n_out)), its variance 2 / (n_in + n_out)."""
    W = glorot(300, 100, rng)
    assert 0.999 * np.sqrt(6 / 400) < np.max(np.abs(W)) <= np.sqrt(6 / 400)
    assert W.mean() == pytest.approx(0, abs=0.002)
    assert W.var() == pytest.approx(2 / 400, rel=0.02)


def test_he_is_normal_with_the_variance_of_the_inputs(rng):
    """Its variance is 2 / n_in, and a normal number in three hundred and seventy is beyond 3σ."""
    W = he(300, 100, rng)
    assert W.mean() == pytest.approx(0, abs=0.002)
    assert W.var() == pytest.approx(2 / 300, rel=0.02)
    assert np.mean(np.abs(W) > 3 * np.sqrt(2 / 300)) == pytest.approx(0.0027, rel=0.2)
