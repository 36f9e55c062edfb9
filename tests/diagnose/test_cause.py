"""Is a cause a value that says itself?"""

from __future__ import annotations

import dataclasses

import pytest

from gradcheck._diagnose.cause import Cause, Slip, told


def test_a_tensor_stands_before_its_sentence():
    """Where several are meant the sentence names them."""
    causes = (Cause(Slip.ZERO, "W", "claimed zero"), Cause(Slip.FACTOR, "", "every tensor: twice"))
    assert told(causes) == ("W: claimed zero", "every tensor: twice")


def test_a_cause_never_changes():
    """And two that are alike are equal."""
    cause = Cause(Slip.ZERO, "W", "claimed zero")
    assert cause == Cause(Slip.ZERO, "W", "claimed zero") != Cause(Slip.ZERO_IN_PART, "W", "claimed zero")
    with pytest.raises(dataclasses.FrozenInstanceError):
        cause.kind = Slip.FACTOR
