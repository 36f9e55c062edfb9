"""Is the diagnosis as cheap as it promises, and does it say what it left undone?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck import Verdict, _explained, check_gradients
from gradcheck._diagnose import budget
from gradcheck._diagnose.budget import Budget, Exhausted
from gradcheck._model.tally import Tally
from gradcheck.networks import Chain

RNG = np.random.default_rng(0)
EXAMPLES = RNG.normal(size=(100, 20))


@dataclass(frozen=True)
class Centred:
    """y = sin(x W) (1 + m - x_1), m being the mean over the batch, which the way back takes for x_1."""

    W: np.ndarray

    def forward(self, x):
        y = np.sin(x * self.W) * (1 + x.mean(axis=0) - x[0] * (len(x) > 1) - x.mean(axis=0) * (len(x) == 1))

        def backward(dy):
            d = dy * np.cos(x * self.W)
            return d * self.W, Centred((d * x).sum(axis=0))

        return y, backward


@dataclass(frozen=True)
class Noisy:
    """y = tanh(x W), and a way back with a mistake of no known kind."""

    W: np.ndarray

    def forward(self, x):
        y = np.tanh(x * self.W)

        def backward(dy):
            d = dy * (1 - y * y) * (1 + 0.1 * np.cos(7 * x))
            return d * self.W, Noisy((d * x).sum(axis=0))

        return y, backward


def measured(monkeypatch, *args, **keywords):
    """Return how many calls the measurement alone takes."""
    with monkeypatch.context() as context:
        context.setattr(_explained, "explained", lambda report, *_: report)
        return check_gradients(*args, **keywords).evaluations


@pytest.mark.parametrize(
    ("network", "inputs", "wrt", "undone"),
    [
        (Centred(np.linspace(1, 2, 20)), EXAMPLES, "W", "experiments with W of Centred"),
        (
            Chain((Noisy(EXAMPLES[0, :6]), Noisy(EXAMPLES[1, :6]))),
            EXAMPLES[:5, :6],
            "layers[1]*",
            "layers[0] (Noisy) taken alone",
        ),
    ],
    ids=["a variant of many calls", "layers taken alone"],
)
def test_it_is_never_overspent(network, inputs, wrt, undone, monkeypatch):
    """Neither by a variant that calls the function often, nor by layers; and what was left undone is said."""
    monkeypatch.setattr(budget, "BASE", 200)
    monkeypatch.setattr(budget, "TIMES", 0)
    counted = measured(monkeypatch, network, inputs, wrt=wrt, neighbours=0)
    report = check_gradients(network, inputs, wrt=wrt, neighbours=0)
    assert 0 < report.evaluations - counted <= Budget.after(Tally(evaluations=counted)).most
    assert [note for note in report.notes if note.startswith("left undone: ") and undone in note]


@pytest.mark.parametrize("spoil", [lambda g: 2 * g, np.sign], ids=["settled", "with experiments"])
def test_every_call_is_counted(spoil):
    """The report says how often the function was really called, diagnosis included; nothing was left undone."""
    calls = []

    def f(w):
        calls.append(w)
        return np.tanh(w) * w[::-1]

    def vjp(w, c):
        return spoil(c * (1 - np.tanh(w) ** 2) * w[::-1] + (c * np.tanh(w))[::-1])

    report = check_gradients(f, np.array([0.3, -0.7, 1.1, 0.4]), vjp=vjp)
    assert report.verdict is Verdict.WRONG
    assert report.evaluations == len(calls)
    assert not any(note.startswith("left undone") for note in report.notes)


def test_what_is_too_much_is_refused_before_it_is_begun():
    """And remembered once; what fits is done all the same."""
    ten = Budget(10)
    assert not ten.affords(11, "the large")
    assert not ten.affords(11, "the large")
    assert ten.affords(10, "the small")
    ten.spend(10)
    with pytest.raises(Exhausted):
        ten.spend()
    assert (ten.spent, ten.undone) == (10, ["the large"])
    assert ten.notes == ("left undone: the large; the diagnosis makes no more than 10 calls of the function",)


def test_a_function_is_counted_once():
    """Counting what is counted already changes nothing; a call too many is not made."""
    two, calls = Budget(2), []
    counted = two.counted(two.counted(calls.append))
    counted(1)
    counted(2)
    with pytest.raises(Exhausted):
        counted(3)
    assert (calls, two.spent) == ([1, 2], 2)


def test_nothing_undone_is_not_mentioned():
    """Whatever was spent; a measurement pays for three times its own calls, and a layer."""
    unspent = Budget.after(Tally(evaluations=1000))
    assert (unspent.most, unspent.notes) == (13_000, ())


@pytest.mark.parametrize(
    ("things", "told"), [("abc", "a, b, c;"), ("abcd", "a, b, c and 1 more;"), ("abcdefgh", "a, b, c and 5 more;")]
)
def test_three_things_left_undone_are_named(things, told):
    """The others are counted."""
    none = Budget(0)
    for thing in things:
        assert not none.affords(1, thing)
    (note,) = none.notes
    assert note.startswith(f"left undone: {told}")
