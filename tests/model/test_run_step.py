"""Does a step hold what it was made of, and where it stands?"""

from __future__ import annotations

import numpy as np
from recorded_runs import run

A, B = np.arange(1.0, 4), np.array([2.0, 5.0, 7.0])


def test_a_step_can_be_done_again_with_other_values():
    """It knows its operands, which arguments they were, and the calls that led to it."""
    step = run(lambda a, b: np.sum(a * b), A, B).steps[0]
    assert (step.name, step.operands, step.arguments, step.by_entry) == ("multiply", (0, 1), (0, 1), True)
    np.testing.assert_array_equal(step.function([B, B]), B * B)
    assert step.calls[-1][0].co_name == "<lambda>"


def test_a_step_can_be_done_with_another_number():
    """One that works entry by entry; of others a number may be an axis."""
    step = run(lambda a: np.sum(a - 0.5), A).steps[0]
    assert step.numbers == {1: 0.5}
    np.testing.assert_array_equal(step.otherwise(1, 2.0)([A]), A - 2)
    assert run(lambda a: np.sum(np.roll(a, 1)), A).steps[0].numbers == {}
