"""What a framework says of a shape that fits by broadcasting is a wrong gradient, and nothing else is."""

from __future__ import annotations

import pytest

from gradcheck._adapters.shapes import shape_error

TORCH = "Function FBackward returned an invalid gradient at index 1 - got [{}] but expected shape compatible with [{}]"
JAX = (
    "Custom VJP bwd rule must produce an output with the same type as the args tuple of the primal function, but at "
    "output[0] the bwd rule produced an output of type float64[{}] corresponding to an input of type float64[{}], so "
    "the shapes do not match"
)


@pytest.mark.parametrize(("said", "who"), [(TORCH, "Function FBackward"), (JAX, "bwd rule")])
@pytest.mark.parametrize(
    ("theirs", "wanted", "fits"),
    [("1, 3", "2, 3", True), ("", "3", True), ("5, 3", "3", True), ("2", "3", False), ("3, 2", "2, 3", False)],
)
def test_what_a_framework_says_of_a_shape(said, who, theirs, wanted, fits):
    """Both shapes, and whose gradient it is."""
    error = shape_error(RuntimeError(said.format(theirs, wanted)))
    assert (error is not None) is fits
    if fits:
        assert str(error).startswith(f"{who} gives its input")


def test_another_error_is_none_of_this():
    """It is raised as it is."""
    assert shape_error(RuntimeError("out of memory")) is None
