"""Several arrays as one vector, and back."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._adapters.blocks import Blocks

LIKE = {
    "an array": np.arange(6.0).reshape(2, 3),
    "a tuple": (np.arange(2.0), np.arange(4.0).reshape(2, 2)),
    "a dict of lists": {"a": [np.ones(2), np.zeros(1)], "b": np.arange(3.0)},
    "a number": 2.0,
}


@pytest.mark.parametrize("like", LIKE.values(), ids=LIKE)
def test_there_and_back(like):
    """A vector of as many numbers has the structure, and the structure that vector."""
    blocks = Blocks(like)
    vector = np.arange(float(blocks.length))
    again = blocks.flat(blocks.of(vector))
    assert np.array_equal(again, vector)
    assert type(blocks.of(vector)) is (np.ndarray if isinstance(like, float) else type(like))


def test_a_list_of_numbers_is_an_array():
    """And a dict in another order has the same vector."""
    assert np.array_equal(Blocks([1.0, 2.0]).of(np.array([3.0, 4.0])), [3.0, 4.0])
    blocks = Blocks({"a": np.zeros(2), "b": np.zeros(1)})
    assert np.array_equal(blocks.flat({"b": np.array([3.0]), "a": np.array([1.0, 2.0])}), [1.0, 2.0, 3.0])
    assert blocks.said == "a is 0:2, b is 2:3"
