"""Batch normalisation, and what it remembers of what it saw: nothing, unless it is given it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradcheck.networks import BatchNorm, Running, parameters

X = np.array([[1.0, 10], [2, 10], [4, 10], [5, 10]])  # four examples of two channels
ROOT = np.sqrt(2.5)


def test_by_hand():
    """Each channel over the batch; one that says the same of all says nothing."""
    y, backward = BatchNorm(np.array([10.0, 1]), np.array([0.0, 3]), None, eps=1e-30).forward(X)
    np.testing.assert_allclose(y, np.transpose([[-20 / ROOT, -10 / ROOT, 10 / ROOT, 20 / ROOT], [3] * 4]), rtol=1e-14)
    _, grad = backward(np.array([[1.0, 1], [0, 2], [0, 3], [1, 4]]))
    np.testing.assert_allclose(grad.gamma, [0, 0], atol=1e-15)
    np.testing.assert_allclose(grad.beta, [2, 10])


def test_pixels_are_examples(rng):
    """A channel is taken together over the batch and all its pixels."""
    x = rng.normal(size=(3, 2, 4, 5))
    y, _ = BatchNorm.plain(2).forward(x)
    rows, _ = BatchNorm.plain(2).forward(np.moveaxis(x, 1, 3).reshape(-1, 2))
    np.testing.assert_allclose(np.moveaxis(y, 1, 3).reshape(-1, 2), rows, rtol=1e-12)


def test_in_training_examples_hear_of_one_another():
    """In use they do not."""
    other = X + np.array([[0], [0], [0], [1]])
    training, running = BatchNorm.plain(2), Running(np.array([3.0, 10]), np.array([2.5, 1]))
    use = replace(training, running=running)
    assert not np.allclose(training.forward(X)[0][0, 0], training.forward(other)[0][0, 0])
    assert np.array_equal(use.forward(X)[0][0], use.forward(other)[0][0])


def test_in_use_by_hand():
    """By mean and variance given: the first channel is centred at 1 and divided by 2."""
    use = BatchNorm(np.array([6.0, 1]), np.zeros(2), Running(np.array([1.0, 10]), np.array([4.0, 1])), eps=1e-30)
    y, backward = use.forward(X)
    np.testing.assert_allclose(y, np.transpose([[0, 3, 9, 12], [0] * 4]), rtol=1e-14)
    dx, grad = backward(np.ones_like(X))
    np.testing.assert_allclose(dx, np.transpose([[3] * 4, [1] * 4]), rtol=1e-14)
    np.testing.assert_allclose(grad.gamma, [4, 0], rtol=1e-14)
    assert grad.running is use.running


def test_what_was_observed_by_hand():
    """A tenth of the way to the new mean, 3, and to the new variance, 10 / 3, unbiased."""
    before = Running.begin(2)
    after = BatchNorm.plain(2).observed(X, before)
    np.testing.assert_allclose(after.mean, [0.3, 1], rtol=1e-14)
    np.testing.assert_allclose(after.var, [0.9 + 1 / 3, 0.9], rtol=1e-14)
    assert (before.mean.tolist(), before.var.tolist()) == ([0, 0], [1, 1])
    all_new = BatchNorm.plain(2).observed(X, before, momentum=1.0)
    np.testing.assert_allclose(all_new.var, [10 / 3, 0], rtol=1e-14)


def test_what_is_observed_often_is_believed(rng):
    """After many batches, use is what training was."""
    layer, running = BatchNorm.plain(3), Running.begin(3)
    for _ in range(200):
        running = layer.observed(5 + 2 * rng.normal(size=(500, 3)), running)
    y, _ = replace(layer, running=running).forward(5 + 2 * rng.normal(size=(10_000, 3)))
    assert (y.mean(), y.var()) == pytest.approx((0, 1), abs=0.05)


def test_the_statistics_are_no_parameters():
    """They are never trained."""
    assert set(parameters(BatchNorm(np.ones(2), np.zeros(2), Running.begin(2)))) == {"gamma", "beta"}
    assert parameters(BatchNorm(None, None, None)) == {}


def test_float32_stays():
    """Even where float64 was observed."""
    x, layer = X.astype(np.float32), BatchNorm.plain(2, dtype=np.float32)
    for use in (layer, replace(layer, running=Running.begin(2))):
        y, backward = use.forward(x)
        assert {a.dtype for a in (y, backward(y)[0], *parameters(backward(y)[1]).values())} == {np.dtype(np.float32)}
    seen = layer.observed(x, Running.begin(2, dtype=np.float32))
    assert (seen.mean.dtype, seen.var.dtype) == (np.float32, np.float32)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (BatchNorm.plain(3), (2, 4), r"BatchNorm takes gamma of shape \(4,\), one entry for each channel of x"),
        (BatchNorm(None, np.ones((1, 4)), None), (2, 4), r"BatchNorm takes beta of shape \(4,\)"),
        (BatchNorm.plain(4), (4,), r"BatchNorm takes x of shape \(N, C, ...\), not \(4,\)"),
        (BatchNorm(None, None, Running.begin(3)), (2, 4), r"running mean and variance of shape \(4,\), not \(3,\)"),
        (BatchNorm(None, None, None, eps=-1.0), (2, 4), r"eps=-1.0"),
        (BatchNorm(None, None, Running.begin(4), eps=0.0), (2, 4), r"eps=0.0"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_shapes_that_do_not_fit_are_refused(layer, shape, message):
    """Nothing is broadcast in silence."""
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(shape))


@pytest.mark.parametrize("shape", [(1, 3), (0, 3), (1, 3, 1), (0, 3, 4), (4, 3, 0)])
def test_of_one_number_there_is_no_variance(shape):
    """The unbiased one divides by n - 1."""
    with pytest.raises(ValueError, match=r"numbers in a channel; a variance needs two"):
        BatchNorm.plain(3).observed(np.ones(shape), Running.begin(3))
    with pytest.raises(ValueError, match=r"running mean and variance of shape \(3,\), not \(4,\)"):
        BatchNorm.plain(3).observed(np.ones((2, 3)), Running.begin(4))
