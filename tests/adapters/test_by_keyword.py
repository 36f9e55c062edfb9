"""Arguments that go by keyword alone: they are data, for the claims too."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

from gradcheck import InputError, assert_gradients, check_gradients

RNG = np.random.default_rng(0)
X, Y, W = RNG.normal(size=(9, 3)), RNG.normal(size=9), RNG.normal(size=3)


def cost(w, *, X, y, alpha=0.1):
    return float(np.sum((X @ w - y) ** 2) + alpha * w @ w)


def gradient(w, *, X, y, alpha=0.1):
    return 2 * X.T @ (X @ w - y) + 2 * alpha * w


def half_decay(w, *, X, y, alpha=0.1):
    return 2 * X.T @ (X @ w - y) + alpha * w


CALLS = {
    "beside": {"X": X, "y": Y, "alpha": 0.5},
    "in a dict": {"inputs": {"X": X, "y": Y, "alpha": 0.5}},
    "by default": {"X": X, "y": Y},
}


@pytest.mark.parametrize("data", CALLS.values(), ids=CALLS)
def test_functions_that_take_data_by_keyword(data):
    """Both get them, and they are said to be held fixed."""
    wrong = check_gradients(cost, W, grad=half_decay, **data)
    assert {e.tensor for e in wrong.wrong} == {"w"}
    right = assert_gradients(cost, W, grad=gradient, **data)
    assert any(note.startswith("held fixed, as data: X, y") for note in right.notes)
    assert right.name == "cost"


def test_other_claims_and_other_functions():
    """A Jacobian, a value with its gradient, any keywords, a partial; a claim may have them from elsewhere."""
    residuals = lambda w, *, X, y: X @ w - y  # noqa: E731
    assert_gradients(residuals, W, jac=lambda w, *, X, y: X, X=X, y=Y)
    assert "J[0,0]" in [e.name for e in check_gradients(residuals, W, jac=lambda w, **data: 2 * X, X=X, y=Y).wrong]
    assert_gradients(lambda w, **data: (cost(w, **data), gradient(w, **data)), W, value_and_grad=True, X=X, y=Y)
    assert_gradients(functools.partial(cost, X=X), W, grad=lambda w: gradient(w, X=X, y=Y), y=Y)
    mixed = assert_gradients(
        lambda w, X, *, y: cost(w, X=X, y=y), W, grad=lambda w, X, *, y: gradient(w, X=X, y=y), X=X, y=Y
    )
    assert {*mixed.tensors} == {"w"}


def test_keywords_of_a_solver_are_refused():
    """They say nothing of a derivative; so is what neither of them takes."""
    for name in ("method", "bounds", "x_scale"):
        with pytest.raises(InputError, match=re.escape(f"unknown keyword {name}=")) as refused:
            check_gradients(lambda w: X @ w, W, jac=lambda w: X, **{name: "lm"})
        assert "it is a solver's, and says nothing of a derivative; leave it out" in str(refused.value)
    with pytest.raises(InputError, match=re.escape("unknown keyword Z=")):
        check_gradients(cost, W, grad=gradient, X=X, y=Y, Z=Y)
