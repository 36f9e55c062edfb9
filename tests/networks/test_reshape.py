"""The same numbers, otherwise arranged."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.networks import Flatten, Reshape, Transpose

X = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("layer", "y"),
    [
        (Flatten(), X.reshape(2, 12)),
        (Flatten(start=2), X),
        (Flatten(start=0), X.reshape(24)),
        (Reshape((2, 6)), X.reshape(2, 2, 6)),
        (Reshape((12,)), X.reshape(2, 12)),
        (Transpose((0, 2, 1)), X.swapaxes(1, 2)),
        (Transpose((1, 2, 0)), np.moveaxis(X, 0, 2)),
    ],
    ids=repr,
)
def test_every_number_comes_back_to_where_it_was(layer, y):
    """The way back of the output is the input."""
    value, backward = layer.forward(X)
    np.testing.assert_array_equal(value, y)
    dx, grad = backward(y)
    np.testing.assert_array_equal(dx, X)
    assert grad is layer


def test_an_empty_batch_keeps_its_shape():
    """Though nothing can be divided by the nothing that is there."""
    assert Flatten().forward(X[:0])[0].shape == (0, 12)
    assert Reshape((6, 2)).forward(X[:0])[0].shape == (0, 6, 2)
    assert Reshape(()).forward(np.ones(3))[0].shape == (3,)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (Flatten(3), r"Flatten\(start=3\) takes x with more than 3 axes, not \(2, 3, 4\)"),
        (Flatten(-1), r"start=-1"),
        (Reshape((5, 2)), r"Reshape\(\(5, 2\)\) takes examples of 10 numbers, not x of shape \(2, 3, 4\)"),
        (Reshape((-3, -4)), r"without N and without -1"),
        (Reshape((-1, 4)), r"without N and without -1"),
        (Transpose((1, 0)), r"Transpose\(\(1, 0\)\): name each axis of x once, from 0 to 2; x has shape \(2, 3, 4\)"),
        (Transpose((0, 1, 1)), r"name each axis"),
    ],
    ids=repr,
)
def test_shapes_that_cannot_be_are_refused(layer, message):
    """The message says what to write."""
    with pytest.raises(ValueError, match=message):
        layer.forward(X)
