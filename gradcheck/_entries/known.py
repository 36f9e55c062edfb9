"""How well are the entries of a tensor known? The smallest error that would have been seen, and what was seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._results.verdict import Verdict

NO_ROUNDING = 3.0  # uncertainties and roundings of the claim, by more than which an entry is off
ROUGH = 8.0  # times what right claims are off by, that another of their tensor may be
FEWEST, MANY = 3, 0.25  # of them, and of all, that must be off by more than both roundings: of some less is known
TESTED = (Verdict.CORRECT, Verdict.KINK, Verdict.WRONG)  # of these an error is seen, if it is large enough


@dataclass(frozen=True)
class Sharpness:
    """How well a tensor is known, and in words if its claims agree to less than that."""

    resolution: float  # relative; nan where nothing was tested
    said: str = ""
    rough: float = 0.0  # what right claims are off by, where many of them are by more than both roundings


def known_to(tested: UnderTest, chosen: Ints) -> Sharpness:
    """Return how well the entries that were tested are known, relative to each of them."""
    columns, standard = tested.columns, tested.standard
    finite = np.isfinite(columns.claims[chosen]) & np.isfinite(columns.uncertainties[chosen])
    codes = columns.codes[chosen]
    which = chosen[np.logical_or.reduce([codes == tested for tested in TESTED]) & finite]
    if not len(which):
        return Sharpness(math.nan)
    which = which[np.isfinite(columns.estimates[which])]
    if not len(which):
        return Sharpness(0.0)  # of an infinite slope every finite claim differs
    claims, slopes = columns.claims[which], columns.estimates[which]
    size = np.fmax(np.abs(claims), np.abs(slopes))
    stretch = tested.stretch[columns.flat[which]]
    against = standard.against(size, stretch)
    unknown = columns.uncertainties[which] + standard.rounded(size, stretch)
    off = np.where(columns.codes[which] == Verdict.CORRECT, np.abs(claims - slopes), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        resolution, apart = np.nan_to_num(unknown / against), np.nan_to_num(off / against)
    beyond = off > NO_ROUNDING * unknown
    rough = ROUGH * float(off.max()) if np.count_nonzero(beyond) >= max(FEWEST, MANY * len(which)) else 0.0
    worst, far = float(resolution.max()), float(np.max(apart[beyond], initial=0.0))
    said = f"agrees to {np.format_float_scientific(far, 0, trim='-', exp_digits=1)}, not to rounding"
    return Sharpness(worst, said if far > worst else "", rough)
