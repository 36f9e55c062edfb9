"""A pullback leaves its cotangent alone, and is asked once more for one that lies elsewhere in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from kept_rules import X, only

from gradcheck import Verdict, check_gradients


def walks(x, dy):
    return np.cos(x) * np.lib.stride_tricks.as_strided(dy, x.shape, np.empty(x.shape).strides)


def in_place(x, dy):
    dy *= np.cos(x)
    return dy


def picky(x, dy):
    if not dy.flags.c_contiguous:
        msg = "not contiguous"
        raise ValueError(msg)
    return dy * np.cos(x)


@dataclass(frozen=True)
class Relu:
    """A layer that masks what comes from above in place."""

    def forward(self, x):
        """Return the output and the way back."""

        def backward(dy):
            dy[x <= 0] = 0
            return dy, self

        return np.maximum(x, 0), backward


@pytest.mark.parametrize(
    ("pullback", "verdict", "sentence"),
    [
        (walks, Verdict.WRONG, "the gradient of x differs for a cotangent that is a transposed slice"),
        (in_place, Verdict.BROKEN, "the backward changes its cotangent in place"),
        (picky, Verdict.BROKEN, "the backward raises ValueError: not contiguous for a cotangent that is a transposed"),
    ],
)
def test_what_depends_on_memory_is_said(pullback, verdict, sentence):
    """Right as the numbers are, it is wrong in a chain."""
    report = check_gradients(np.sin, X.reshape(3, -1), vjp=pullback)
    assert only(report).verdict is verdict
    assert sentence in only(report).sentence
    assert report.wrong == ()


def test_it_costs_one_gradient(monkeypatch):
    """And not one evaluation."""
    report = check_gradients(np.sin, X, vjp=lambda x, dy: dy * np.cos(x))
    monkeypatch.setattr("gradcheck._protocol.memory.respected", lambda *_: [])
    without = check_gradients(np.sin, X, vjp=lambda x, dy: dy * np.cos(x))
    assert report.problems == ()
    assert report.gradients == without.gradients + 1
    assert report.evaluations == without.evaluations


def test_rounding_of_another_order_is_no_mistake():
    """A product of matrices may add in another order where they lie otherwise."""
    W = np.random.default_rng(0).normal(size=(300, 5))
    report = check_gradients(lambda W: X @ W[: X.shape[-1]], W, vjp=lambda W, dy: _padded(X.T @ dy, W), entries=5)
    assert report.problems == ()


def _padded(rows, W):
    full = np.zeros_like(W)
    full[: len(rows)] = rows
    return full


def test_layers_are_asked_as_well():
    """Masking what comes from above is how a rectifier is written at first."""
    report = check_gradients(Relu(), X)
    assert "changes its cotangent in place" in only(report).sentence
