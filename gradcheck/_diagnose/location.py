"""Where is it wrong: in one entry, a row, a column, a block?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.evidence import Case, where


def located(case: Case) -> str | None:
    """Only some entries are wrong: one, a row, a column, a block."""
    place = where(case)
    right = np.count_nonzero(~case.wrong & case.known)
    if not right or not place:
        return None
    return f"wrong {place}; the other {right} agree"
