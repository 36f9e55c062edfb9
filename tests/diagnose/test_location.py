"""Is the place of what is wrong named, where nothing else is known?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import E, changed, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.location import located


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ((1, 2), "wrong in one entry, [1,2]; the other 24 agree"),
        (3, "wrong in row 3 alone; the other 20 agree"),
        ((slice(None), 4), "wrong in column 4 alone; the other 20 agree"),
        ((slice(1, 3), slice(2, 5)), "wrong in the block [1:3,2:5] alone; the other 19 agree"),
    ],
)
def test_the_place_is_named(index, words):
    """And how many entries agree."""
    found = located(suspect(changed(index, 9.0)))
    assert (found.kind, found.sentence) == (Slip.PLACE, words)


@pytest.mark.parametrize(
    ("entries", "words"),
    [(11, "9 checked others agree"), (2, "one checked other agrees"), ("all", "23 others agree")],
)
def test_what_was_not_checked_is_not_said_to_agree(entries, words):
    """Of a sample those that were measured agree; what nothing exercises agrees with nothing."""
    x = np.linspace(1, 2, 25)

    def claim(x):
        return np.cos(x) * np.where(np.arange(25) == 13, 9.0, np.arange(25) > 0)

    report = check_gradients(lambda x: np.sum(np.sin(x[1:])), x, grad=claim, entries=entries, neighbours=0)
    assert report.diagnosis[-1].endswith(f"; {words}")


@pytest.mark.parametrize("claim", [E + 1, E + np.eye(5)], ids=["everywhere", "anywhere"])
def test_no_place_is_named_where_wrong_entries_have_none(claim):
    """Everywhere and anywhere are no places."""
    assert located(suspect(claim)) is None


def test_one_wrong_entry_among_others_of_every_size_is_named():
    """No pattern takes the right ones for witnesses."""
    x = 10.0 ** np.arange(-12, 13, 3)
    report = check_gradients(lambda x: float(np.log(x).sum()), x, grad=lambda x: np.append(1 / x[:-1], 1.01 / x[-1]))
    assert report.diagnosis[0] == "x: wrong in one entry, [8]; the other 8 agree"
