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
