"""Is a missing conjugate named, and no other wrong sign?"""

from __future__ import annotations

from dataclasses import replace

import pytest
from suspects import NOISE, D, E, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conjugate import conjugated

PARTS = {"estimates": {"z.real": D[:5]}, "claims": {"z.real": D[:5]}}


def imaginary(claim, **context):
    return replace(suspect(claim, **context), name="z.imag")


def test_an_imaginary_part_of_the_wrong_sign_is_named():
    """Where the real part is right."""
    found = conjugated(imaginary(-E, **PARTS))
    assert found.kind is Slip.CONJUGATE
    assert found.sentence.endswith("a conjugate is missing, or one too many")


@pytest.mark.parametrize(
    "evidence",
    [
        suspect(-E, **PARTS),
        imaginary(-E),
        imaginary(-E, estimates=PARTS["estimates"], claims={"z.real": -D[:5]}),
        imaginary(-2 * E, **PARTS),
        imaginary(-E + NOISE, **PARTS),
    ],
    ids=["another name", "alone", "a wrong real part", "a factor", "noise"],
)
def test_other_signs_are_left_to_others(evidence):
    """They are what they are."""
    assert conjugated(evidence) is None
