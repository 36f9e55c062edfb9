"""What is claimed of a matrix, as entries of which all, or those of a pattern, are there."""

from __future__ import annotations

import numpy as np

from gradcheck._model.questions import Entries, Matrix

M = np.array([[1.0, -2.0, 0.0], [0.0, 3.0, np.inf]])


def test_a_dense_matrix_has_every_entry():
    """In the order of C."""
    full = Entries.full(M)
    assert not full.listed
    np.testing.assert_array_equal(full.flat, np.arange(6))
    np.testing.assert_array_equal(full.row(1, [2, 1]), [np.inf, 3.0])


def test_products_and_largest_claims():
    """Of a pattern; sizes leave out what is not finite."""
    listed = Entries(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([1.0, -2.0, 3.0]), (2, 3))
    np.testing.assert_array_equal(listed.times(np.array([1.0, 1.0, 9.0])), [-1.0, 3.0])
    np.testing.assert_array_equal(listed.sizes(np.array([1.0, 1.0, 9.0])), [3.0, 3.0])
    np.testing.assert_array_equal(listed.largest(), [2.0, 3.0])
    np.testing.assert_array_equal(listed.row(0, [2, 1]), [0.0, -2.0])
    np.testing.assert_array_equal(Entries.full(M).largest(), [2.0, 3.0])


def test_a_matrix_has_the_shape_of_outputs_and_inputs():
    """As its entries are named."""
    assert Matrix("J", "f", np.sin, Entries.full, np.ones(3), (2, 4), (3,), ("f", "x")).shape == (2, 4, 3)
