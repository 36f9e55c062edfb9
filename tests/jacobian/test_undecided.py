"""Where slopes of some outputs are hidden, is it said what hides them, and what would help?"""

from __future__ import annotations

import re

import numpy as np

from gradcheck import Verdict, check_gradients

RNG = np.random.default_rng(0)
A, X = RNG.normal(size=(30, 12)), RNG.normal(size=12)
A[5] *= 3
SINGLE, X32 = A.astype(np.float32), X.astype(np.float32)


def helped(report):
    return [note for note in report.notes if note.startswith("to decide on")]


def saturated(factor=1.0):
    """Check a layer of which some outputs are nearly 1, in single precision."""

    def jac(x):
        return np.float32(factor) * (1 - np.tanh(SINGLE @ x) ** 2)[:, None] * SINGLE

    return check_gradients(lambda x: np.tanh(SINGLE @ x), X32, jac=jac)


def test_saturated_outputs_in_single_precision_are_named():
    """With what would help; a wrong gradient, and what is known, need no help."""
    report = saturated()
    assert report.verdict is Verdict.UNDECIDED
    (said,) = helped(report)
    rows = sorted({entry.index[0] for entry in report.tensors["J"].entries(Verdict.UNDECIDED)})
    assert any(f"[{row}]" in said for row in rows)
    assert said.startswith(f"to decide on {report.counts[Verdict.UNDECIDED]} entries of J: ")
    assert "have a rounding of 1e-07 of themselves, which hides their slopes; compute them in float64, or" in said
    assert helped(saturated(2.0)) == []


def test_in_double_precision_they_are_known():
    """And nothing is said."""
    report = check_gradients(lambda x: np.tanh(A @ x), X, jac=lambda x: (1 - np.tanh(A @ x) ** 2)[:, None] * A)
    assert report.verdict is Verdict.CORRECT
    assert helped(report) == []


def test_noise_is_named_with_its_size():
    """As of a function that computes only to four digits."""
    table = RNG.standard_normal(1000)

    def noisy(x):
        return np.sin(x) + 1e-3 * table[(np.abs(x * 1e9).astype(np.int64)) % 1000]

    report = check_gradients(noisy, np.linspace(0.3, 1.2, 20), jac=lambda x: np.diag(np.cos(x)))
    assert report.verdict is Verdict.UNDECIDED
    (said,) = helped(report)
    assert re.search(r"have noise of about \de-0[34], which hides their slopes; tighten", said)
