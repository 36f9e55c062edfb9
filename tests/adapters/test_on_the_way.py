"""Are the steps kept that lead to a result, and no others?"""

from __future__ import annotations

from types import SimpleNamespace

from gradcheck._adapters.on_the_way import needed


def step(ins, outs):
    return SimpleNamespace(ins=ins, outs=outs)


FIRST, ASIDE, SECOND, AFTER = step([0], [1]), step([0], [2]), step([1], [3, None]), step([3], [4])
STEPS = [FIRST, ASIDE, SECOND, AFTER]


def test_only_the_steps_on_the_way_are_kept():
    """In their order; what is made beside it, or after it, is not."""
    assert needed(STEPS, [3]) == [FIRST, SECOND]
    assert needed(STEPS, [2, 3]) == [FIRST, ASIDE, SECOND]
    assert needed(STEPS, [4]) == [FIRST, SECOND, AFTER]


def test_to_what_is_given_leads_no_step():
    """Nor does one whose result nobody reads lead anywhere."""
    assert needed(STEPS, [0]) == []
    assert needed([step([0], [None])], [1]) == []
