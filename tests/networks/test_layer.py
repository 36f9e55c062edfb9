"""Parameters have paths, and what is no parameter has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck.networks import (
    Array,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Huber,
    LeakyReLU,
    constant,
    mlp,
    parameters,
    rebuild,
)


@dataclass(frozen=True)
class Everything:
    """A layer with a field of every kind."""

    gains: list[Array]
    inner: tuple[Dense, LeakyReLU]
    scale: Array
    counts: Array  # integers: nothing to train
    mask: Array = constant()  # noqa: RUF009 (a field, not a default made once)
    eps: float = 1e-5
    name: str = "everything"


@pytest.fixture
def everything(rng):
    return Everything(
        gains=[np.ones(2), np.zeros(3)],
        inner=(Dense.random(2, 3, rng), LeakyReLU()),
        scale=np.array(2.0),
        counts=np.arange(3),
        mask=np.ones(3),
    )


def test_the_paths_are_those_one_would_write(everything):
    """Dots for fields, brackets for places; constants, integers and plain numbers are left out."""
    assert list(parameters(everything)) == [
        "gains[0]",
        "gains[1]",
        "inner[0].W",
        "inner[0].b",
        "scale",
    ]


def test_a_network_with_its_loss(rng):
    """Of a cost, only the network has parameters: labels, deltas and decay are none."""
    cost = Cost(mlp((2, 3, 2), LeakyReLU(), rng), CrossEntropy(np.eye(2)), decay=0.1)
    assert list(parameters(cost)) == [f"network.layers[{i}].{name}" for i in (0, 2) for name in ("W", "b")]
    assert parameters(Huber(np.zeros(3))) == {}


def test_parameters_are_the_arrays_themselves(everything):
    """They are handed out, not copied."""
    assert parameters(everything)["inner[0].W"] is everything.inner[0].W


def test_rebuild_replaces_what_is_named_and_shares_the_rest(everything):
    """The old layer keeps its arrays, and the new one all that was not replaced."""
    old = everything.inner[0].W.copy()
    new = rebuild(everything, {"inner[0].W": old + 1, "gains[1]": np.ones(3)})
    np.testing.assert_array_equal(new.inner[0].W, old + 1)
    np.testing.assert_array_equal(new.gains[1], np.ones(3))
    np.testing.assert_array_equal(everything.inner[0].W, old)
    assert new.inner[0].b is everything.inner[0].b
    assert new.mask is everything.mask
    assert (type(new), type(new.gains), type(new.inner)) == (Everything, list, tuple)


def test_rebuild_with_its_own_parameters_changes_nothing(everything):
    """Not even the objects."""
    assert rebuild(everything, parameters(everything)) is everything


def test_rebuild_refuses_a_path_that_is_none(rng):
    """It says what there is instead."""
    with pytest.raises(KeyError, match=r"'layers\[0\].V'; there are layers\[0\].W, layers\[0\].b"):
        rebuild(Chain((Dense.random(2, 3, rng),)), {"layers[0].V": np.ones((2, 3))})


def test_rebuild_refuses_another_shape(rng):
    """It says which, of what."""
    with pytest.raises(ValueError, match=r"b has shape \(3,\); \(1, 3\) cannot replace it"):
        rebuild(Dense.random(2, 3, rng), {"b": np.ones((1, 3))})


def test_layers_cannot_be_changed(rng):
    """A layer is frozen: what one has is what one keeps."""
    with pytest.raises(AttributeError):
        Dense.random(2, 3, rng).b = np.zeros(3)


def test_a_constant_must_be_given():
    """Declaring a constant gives it no default."""
    with pytest.raises(TypeError, match="labels"):
        CrossEntropy()
