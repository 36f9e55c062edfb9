"""Does each pattern know its own mistake, and nothing that only looks like it?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict
from gradcheck._diagnose.catalogue import recognised
from gradcheck._diagnose.evidence import Context, Evidence
from gradcheck._diagnose.location import located
from gradcheck._diagnose.size import read
from gradcheck._results.report import TensorResult

RNG = np.random.default_rng(11)
E = RNG.normal(size=(5, 5))
X = RNG.normal(size=(7, 5))
D = RNG.normal(size=(7, 5))
NOISE = 1e-4 * RNG.normal(size=(5, 5))


def case(claim, estimate=E, *, kind="weight", measured=None, sizes=None, **context):
    """Return a tensor that claims one thing and was measured to be another."""
    estimate = np.asarray(estimate, dtype=float)
    claim = np.broadcast_to(np.asarray(claim, dtype=float), estimate.shape)
    flat = np.arange(estimate.size) if measured is None else np.asarray(measured)
    c, e = claim.ravel()[flat], estimate.ravel()[flat]
    wrong = ~(np.abs(c - e) <= 1e-6 * np.abs(e) + 1e-9)
    codes = np.where(wrong, Verdict.WRONG, Verdict.CORRECT).astype(np.int8)
    tensor = TensorResult("W", kind, estimate.shape, "float64", flat, c, e, np.full(len(flat), 1e-12), e, e, codes)
    return Evidence.of(tensor, Context(sizes=read(sizes or {}), **context))


def changed(index, value):
    copy = E.copy()
    copy[index] = value
    return copy


ROLLED_ZERO = np.roll(E, 1, 0)
ROLLED_ZERO[0] = 0
SHIFTED_BOTH = np.zeros((5, 5))
SHIFTED_BOTH[:-1, :-1] = E[1:, 1:]
KEPT, OPPOSITE = np.where(E > 0, E, 0), np.where(E > 0, 0, E)
EXAMPLES = X.T @ D

KNOWN = {
    "sign": (case(-E), "the sign is wrong"),
    "twice": (case(2 * E), "exactly twice"),
    "half": (case(E / 2), "exactly half"),
    "N": (case(32 * E, sizes={"the batch size": 32}), "32 is the batch size"),
    "1/N": (case(E / 32, sizes={"the batch size": 32}), "1/32 with 32 the batch size"),
    "-N": (case(-32 * E, sizes={"the batch size": 32}), "wrong sign, and 32 is the batch size"),
    "the batch before a width": (case(5 * E, sizes={"the batch size": 5}), "5 is the batch size"),
    "a width": (case(5 * E), "5 is a width of W (axis 0)"),
    "another's width": (case(9 * E, values={"V": np.zeros((9, 2))}), "9 is a width of V (axis 0)"),
    "2/N": (case(2 / 32 * E, sizes={"the batch size": 32}), "2/32 with 32 the batch size"),
    "a sample suffices for a factor": (case(2 * E, measured=[1, 5, 9, 20]), "exactly twice"),
    "transpose": (case(E.T), "the transpose"),
    "minus the transpose": (case(-E.T), "the transpose of the measured gradient (axes (1, 0)), and the sign"),
    "rows shifted": (case(np.roll(E, 1, 0)), "shifted by 1 along axis 0"),
    "shifted, zero at the edge": (case(ROLLED_ZERO), "zero at the edge"),
    "flipped": (case(E[:, ::-1]), "flipped along axis 1"),
    "reordered": (case(E[[1, 0, 2, 4, 3]]), "another order"),
    "decay": (case(E + 0.1 * D[:5], values={"W": D[:5]}), "too much is 0.1 times the weight itself"),
    "no decay": (case(E - 0.1 * D[:5], values={"W": D[:5]}), "weight decay forgotten"),
    "L1": (case(E - 0.1 * np.sign(D[:5]), values={"W": D[:5]}), "0.1 times the sign of the weight"),
    "zero": (case(0 * E), "claimed zero throughout"),
    "a row zero": (case(changed(2, 0)), "zero in row 2 alone"),
    "nan": (case(changed((2, 1), np.nan)), "1 of 25 claims are not finite"),
    "stale": (case(D[:5], earlier={"W": D[:5]}), "stale"),
    "clipped": (case(np.clip(E, -0.5, 0.5)), "clipped at 0.5"),
    "absolute": (case(np.abs(E)), "absolute value"),
    "float32": (case((E * (1 + 0.2 * NOISE)).astype(np.float32)), "float32"),
    "constant": (case(E + 0.5), "0.5 too large"),
    "centred": (case(E + RNG.normal(size=5)), "all along axis 0"),
    "columns": (case(E * np.array([1, 2, 0.5, 3, 4])), "each column has a factor of its own, from 0.5 to 4"),
    "columns, known": (case(E / X[0], data={"s": X[0]}), "times s it would be"),
    "an array": (case(E * D[:5], data={"G": D[:5]}), "G times the measured gradient"),
    "averaged": (case(np.broadcast_to(E.mean(0), E.shape)), "the mean over axis 0"),
    "exchanged": (case(D[:5], estimates={"V": D[:5]}), "the measured gradient of V"),
    "the last example": (case(np.outer(X[-1], D[-1]), EXAMPLES, data={"X": X}), "last example, X[-1], alone"),
    "an example": (case(np.outer(X[2], D[2]), EXAMPLES), "of rank one"),
    "a skipped example": (case(EXAMPLES - np.outer(X[3], D[3]), EXAMPLES, data={"X": X}), "one example, X[3]"),
    "means": (case(np.outer(X.mean(0), D.sum(0)), EXAMPLES, data={"X": X}), "product of means"),
    "the last of a cotangent": (case(D[-1], D.sum(0), cotangent=D, output=D), "only the last example's cotangent"),
    "the wrong axis": (case(D[:5].sum(1), D[:5].sum(0), cotangent=D[:5], output=E), "summed over axis 1"),
    "handed on": (case(D, np.cumsum(D, 0), kind="input", cotangent=D, output=X), "handed on unchanged"),
    "a repeated index": (case(changed([1, 3], 9.0), data={"ids": np.array([0, 1, 1, 3, 3, 2])}), "ids names more"),
    "the last step": (case(np.eye(5)[-1][:, None] * E, kind="input"), "only the last example or step"),
    "the truth": (case(E + 0.1 * D[:5], data={"t": D[:5]}), "-0.1 times t"),
    "sum of the places": (case(E.sum((0, 1)) + 0 * E), "the sum over axes 0 and 1"),
    "shifted along both": (case(SHIFTED_BOTH), "shifted by (-1, -1) along axes (0, 1), zero at the edge"),
    "a mean too many": (case(E - E.mean(0)), "axis 0 is taken off that should not be"),
    "a variance": (
        case(D - 2 * (X - X.mean(0)), D, kind="input", values={"W": X}),
        "the input, less its mean, times a constant: the pull on a variance over axis 0",
    ),
    "a setting": (case(E * 0.7, numbers={"rate": 0.3}), "1 - rate with rate = 0.3"),
    "a root": (case(E * 7**0.5, sizes={"the features": 7}), "the square root of 7, the features"),
    "the other way round": (case(OPPOSITE, KEPT), "a condition the wrong way round"),
    "one pull of two": (case(E - D[:5], estimates={"V": D[:5]}), "is the measured gradient of V: one of several"),
    "minus another": (case(-D[:5], estimates={"V": D[:5]}), "minus the measured gradient of V"),
    "only a copy": (
        case(D[:5], estimates={"V": D[:5]}, claims={"V": D[:5]}),
        "this is the measured gradient of V",
    ),
    "a product": (
        case(X.T @ D, X.T @ (D * (1 - X * X)), inputs=("x",), values={"x": X}, cotangent=D, output=X),
        "where x.T times what came from above times (1 - y^2) is meant",
    ),
    "a part": (case(np.where(E > 0.7, 3 * E, E)), "are 3 times"),
}

UNKNOWN = {
    "nearly a factor": case(2 * E * (1 + NOISE)),
    "nearly the transpose": case(E.T + NOISE),
    "nearly shifted": case(np.roll(E, 1, 0) + NOISE),
    "nearly decay": case(E + 0.1 * D[:5] + NOISE, values={"W": D[:5]}),
    "decay of an input": case(E + 0.1 * D[:5], kind="input"),
    "nearly constant": case(E + 0.5 + NOISE),
    "nearly centred": case(E + RNG.normal(size=5) + NOISE),
    "nearly a factor for each column": case(E * np.array([1, 2, 0.5, 3, 4]) + NOISE),
    "nearly averaged": case(E.mean(0) + NOISE),
    "nearly handed on": case(D + 1e-3 * X, np.cumsum(D, 0), kind="input", cotangent=D, output=X),
    "nearly stale": case(D[:5] + 1e-15, earlier={"W": D[:5]}),
    "two examples": case(X[:2].T @ D[:2], EXAMPLES, data={"X": X}),
    "two skipped examples": case(X[2:].T @ D[2:], EXAMPLES, data={"X": X}),
    "an index that is the labels of all": case(E + NOISE, data={"ids": np.array([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])}),
    "a sample of the transpose": case(E.T, measured=[1, 5, 9, 20]),
    "one number off": case(1.37, 1.0),
    "nearly shifted along both": case(SHIFTED_BOTH + NOISE),
    "nearly a variance": case(D + X - X.mean(0) + 1e-4 * X**2, D, kind="input", values={"W": X}),
    "nearly a setting": case(E * 0.7 + NOISE, numbers={"rate": 0.3}),
    "one pull of two, nearly": case(E - D[:5] + NOISE, estimates={"V": D[:5]}),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_mistake_is_recognised(name):
    """By the words that name it."""
    wrong, words = KNOWN[name]
    assert words in recognised(wrong).sentence


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_near_miss_is_not(name):
    """Nothing is guessed."""
    assert recognised(UNKNOWN[name]) is None


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ((1, 2), "in one entry, [1,2]"),
        (3, "in row 3 alone"),
        ((slice(None), 4), "in column 4 alone"),
        ((slice(1, 3), slice(2, 5)), "in the block [1:3,2:5] alone"),
    ],
)
def test_the_place_is_named(index, words):
    """Where nothing else is known."""
    wrong = case(changed(index, E[index] + RNG.uniform(0.1, 0.3, np.shape(E[index]))))
    assert words in located(wrong).sentence


def test_no_place_is_named_where_wrong_entries_lie_anywhere():
    """Or everywhere."""
    assert located(case(E + 1)) is None
    assert located(case(E + np.eye(5))) is None
