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
