"""Is a claim held against the function of which a part is constant?"""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

from gradcheck import Oracle
from gradcheck._entries import held
from gradcheck._model.subject import Subject

X = np.array([0.3, -1.2, 0.8])


class Part:
    """A factor that can be held constant."""

    def __init__(self):
        self.kept, self.holds = None, False

    def __call__(self, x):
        if not self.holds:
            return np.sin(x)
        self.kept = np.sin(x) if self.kept is None else self.kept
        return self.kept

    @contextlib.contextmanager
    def held(self):
        self.holds = True
        yield
        self.holds, self.kept = False, None


def subject_of(f, claim):
    """Return what is checked of a function of one array."""
    return Subject.of(Oracle({"x": X}, lambda p: f(p["x"]), lambda p: {"x": claim(p["x"])}), promote=False).settled()


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (np.sin, True),
        (lambda x: np.sin(x) + x * np.cos(x), False),
        (lambda x: 1.01 * np.sin(x), False),
        (np.zeros_like, False),
    ],
    ids=["the other factor", "the whole slope", "one per cent off", "zero"],
)
def test_a_claim_is_right_if_it_is_the_slope_of_the_rest(claim, right):
    """And of nothing else."""
    part = Part()
    subject = subject_of(lambda x: float(np.sum(part(x) * x)), claim)
    assert held.right(subject, part.held, frozenset({"x"})) is right


def test_a_claim_of_zero_is_right_where_nothing_else_moves_the_function():
    """All of it is held, and it stands still."""
    part = Part()
    subject = subject_of(lambda x: float(np.sum(part(x))), np.zeros_like)
    assert held.right(subject, part.held, frozenset({"x"}))
    assert not held.right(subject, contextlib.nullcontext, frozenset({"x"}))


def test_claims_must_be_right_along_two_directions(monkeypatch):
    """Along one of them errors might cancel."""
    seeds = []
    monkeypatch.setattr(held, "_agrees", lambda *words: seeds.append(words[-1]) or True)
    subject = Subject.of(Oracle(np.ones(2), lambda x: float(x.sum()), np.ones_like), promote=False).settled()
    assert held.right(subject, contextlib.nullcontext, frozenset())
    assert seeds == [0, 1]
