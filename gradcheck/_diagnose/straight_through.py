"""Is a gradient passed through where the function is a step function: a straight-through estimator?"""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, PLENTY, SEVERAL, Evidence, Floats

STEPS = 1e5  # steps between lowest and highest value: finer ones cannot be recognised in rounded numbers
SAID = (
    "a straight-through estimator: the function is constant in pieces, as with rounding or a sign, and stands still "
    "here, and the cotangent is passed on{} as if it did not; if that is meant, check the function without the steps"
)


def straight_through(evidence: Evidence) -> Cause | None:
    """The cotangent, or a part of it, where nothing moves and the output has few values, or multiples of one."""
    c, y = evidence.context.cotangent, evidence.context.output
    if c is None or y is None or c.shape != evidence.claim.shape or not evidence.whole or c.size < PLENTY:
        return None
    passed = evidence.claim != 0
    if np.any(np.abs(evidence.estimate) > evidence.slack) or np.count_nonzero(passed) < ENOUGH or not _steps(y):
        return None
    if not evidence.explained(np.where(passed, c, 0.0), 0, least=ENOUGH):
        return None
    return Cause(Slip.STRAIGHT_THROUGH, evidence.name, SAID.format("" if passed.all() else " in part"))


def _steps(y: Floats) -> bool:
    """Whether values are so few that they repeat, or multiples of one step."""
    values = np.unique(np.round(y / (np.max(np.abs(y)) or 1.0), decimals=9))
    if len(values) < SEVERAL or not np.isfinite(values).all():
        return False
    if len(values) <= y.size / 2:
        return True
    multiples = (values - values[0]) / np.min(np.diff(values))
    regular = np.abs(multiples - np.round(multiples)) <= PATTERN * np.maximum(multiples, 1.0)
    return len(values) >= PLENTY and bool(regular.all() and multiples[-1] < STEPS)
