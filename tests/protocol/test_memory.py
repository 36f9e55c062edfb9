"""A pullback leaves its cotangent alone, and is asked once more for one that lies elsewhere in memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from kept_rules import X, only

from gradcheck import Oracle, Verdict, check_gradients
from gradcheck._model.subject import Subject
from gradcheck._protocol import memory


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


@pytest.mark.parametrize(
    ("off", "left", "rounding", "same"),
    [
        (0.9, 0.0, 0.0, True),
        (1.1, 0.0, 0.0, False),
        (1.1, 0.2, 0.0, True),
        (1.1, 0.0, 0.2, True),
        (1.4, 0.1, 0.2, False),
        (1.2, 0.1, 0.2, True),
        (-0.9, 0.0, 0.0, True),
        (-1.1, 0.0, 0.0, False),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 1e-9])
def test_two_ways_to_add_differ_by_rounding(off, left, rounding, same, scale, monkeypatch):
    """By half a millionth of the largest entry, what is left of sums that cancel, and what is measured of it."""
    unit = 5e-7 * 8.0 * scale
    monkeypatch.setattr(memory, "residue", lambda *_: left * unit)
    monkeypatch.setattr(memory, "measured_rounding", lambda *_: rounding * unit)
    subject = Subject.of(Oracle({"x": X}, lambda _: 0.0, lambda p: p), promote=False)
    expected = {"x": scale * np.array([1.0, -8.0, 3.0, 2.0])}
    got = {"x": expected["x"] + np.array([0.0, 0.0, off * unit, 0.0])}
    assert memory._same(subject, "x", got, expected) is same


def test_a_slope_without_end_is_the_same_as_ever():
    """That of a root at 0: nothing is subtracted from it, which would warn."""

    def back(x, dy):
        with np.errstate(all="ignore"):
            return np.where(dy == 0, 0.0, dy / (2 * np.sqrt(x)))

    report = check_gradients(np.sqrt, np.array([0.0, 1.0, 4.0]), vjp=back, neighbours=0)
    assert report.problems == ()
    assert report.wrong == ()


def test_every_other_place_of_a_larger_array_is_used():
    """The others hold nan, and are read by who walks through memory."""
    made = memory._Apart()(np.zeros((2, 3)))
    assert made.strides == (2 * 8, 4 * 8)


@pytest.mark.parametrize(("size", "strange"), [(1, False), (2, True)])
def test_two_numbers_can_lie_apart(size, strange):
    """One alone lies as ever, so that what is raised for it is raised for every cotangent."""
    layout = memory._Apart()
    layout(np.zeros(size))
    layout(np.zeros(1))
    assert layout.strange is strange


def test_a_cotangent_of_two_is_laid_out_as_well():
    """Who walks through memory meets the gap behind the first of them."""
    report = check_gradients(np.sin, np.array([0.3, 0.7]), vjp=walks)
    assert "differs for a cotangent that is a transposed slice" in only(report).sentence
