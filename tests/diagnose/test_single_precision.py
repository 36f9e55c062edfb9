"""Is single precision recognised by numbers that are, and by nothing else?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import NOISE, D, E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.single_precision import single_precision


def test_exact_numbers_of_single_precision_are_named():
    """They are recognised before anything else is."""
    found = single_precision(suspect((E * (1 + 0.02 * NOISE)).astype(np.float32)))
    assert found.kind is Slip.EXACT_FLOAT32
    assert found.sentence.endswith("its values are exact float32 numbers")


def test_their_products_with_what_is_at_hand_are_named():
    """The last product was made in double precision."""
    made = (E / D[:5]).astype(np.float32) * D[:5]
    assert single_precision(suspect(made)) is None
    assert single_precision(suspect(made, data={"G": D[:5]})).sentence.endswith("float32 numbers times G")
    assert single_precision(suspect(made, cotangent=D[:5])).sentence.endswith("float32 numbers times the cotangent")


@pytest.mark.parametrize(
    "claim",
    [
        E * (1 + NOISE),
        (E * (1 + NOISE)).astype(np.float32),
        np.round(E * 4) / 4,
        E,
        E * (1 + 2e-6),
        E + 1e-6 * np.max(np.abs(E)) * np.sign(NOISE),
    ],
    ids=["larger errors", "float32 and larger errors", "few digits", "right", "a factor", "errors of that size"],
)
def test_other_errors_are_left_to_others(claim):
    """Numbers of few digits are exact in any precision; errors of that size alone say nothing."""
    assert single_precision(suspect(claim)) is None


def test_a_claim_of_single_precision_is_what_it_should_be():
    """It is no mistake in a tensor of float32."""
    found = suspect((E * (1 + 0.02 * NOISE)).astype(np.float32))
    assert single_precision(replace(found, dtype="float32")) is None


def test_differences_in_the_place_of_a_gradient_are_not_single_precision():
    """They are off by a millionth too."""
    x = np.linspace(0.3, 2.0, 8)
    report = check_gradients(lambda x: np.sum(np.sin(x)), x, grad=lambda x: (np.sin(x + 2e-6) - np.sin(x)) / 2e-6)
    assert not any("float32" in sentence for sentence in report.diagnosis)
