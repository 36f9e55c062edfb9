"""The arrays of a point are private, and what is chosen of them goes by name."""

from __future__ import annotations

import numpy as np
import pytest
from points import POINT, X, opened

from gradcheck import InputError
from gradcheck._model.point import restrict


def test_arrays_are_private():
    """Nothing the function does to what it is given reaches the user."""
    subject = opened()
    subject.tree["W"][:] = 0
    assert POINT["W"].sum() == 10
    assert subject.leaves["W"].original.sum() == 10


def test_the_layout_is_kept():
    """An array in Fortran order is given to the function in Fortran order."""
    subject = opened({"W": np.asfortranarray(POINT["W"]), "b": POINT["b"]})
    assert subject.tree["W"].flags.f_contiguous


@pytest.mark.parametrize("promote", [False, True])
def test_promotion(promote):
    """Float32 becomes float64, or stays; what the user gave is remembered."""
    subject = opened({"W": POINT["W"].astype(np.float32), "b": POINT["b"]}, promote=promote)
    assert subject.tree["W"].dtype == (np.float64 if promote else np.float32)
    assert subject.leaves["W"].dtype == np.float32


def test_what_is_no_float_is_passed_on():
    """Integers, text and objects are settings, not leaves."""
    labels, thing = np.array([0, 1]), object()
    point = {"W": POINT["W"], "labels": labels, "name": "text", "thing": thing}
    subject = opened(point, lambda p: float(p["W"].sum()), lambda p: {"W": np.ones_like(p["W"])})
    assert list(subject.leaves) == ["W"]
    assert subject.notes == ("held fixed, since nothing is claimed for it: labels",)
    assert subject.tree["labels"] is labels
    assert subject.tree["thing"] is thing


@pytest.mark.parametrize(
    ("array", "scale"),
    [
        ([1.0, -4.0, 100.0], [4.0, 4.0, 100.0]),
        ([0.0, 2.0, 1e-9], [1.0, 2.0, 1.0]),
        ([0.0, 0.0], [1.0, 1.0]),
        (3.0, [3.0]),
    ],
)
def test_the_scale_of_an_entry(array, scale):
    """Its own size, or that of a typical entry that is not zero; one where all are zero."""
    subject = opened({"a": np.array(array)})
    assert subject.leaves["a"].scale == pytest.approx(scale, rel=1e-6)


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (None, ["W1", "b1", "layers[0].W", "layers[1].W"]),
        ("W1", ["W1"]),
        ("*1", ["W1", "b1"]),
        ("layers[1].W", ["layers[1].W"]),
        ("layers[?].W", ["layers[0].W", "layers[1].W"]),
        ("*W*", ["W1", "layers[0].W", "layers[1].W"]),
        (["b1", "W1"], ["W1", "b1"]),
        (["*", "b1"], ["W1", "b1", "layers[0].W", "layers[1].W"]),
    ],
)
def test_patterns(patterns, expected):
    """Stars and question marks stand for anything, brackets for themselves; the order is that of the point."""
    point = {"W1": X, "b1": X, "layers": [{"W": X}, {"W": X}]}
    assert list(restrict(opened(point).leaves, patterns)) == expected


@pytest.mark.parametrize("pattern", ["w1", "W", "layers", "[W]1"])
def test_a_pattern_that_matches_nothing(pattern):
    """Case counts, and a part of a name is not the name; the error lists the names."""
    with pytest.raises(InputError, match="matches none of W1, b1"):
        restrict(opened({"W1": X, "b1": X}).leaves, pattern)


def test_a_kind_that_is_said_counts():
    """Where the name does not tell."""
    assert opened({"theta": X}, kinds={"theta": "bias"}).leaves["theta"].kind == "bias"
