"""Is a cause a value that says itself?"""

from __future__ import annotations

import dataclasses

import pytest

from gradcheck._diagnose.cause import Cause, Kind, told


def test_a_tensor_stands_before_its_sentence():
    """Where several are meant the sentence names them."""
    causes = (Cause(Kind.ZERO, "W", "claimed zero"), Cause(Kind.FACTOR, "", "every tensor: twice"))
    assert told(causes) == ("W: claimed zero", "every tensor: twice")


def test_a_cause_never_changes():
    """And two that are alike are equal."""
    cause = Cause(Kind.ZERO, "W", "claimed zero")
    assert cause == Cause(Kind.ZERO, "W", "claimed zero") != Cause(Kind.ZERO_IN_PART, "W", "claimed zero")
    with pytest.raises(dataclasses.FrozenInstanceError):
        cause.kind = Kind.FACTOR
