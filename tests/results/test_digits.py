"""Are two numbers written so that they can be told apart?"""

from __future__ import annotations

import pytest

from gradcheck._results.digits import told_apart


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (1.5, 2.5, "1.5, then 2.5"),
        (28.5883082, 28.5883082 + 1e-11, "28.5883082, then 28.58830820001"),
        (0.1, 0.1 + 2**-56, "0.10000000000000001, then 0.10000000000000002"),
        (1.0, 1.0, "1, then 1"),
    ],
)
def test_all_digits_that_differ_are_shown(one, other, said):
    """Nine of them where that is enough, and what is equal is written alike."""
    assert told_apart(one, other, "{}, then {}") == said
