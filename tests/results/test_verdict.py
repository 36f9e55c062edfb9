"""Verdicts are ordered by severity, and each is a sentence."""

from __future__ import annotations

import pytest

from gradcheck import (
    Verdict,
)


def test_the_order_of_severity():
    """Wrong is worse than broken, broken than undecided, and nothing is better than correct."""
    order = ["CORRECT", "KINK", "UNTESTED", "UNDECIDED", "BROKEN", "WRONG"]
    assert [str(v) for v in sorted(Verdict)] == order


@pytest.mark.parametrize("verdict", Verdict)
def test_a_verdict_is_a_sentence(verdict):
    """Each has its own, and prints as its bare name."""
    assert len(verdict.sentence.split()) > 5
    assert [v for v in Verdict if v.sentence == verdict.sentence] == [verdict]
    assert f"{verdict}" == verdict.name
