"""Is a claim at kinks legal where the rules of single steps make it, and right elsewhere, and in no other case?"""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients

UNITS, ABOVE = np.random.default_rng(2).normal(size=(16, 3)), np.random.default_rng(52).normal(size=16)


@pytest.mark.parametrize(
    ("slope", "nearby", "verdict"), [(0.0, 1.0, Verdict.KINK), (1.5, 1.0, Verdict.WRONG), (0.0, 1.01, Verdict.WRONG)]
)
def test_a_claim_by_the_rules_of_single_steps_is_legal_at_kinks(slope, nearby, verdict):
    """If it is right where there are none; and it is said."""
    report = check_gradients(
        lambda x: ABOVE @ np.maximum(UNITS @ x, 0),
        np.zeros(3),
        grad=lambda x: nearby * UNITS.T @ (ABOVE * np.heaviside(UNITS @ x, slope)),
    )
    assert report.verdict is verdict
    said = any(note.startswith("x: at kinks of maximum the claim is what the rules") for note in report.notes)
    assert said == (verdict is Verdict.KINK)
