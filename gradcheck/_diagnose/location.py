"""Where is it wrong: in one entry, a row, a column, a block?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.cause import Cause, Kind
from gradcheck._diagnose.evidence import Evidence, where


def located(evidence: Evidence) -> Cause | None:
    """Only some entries are wrong: one, a row, a column, a block."""
    place = where(evidence)
    right = np.count_nonzero(~evidence.wrong & evidence.known)
    if not right or not place:
        return None
    return Cause(Kind.PLACE, evidence.name, f"wrong {place}; the other {right} agree")
