"""Evaluations are counted by what they are made for, and refused where they would be too many."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from gradcheck._model.tally import OPENING, Spent, Tally, spending


@dataclass
class Owner:
    tally: Tally = field(default_factory=Tally)


def test_evaluations_are_counted_by_what_they_are_made_for():
    """The innermost of what is being done; before anything else, the protocol; whatever made none is not told."""
    tally = Tally()
    tally.call()
    with tally.during("ladders"):
        tally.call(4)
        with tally.during("noise"):
            tally.call(2)
        with tally.during("closer looks"):
            pass
        tally.call()
    tally.call()
    assert tally.phases == {OPENING: 2, "ladders": 5, "noise": 2}
    assert sum(tally.phases.values()) == tally.evaluations == 9


def test_what_counts_as_a_whole_is_not_taken_apart():
    """A ladder at a neighbour is made for the neighbour."""
    tally = Tally()
    with tally.during("neighbours", whole=True), tally.during("ladders"), tally.during("noise"):
        tally.call(3)
    with tally.during("ladders"):
        tally.call()
    assert tally.phases == {"neighbours": 3, "ladders": 1}


def test_a_function_that_raises_gives_back_what_was_done_before():
    """And is wrapped as if it were not."""

    @spending("ladders")
    def fails(owner, number):
        """Fail."""
        owner.tally.call(number)
        raise KeyError(number)

    owner = Owner()
    with pytest.raises(KeyError, match="3"):
        fails(owner, number=3)
    owner.tally.call()
    assert owner.tally.phases == {"ladders": 3, OPENING: 1}
    assert (fails.__name__, fails.__doc__) == ("fails", "Fail.")


def test_no_more_are_made_than_are_allowed():
    """What is refused is not counted; a share of the rest is given back."""
    tally = Tally(most=10)
    tally.call(2)
    with tally.share(0.5):
        assert tally.left == 4
        tally.call(4)
        with pytest.raises(Spent):
            tally.call()
    assert (tally.evaluations, tally.left) == (6, 4)
    with tally.share(1.0):
        tally.call(4)
    with pytest.raises(Spent):
        tally.call()


def test_where_nobody_counts_a_share_is_everything():
    """As many as it takes."""
    tally = Tally()
    with tally.share(0.1):
        tally.call(10**9)


def test_who_watches_is_told():
    """How many, and what for."""
    told = []
    tally = Tally(watch=lambda number, phase: told.append((number, phase)))
    with tally.during("noise"):
        tally.call(2)
    assert told == [(2, "noise")]
