"""Does the textbook loop move what it times, and put it back?"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.looped import an_entry
from benchmarks.peers import TEXTBOOK_STEP


def test_each_entry_is_moved_both_ways_and_put_back():
    """In the array itself, which the function reads; a first call loads what there is to load."""
    W = np.arange(6.0).reshape(2, 3)
    seen = []
    an_entry(lambda: seen.append(W - np.arange(6.0).reshape(2, 3)) or 0.0, W, 4)
    assert np.array_equal(W, np.arange(6.0).reshape(2, 3))
    assert len(seen) == 1 + 2 * 4
    moved = [np.flatnonzero(move).tolist() for move in seen[1:]]
    assert moved == [[0], [0], [1], [1], [2], [2], [3], [3]]
    assert [move.sum() for move in seen[1:3]] == pytest.approx([TEXTBOOK_STEP, -TEXTBOOK_STEP])
