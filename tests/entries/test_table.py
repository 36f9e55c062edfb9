"""What is known of the entries of a tensor stands in columns, filled in as it is found."""

from __future__ import annotations

import numpy as np

from gradcheck import Verdict
from gradcheck._entries.table import Columns
from gradcheck._results.estimate import Estimate, Rung


def test_columns_begin_with_nothing_known():
    """Undecided, and no numbers; a part of them has the same rows."""
    columns = Columns(np.arange(5), np.arange(5.0))
    assert (columns.codes == Verdict.UNDECIDED).all()
    assert np.isnan(columns.estimates).all()
    ladder = (Rung(0.1, 1.0, 1.0, 0.0),)
    columns.put(3, Estimate(1.0, 0.5, 0.9, 1.1, rungs=ladder), Verdict.WRONG)
    columns.put(1, Estimate(2.0, 0.5, 2.0, 2.0, rungs=ladder), Verdict.CORRECT)
    part = columns.only(np.array([3, 1]))
    assert part.flat.tolist() == [3, 1]
    assert part.claims.tolist() == [3.0, 1.0]
    assert part.estimates.tolist() == [1.0, 2.0]
    assert (part.lefts[0], part.rights[0], part.uncertainties[0]) == (0.9, 1.1, 0.5)
    assert part.codes.tolist() == [Verdict.WRONG, Verdict.CORRECT]
    assert part.rungs == {3: ladder}


def test_of_what_is_wrong_at_a_kink_the_nearest_slope_is_kept():
    """The middle of two slopes is nobody's mistake: twice the right one would be four times it."""
    columns = Columns.of(np.array([2.0, -3.0, np.nan, 2.0, 2.0]))
    kink = Estimate(0.5, 1e-9, 0.0, 1.0, kink=True)
    for k in range(3):
        columns.put(k, kink, Verdict.WRONG)
    columns.put(3, kink, Verdict.KINK)
    columns.put(4, Estimate(0.5, 1e-9, 0.0, 1.0), Verdict.WRONG)
    assert columns.estimates.tolist() == [1.0, 0.0, 0.5, 0.5, 0.5]


def test_slopes_without_sides_are_kept_once_until_one_has_some():
    """What was written before stays; what is put next is the first to differ."""
    columns = Columns(np.arange(3), np.ones(3), sided=False)
    columns.estimates[:] = 2.0
    assert columns.lefts is columns.rights is columns.estimates
    columns.put(1, Estimate(3.0, 0.0, 4.0, 5.0), Verdict.WRONG)
    assert (columns.estimates[1], columns.lefts[1], columns.rights[1]) == (3.0, 4.0, 5.0)
    assert columns.lefts.tolist() == [2.0, 4.0, 2.0]


def test_all_columns_are_themselves():
    """Of all entries in their order no copy is made; of others, or in another order, one is."""
    columns = Columns.of(np.arange(4.0))
    assert columns.only(np.arange(4)) is columns
    assert columns.only(np.arange(3)).claims.tolist() == [0, 1, 2]
    assert columns.only(np.array([3, 2, 1, 0])).claims.tolist() == [3, 2, 1, 0]
    assert columns.only(np.array([0, 0, 1, 2])).claims.tolist() == [0, 0, 1, 2]
