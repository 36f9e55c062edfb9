"""Is it said of each size what it is the size of?"""

from __future__ import annotations

import pytest

from gradcheck._diagnose.size import Of, Size, of_tensors, read


@pytest.mark.parametrize(
    ("name", "of", "counted"),
    [
        ("the batch size", Of.BATCH, True),
        ("the batch size, the first axis of X and T", Of.BATCH, True),
        ("batch", Of.BATCH, True),
        ("the first axis of X", Of.FIRST_AXIS, True),
        ("the number of entries of X", Of.ENTRIES, True),
        ("axis 1 of X", Of.AXIS, False),
        ("the features", Of.ELSE, False),
    ],
)
def test_a_name_is_read_once(name, of, counted):
    """Here, and nowhere else."""
    (size,) = read({name: 7})
    assert (size.of, size.words, size.n, size.counted) == (of, name, 7, counted)


@pytest.mark.parametrize("name", ["axis 1 of batch", "the first axis of batches", "the number of entries of batch"])
def test_an_array_that_is_called_batch_is_none(name):
    """Its axes are axes."""
    assert read({name: 7})[0].of is not Of.BATCH


def test_the_widths_of_tensors_and_the_places_in_them_are_sizes():
    """Of the first tensor and of the output; what is smaller than 3 is no size."""
    sizes = of_tensors({"W": (2, 3, 4), "b": (5,)}, (6, 2))
    assert sizes == (
        Size(Of.WIDTH, "a width of W (axis 1)", 3),
        Size(Of.WIDTH, "a width of W (axis 2)", 4),
        Size(Of.WIDTH, "a width of b (axis 0)", 5),
        Size(Of.AXIS, "axis 0 of the output", 6),
        Size(Of.PLACES, "the places along axes 1 and 2 of W", 12),
        Size(Of.PLACES, "the places along axes 0 and 1 of W", 6),
        Size(Of.PLACES, "the places along axes 0 and 2 of W", 8),
        Size(Of.PLACES, "the places along axes 0 and 1 and 2 of W", 24),
        Size(Of.PLACES, "the places along axes 0 and 1 of the output", 12),
    )
