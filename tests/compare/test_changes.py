"""One word for all that changed: it is worse if anything is, better only if nothing else changed."""

from __future__ import annotations

import pytest

from gradcheck._compare.changes import Change, Comparison, Grade


def changes(*grades):
    return tuple(Change(str(grade).lower(), grade, "test_it", "Net", "W", "", "") for grade in grades)


@pytest.mark.parametrize(
    ("grades", "verdict"),
    [
        ((Grade.BETTER, Grade.WORSE, Grade.BETTER), "WORSE"),
        ((Grade.LESS, Grade.WORSE), "WORSE"),
        ((Grade.BETTER, Grade.LESS), "DIFFERENT"),
        ((Grade.BETTER, Grade.DIFFERENT), "DIFFERENT"),
        ((Grade.LESS,), "DIFFERENT"),
        ((Grade.BETTER, Grade.BETTER), "BETTER"),
        ((), "SAME"),
    ],
)
def test_the_worst_change_decides(grades, verdict):
    """What is less certain is not worse, and hides what is better."""
    assert Comparison(changes(*grades), same=3).verdict == verdict


def test_changes_are_counted_in_the_order_in_which_they_stand():
    """By their sort and by their grade."""
    found = Comparison(changes(Grade.WORSE, Grade.LESS, Grade.WORSE), same=0)
    assert list(found.counts.items()) == [("worse", 2), ("less", 1)]
    assert found.grades == {Grade.WORSE: 2, Grade.LESS: 1}


def test_the_worse_the_larger():
    """So that a list can be sorted by them."""
    assert sorted(Grade, reverse=True) == [Grade.WORSE, Grade.LESS, Grade.DIFFERENT, Grade.BETTER]
