"""Where is it wrong: in one entry, a row, a column, a block?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import Evidence, where


def located(evidence: Evidence) -> Cause | None:
    """Only some entries are wrong: one, a row, a column, a block."""
    place = where(evidence)
    right = int(np.count_nonzero(evidence.right))
    if not right or not place:
        return None
    return Cause(Slip.PLACE, evidence.name, f"wrong {place}; {_others(evidence, right)}")


def _others(evidence: Evidence, right: int) -> str:
    """Return how many agree: never more than were checked."""
    if right + np.count_nonzero(evidence.wrong) == evidence.wrong.size:
        return "the other one agrees" if right == 1 else f"the other {right} agree"
    checked = "" if evidence.known.all() else "checked "
    return f"one {checked}other agrees" if right == 1 else f"{right} {checked}others agree"
