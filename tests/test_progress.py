"""A check that takes long says how far it is, and one that does not says nothing."""

from __future__ import annotations

import io
from contextlib import redirect_stderr

import numpy as np
import pytest

from gradcheck import _progress, check_gradients
from gradcheck._progress import DELAY, Progress
from gradcheck.networks import Chain, Dense, Tanh

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 3))
CHAIN = Chain((Dense.random(3, 5, RNG), Tanh(), Dense.random(5, 3, RNG)))


class Doubled(Dense):
    """A layer that gives back twice the gradient of its weights."""

    def forward(self, x):
        y, back = super().forward(x)

        def backward(dy):
            dx, grad = back(dy)
            return dx, Dense(2 * grad.W, grad.b)

        return y, backward


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self):
        return True


@pytest.fixture
def slow(monkeypatch):
    """Let a clock go on by two calls of a second at each look."""
    time = iter(np.arange(0.0, 1e6, 1.0))
    monkeypatch.setattr(_progress.time, "monotonic", lambda: float(next(time)))


def shown(model, stream, **keywords):
    """Return the report on a model, and what the stream was told."""
    with redirect_stderr(stream):
        report = check_gradients(model, X, **keywords)
    return report, stream.getvalue()


def test_it_is_shown_after_two_seconds():
    """And not before."""
    assert DELAY == 2.0
    _, told = shown(CHAIN, Terminal())
    assert told == ""


@pytest.mark.usefixtures("slow")
def test_calls_and_the_time_left_are_shown(monkeypatch):
    """With what they are made for, the diagnosis too."""
    phases = []
    made = Progress._made

    def watched(self, initial):
        shown = made(self, initial)
        monkeypatch.setattr(shown, "set_description_str", lambda phase, refresh: phases.append(phase))
        return shown

    monkeypatch.setattr(Progress, "_made", watched)
    report, told = shown(Chain((Doubled(CHAIN.layers[0].W, CHAIN.layers[0].b), *CHAIN.layers[1:])), Terminal())
    assert "of about" in told
    assert "left]" in told
    assert {"two evaluations an entry", "diagnosis"} <= set(phases)
    assert report.spent["diagnosis"] > 0


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize(("progress", "stream"), [(None, io.StringIO), (False, Terminal)])
def test_nothing_is_shown_where_nobody_looks(progress, stream):
    """No terminal, or nobody who wants it; and nobody counts."""
    assert shown(CHAIN, stream(), progress=progress)[1] == ""
    with redirect_stderr(stream()):
        assert Progress(10, progress).watch is None


@pytest.mark.usefixtures("slow")
def test_more_are_expected_where_more_are_made():
    """The end is never behind."""
    with redirect_stderr(io.StringIO()), Progress(10, wanted=True) as bar:
        for _ in range(500):
            bar.update(1, "ladders")
            assert bar.done < bar.total or bar.shown is None
