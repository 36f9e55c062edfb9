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


def test_plain_numbers_are_known_and_can_be_others():
    """Not what is true or false."""
    arguments = CallArguments.of((A, 2.0, True, 3), {})
    assert arguments.numbers == {1: 2.0, 3: 3}
    assert arguments.with_number(1, 5.0).args[1:] == (5.0, True, 3)
    assert arguments.args[1] == 2.0


def test_an_axis_is_known_wherever_it_is_given():
    """Alone, not several of them."""
    assert CallArguments.of((A, -1), {}).axis == (1, -1)
    named = CallArguments.of((A,), {"axis": 0, "keepdims": True})
    assert named.axis == ("axis", 0)
    assert named.with_number("axis", 1).keywords == {"axis": 1, "keepdims": True}
    assert CallArguments.of((A, (0, 1)), {"keepdims": True}).axis is None


def test_a_call_is_made_with_others():
    """Everything else is as it was."""
    arguments = CallArguments.of(((A, B),), {"axis": 0})
    np.testing.assert_array_equal(arguments.called(np.stack, [B, A]), [B, A])
