"""Does each pattern know its own mistake, and nothing that only looks like it?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, RNG, D, E, X, changed, same_in_any_unit, spoilt, suspect

from gradcheck._diagnose.catalogue import PATTERNS, recognised
from gradcheck._diagnose.cause import Slip

ROLLED_ZERO = np.roll(E, 1, 0)
ROLLED_ZERO[0] = 0
SHIFTED_BOTH = np.zeros((5, 5))
SHIFTED_BOTH[:-1, :-1] = E[1:, 1:]
KEPT, OPPOSITE = np.where(E > 0, E, 0), np.where(E > 0, 0, E)
EXAMPLES = X.T @ D

KNOWN = {
    "sign": (suspect(-E), "the sign is wrong"),
    "twice": (suspect(2 * E), "exactly twice"),
    "half": (suspect(E / 2), "exactly half"),
    "N": (suspect(32 * E, sizes={"the batch size": 32}), "32 is the batch size"),
    "1/N": (suspect(E / 32, sizes={"the batch size": 32}), "1/32 with 32 the batch size"),
    "-N": (suspect(-32 * E, sizes={"the batch size": 32}), "wrong sign, and 32 is the batch size"),
    "the batch before a width": (suspect(5 * E, sizes={"the batch size": 5}), "5 is the batch size"),
    "a width": (suspect(5 * E), "5 is a width of W (axis 0)"),
    "another's width": (suspect(9 * E, values={"V": np.zeros((9, 2))}), "9 is a width of V (axis 0)"),
    "2/N": (suspect(2 / 32 * E, sizes={"the batch size": 32}), "2/32 with 32 the batch size"),
    "a sample suffices for a factor": (suspect(2 * E, measured=[1, 5, 9, 20]), "exactly twice"),
    "transpose": (suspect(E.T), "the transpose"),
    "minus the transpose": (suspect(-E.T), "the transpose of the measured gradient (axes (1, 0)), and the sign"),
    "rows shifted": (suspect(np.roll(E, 1, 0)), "shifted by 1 along axis 0"),
    "shifted, zero at the edge": (suspect(ROLLED_ZERO), "zero at the edge"),
    "flipped": (suspect(E[:, ::-1]), "flipped along axis 1"),
    "reordered": (suspect(E[[1, 0, 2, 4, 3]]), "another order"),
    "decay": (suspect(E + 0.1 * D[:5], values={"W": D[:5]}), "the excess is 0.1 times the weight itself"),
    "no decay": (suspect(E - 0.1 * D[:5], values={"W": D[:5]}), "weight decay forgotten"),
    "L1": (suspect(E - 0.1 * np.sign(D[:5]), values={"W": D[:5]}), "0.1 times the sign of the weight"),
    "zero": (suspect(0 * E), "claimed zero throughout"),
    "a row zero": (suspect(changed(2, 0)), "zero in row 2 alone"),
    "nan": (suspect(changed((2, 1), np.nan)), "1 of 25 claims are not finite"),
    "stale": (suspect(D[:5], earlier={"W": D[:5]}), "stale"),
    "clipped": (suspect(np.clip(E, -0.5, 0.5)), "clipped at 0.5"),
    "absolute": (suspect(np.abs(E)), "absolute value"),
    "float32": (suspect((E * (1 + 0.02 * NOISE)).astype(np.float32)), "float32"),
    "constant": (suspect(E + 0.5), "0.5 too large"),
    "centred": (suspect(E + RNG.normal(size=5)), "all along axis 0"),
    "columns": (suspect(E * np.array([1, 2, 0.5, 3, 4])), "each column has a factor of its own, from 0.5 to 4"),
    "columns, known": (suspect(E / X[0], data={"s": X[0]}), "multiplied by s it would be"),
    "an array": (suspect(E * D[:5], data={"G": D[:5]}), "G times the measured gradient"),
    "averaged": (suspect(np.broadcast_to(E.mean(0), E.shape)), "the mean over axis 0"),
    "exchanged": (suspect(D[:5], estimates={"V": D[:5]}), "the measured gradient of V"),
    "the last example": (suspect(np.outer(X[-1], D[-1]), EXAMPLES, data={"X": X}), "last example, X[-1], alone"),
    "an example": (suspect(np.outer(X[2], D[2]), EXAMPLES), "of rank one"),
    "a skipped example": (suspect(EXAMPLES - np.outer(X[3], D[3]), EXAMPLES, data={"X": X}), "one example, X[3]"),
    "means": (suspect(np.outer(X.mean(0), D.sum(0)), EXAMPLES, data={"X": X}), "product of means"),
    "the last of a cotangent": (suspect(D[-1], D.sum(0), cotangent=D, output=D), "only the last example's cotangent"),
    "the wrong axis": (suspect(D[:5].sum(1), D[:5].sum(0), cotangent=D[:5], output=E), "summed over axis 1"),
    "handed on": (suspect(D, np.cumsum(D, 0), kind="input", cotangent=D, output=X), "passed on unchanged"),
    "a repeated index": (suspect(changed([1, 3], 9.0), data={"ids": np.array([0, 1, 1, 3, 3, 2])}), "ids names more"),
    "the last step": (suspect(np.eye(5)[-1][:, None] * E, kind="input"), "only the last example or step"),
    "the truth": (suspect(E + 0.1 * D[:5], data={"t": D[:5]}), "-0.1 times t"),
    "sum of the places": (suspect(E.sum((0, 1)) + 0 * E), "the sum over axes 0 and 1"),
    "shifted along both": (suspect(SHIFTED_BOTH), "shifted by (-1, -1) along axes (0, 1), zero at the edge"),
    "a mean too many": (suspect(E - E.mean(0)), "axis 0 is subtracted that should not be"),
    "a variance": (
        suspect(D - 2 * (X - X.mean(0)), D, kind="input", values={"W": X}),
        "the input, less its mean, times a constant: the gradient through a variance over axis 0",
    ),
    "a setting": (suspect(E * 0.7, numbers={"rate": 0.3}), "1 - rate with rate = 0.3"),
    "a root": (suspect(E * 7**0.5, sizes={"the features": 7}), "the square root of 7, the features"),
    "the other way round": (suspect(OPPOSITE, KEPT), "a condition reversed"),
    "one pull of two": (suspect(E - D[:5], estimates={"V": D[:5]}), "is the measured gradient of V: one of several"),
    "minus another": (suspect(-D[:5], estimates={"V": D[:5]}), "minus the measured gradient of V"),
    "only a copy": (
        suspect(D[:5], estimates={"V": D[:5]}, claims={"V": D[:5]}),
        "this is the measured gradient of V",
    ),
    "a product": (
        suspect(X.T @ D, X.T @ (D * (1 - X * X)), inputs=("x",), values={"x": X}, cotangent=D, output=X),
        "where x.T times the cotangent times (1 - y^2) is meant",
    ),
    "a part": (suspect(np.where(E > 0.7, 3 * E, E)), "are 3 times"),
}

UNKNOWN = {
    "nearly a factor": suspect(2 * E * (1 + NOISE)),
    "nearly the transpose": suspect(E.T + NOISE),
    "nearly shifted": suspect(np.roll(E, 1, 0) + NOISE),
    "nearly decay": suspect(E + 0.1 * D[:5] + NOISE, values={"W": D[:5]}),
    "decay of an input": suspect(E + 0.1 * D[:5], kind="input"),
    "nearly constant": suspect(E + 0.5 + NOISE),
    "nearly centred": suspect(E + RNG.normal(size=5) + NOISE),
    "nearly a factor for each column": suspect(E * np.array([1, 2, 0.5, 3, 4]) + NOISE),
    "nearly averaged": suspect(E.mean(0) + NOISE),
    "nearly handed on": suspect(D + 1e-3 * X, np.cumsum(D, 0), kind="input", cotangent=D, output=X),
    "nearly stale": suspect(D[:5] + 1e-15, earlier={"W": D[:5]}),
    "two examples": suspect(X[:2].T @ D[:2], EXAMPLES, data={"X": X}),
    "two skipped examples": suspect(X[2:].T @ D[2:], EXAMPLES, data={"X": X}),
    "an index that is the labels of all": suspect(E + NOISE, data={"ids": np.array([0, 1, 2, 3, 4, 0, 1, 2, 3, 4])}),
    "a sample of the transpose": suspect(E.T, measured=[1, 5, 9, 20]),
    "one number off": suspect(1.37, 1.0),
    "nearly shifted along both": suspect(SHIFTED_BOTH + NOISE),
    "nearly a variance": suspect(D + X - X.mean(0) + 1e-4 * X**2, D, kind="input", values={"W": X}),
    "nearly a setting": suspect(E * 0.7 + NOISE, numbers={"rate": 0.3}),
    "one pull of two, nearly": suspect(E - D[:5] + NOISE, estimates={"V": D[:5]}),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_mistake_is_recognised(name):
    """By the words that name it."""
    wrong, words = KNOWN[name]
    assert words in recognised(wrong).sentence


@pytest.mark.parametrize("name", [*KNOWN, *UNKNOWN])
def test_the_unit_of_the_function_does_not_matter(name):
    """Every bound is relative to something that has it as well: of a loss in millions the same is said."""
    assert same_in_any_unit(recognised, KNOWN[name][0] if name in KNOWN else UNKNOWN[name])


@pytest.mark.parametrize("name", [n for n in KNOWN if n not in ("zero", "nan", "a sample suffices for a factor")])
def test_some_per_mille_more_are_no_mistake_that_is_known(name):
    """Of no kind: what is recognised explains all that is wrong."""
    assert recognised(spoilt(KNOWN[name][0])) is None


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_near_miss_is_not(name):
    """Nothing is guessed."""
    assert recognised(UNKNOWN[name]) is None


def test_a_decomposition_that_fails_is_no_pattern(monkeypatch):
    """The next one is asked."""

    def fails(evidence):
        raise np.linalg.LinAlgError

    monkeypatch.setattr("gradcheck._diagnose.catalogue.PATTERNS", (fails, *PATTERNS))
    assert recognised(suspect(2 * E)).kind is Slip.FACTOR
