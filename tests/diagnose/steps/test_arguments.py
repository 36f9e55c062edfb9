"""Are the arrays among arguments found, and can others be put in their places?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.steps.arguments import CallArguments

A, B = np.arange(3.0), np.ones(3)


def test_arrays_are_taken_out_of_lists_and_keywords_as_well():
    """With the place of each among the arguments."""
    arguments = CallArguments.of(([A, 2.0, B], 0), {"out": A})
    assert arguments.places == (0, 0, 2)
    assert [a is b for a, b in zip(arguments.arrays, (A, B, A), strict=True)] == [True] * 3


def test_a_call_is_made_with_others():
    """Everything else is as it was."""
    arguments = CallArguments.of(((A, B),), {"axis": 0})
    np.testing.assert_array_equal(arguments.called(np.stack, [B, A]), [B, A])
