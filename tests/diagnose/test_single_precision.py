"""Is single precision recognised by its errors?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, E, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.single_precision import float32, single_precision

SINGLE = suspect((E * (1 + 0.02 * NOISE)).astype(np.float32))
ROUNDED = suspect(E + 1e-6 * np.max(np.abs(E)) * np.sign(NOISE))


def test_exact_numbers_of_single_precision_are_named():
    """They are recognised before anything else is."""
    for pattern in (float32, single_precision):
        assert pattern(SINGLE).kind is Slip.EXACT_FLOAT32
        assert pattern(SINGLE).sentence.endswith("its values are exact float32 numbers")


def test_errors_of_that_size_are_named_last():
    """Anything else may be as small."""
    assert float32(ROUNDED).kind is Slip.ROUNDED_AS_FLOAT32
    assert float32(ROUNDED).sentence.endswith("the errors have the size of its rounding")
    assert single_precision(ROUNDED) is None


@pytest.mark.parametrize(
    "claim",
    [E * (1 + NOISE), (E * (1 + NOISE)).astype(np.float32), np.round(E * 4) / 4, E],
    ids=["larger errors", "float32 and larger errors", "few digits", "right"],
)
def test_other_errors_are_left_to_others(claim):
    """Numbers of few digits are exact in any precision."""
    assert float32(suspect(claim)) is None
