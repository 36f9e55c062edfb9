"""A constructor of the user's own is fuzzed, to the smallest example that is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fuzzing import QUICK
from hypothesis import strategies as st

from gradcheck import (
    BiasMismatch,
    GradientError,
    InputError,
    Oracle,
    Verdict,
    fuzz_gradients,
)
from gradcheck.strategies import Case, arrays


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def test_a_constructor_of_the_user_is_fuzzed():
    """The smallest example is named in the message, after what the check found."""

    def wide(width, x):
        model, _ = Case(("row", 3), (("dense", width),), fault=("bias_twice", 0) if width > 2 else None)
        return model, x

    with pytest.raises(BiasMismatch) as caught:
        fuzz_gradients(wide, width=st.integers(1, 9), x=arrays((2, 3)), examples=50)
    assert "twice the measured value" in str(caught.value)
    assert str(caught.value).splitlines()[-1].startswith("smallest wide(width=3, x=array([[0., 0., 0.], [0.")
    assert caught.value.report.verdict is Verdict.WRONG


def test_an_example_that_nothing_moves_is_neither_wrong_nor_enough():
    """The softmax of one number is 1 whatever that is: the first wrong example has two."""

    def lone(x, dy):
        return softmax(x) * (1 - softmax(x)) * dy

    with pytest.raises(GradientError, match=r"smallest <lambda>\(x=array\(\[0., 0.\]\)\)"):
        fuzz_gradients(lambda x: (softmax, x, {"vjp": lone}), x=st.integers(1, 4).flatmap(arrays), examples=30)
    with pytest.raises(GradientError, match="none of 1 examples moves the function: nothing was tested"):
        fuzz_gradients(lambda x: (softmax, x, {"vjp": lone}), x=np.ones(1), examples=30)


def test_a_strategy_of_a_taken_name_is_refused():
    """They are the search's own."""
    with pytest.raises(InputError, match="call what you draw something else"):
        fuzz_gradients(lambda seed: (np.sum, seed), seed=st.integers())


def test_what_a_constructor_raises_comes_through():
    """It is the user's own mistake, and shown as such."""

    def build(width):
        raise KeyError(width)

    with pytest.raises(KeyError):
        fuzz_gradients(build, width=st.integers(1, 5))


def test_an_unknown_keyword_comes_through():
    """What check_gradients does not take, it refuses."""
    with pytest.raises(InputError, match="unknown keyword gard="):
        fuzz_gradients(lambda x: (np.sum, x), x=arrays((2,)), keywords={"gard": np.ones_like})


def test_a_right_constructor_passes():
    """Values that are no strategies are handed on; a dict at the end holds keywords; `keywords` are those of all."""
    seen = []

    def build(width, power):
        seen.append((width, power))
        return (lambda x: (x**power).sum()), np.ones(width), {"grad": lambda x: power * x ** (power - 1)}

    fuzz_gradients(build, width=st.integers(1, 5), power=3, examples=10, keywords={"neighbours": 0})
    assert {power for _, power in seen} == {3}
    assert 1 < len({width for width, _ in seen}) <= 5


def test_a_model_without_inputs_may_stand_alone():
    """An Oracle, or an object that brings all it needs."""
    case = Case(("row", 2), (("dense", 2),))

    def build(n):
        layer, x = replace(case, seed=n)
        parts = {"W": layer.W, "b": layer.b}
        return Oracle(
            point=parts,
            value=lambda p: (x @ p["W"] + p["b"]).sum(),
            gradient=lambda p: {"W": np.tile(x.sum(axis=0)[:, np.newaxis], 2), "b": np.full(2, float(len(x)))},
        )

    fuzz_gradients(build, n=st.integers(0, 5), examples=5, keywords=QUICK)
