"""A call that has no end is broken off, and one that takes its time is not."""

from __future__ import annotations

import sys
from time import perf_counter

import pytest

from gradcheck._model.patience import EndlessError, patience

pytestmark = pytest.mark.no_cover  # which counts lines itself, so that nothing is broken off


def endless(seconds=60.0):
    """Return after a minute, for want of patience."""
    start = perf_counter()
    while perf_counter() - start < seconds:
        pass
    return "an end"


def test_a_call_without_an_end_is_broken_off():
    """In a line of its own; nobody looks on afterwards."""
    with pytest.raises(EndlessError, match=r"no end in sight after 0\.05 s"), patience(0.05):
        endless()
    assert sys.gettrace() is None


def test_a_call_with_an_end_comes_to_it():
    """It is called line by line, and nobody looks on afterwards."""
    with patience(30.0):
        assert endless(0.05) == "an end"
    assert sys.gettrace() is None


def test_nothing_is_broken_off_where_somebody_else_counts_lines():
    """What he set stays set."""

    def nobody(*_):
        return None

    sys.settrace(nobody)
    try:
        with patience(0.0):
            assert endless(0.05) == "an end"
        assert sys.gettrace() is nobody
    finally:
        sys.settrace(None)
