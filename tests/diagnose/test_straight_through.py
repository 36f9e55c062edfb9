"""Is a straight-through estimator named, and no other gradient of what stands still?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import D, E, suspect

from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.straight_through import straight_through

NOTHING = np.zeros((5, 5))
U = D[:5]


def through(claim=U, output=None, estimate=NOTHING):
    output = np.round(3 * E) if output is None else output
    return suspect(claim, estimate, kind="input", cotangent=U, output=output)


@pytest.mark.parametrize("output", [np.round(3 * E), np.sign(E), 0.13 * np.round(3 * E)])
def test_a_cotangent_that_is_handed_on_through_steps_is_named(output):
    """Whatever their size, and in part as well."""
    found = straight_through(through(output=output))
    assert found.kind is Slip.STRAIGHT_THROUGH
    assert "passed on as if it did not" in found.sentence
    assert "passed on in part as if" in straight_through(through(np.where(E > 0, U, 0), output)).sentence


@pytest.mark.parametrize(
    "evidence",
    [
        through(2 * U),
        through(output=E),
        through(output=np.full((5, 5), 3.0)),
        through(estimate=E),
        suspect(U, NOTHING, kind="input"),
    ],
    ids=["twice", "no steps", "one value", "it moves", "no cotangent"],
)
def test_others_are_left_alone(evidence):
    """Of a single value nobody knows whether it goes in steps."""
    assert straight_through(evidence) is None
