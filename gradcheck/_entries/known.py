"""How well are the entries of a tensor known? The smallest error that would have been seen, and what was seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._model.filed import BLOCK
from gradcheck._results.verdict import Verdict

NO_ROUNDING = 3.0  # uncertainties and roundings of the claim, by more than which an entry is off
ROUGH = 8.0  # times what right claims are off by, that another of their tensor may be
FEWEST, MANY = 3, 0.25  # entries, and their share, that must be off by more than both roundings
LARGEST = float(np.finfo(np.float64).max)
TESTED = (Verdict.CORRECT, Verdict.KINK, Verdict.WRONG)  # of these an error is seen, if it is large enough


@dataclass(frozen=True)
class Sharpness:
    """How well a tensor is known, and in words if its claims agree to less than that."""

    resolution: float  # relative; nan where nothing was tested
    said: str = ""
    rough: float = 0.0  # what right claims are off by, where many of them are by more than both roundings


def known_to(tested: UnderTest, chosen: Ints) -> Sharpness:
    """Return how well the entries that were tested are known, relative to each of them."""
    parts = [_of_some(tested, chosen[at : at + BLOCK]) for at in range(0, len(chosen), BLOCK)]
    told = [part for part in parts if part.tested]
    if not told:
        return Sharpness(math.nan)
    worst, far, off = (max(getattr(part, name) for part in told) for name in ("worst", "far", "off"))
    finite, beyond = sum(part.finite for part in told), sum(part.beyond for part in told)
    rough = ROUGH * off if beyond >= max(FEWEST, MANY * finite) else 0.0
    said = f"agrees to {np.format_float_scientific(far, 0, trim='-', exp_digits=1)}, not to rounding"
    return Sharpness(worst, said if far > worst else "", rough)


@dataclass(frozen=True)
class _Some:
    """What is known of some entries."""

    tested: int  # of them
    finite: int = 0  # whose slopes are
    worst: float = 0.0  # resolution; of an infinite slope every finite claim differs
    off: float = 0.0  # the most that right claims are off by, in units of those that are not taken in larger steps
    beyond: int = 0  # that are off by more than both roundings
    far: float = 0.0  # relative, the most that these are off by


def _of_some(tested: UnderTest, chosen: Ints) -> _Some:
    columns, standard = tested.columns, tested.standard
    finite = np.isfinite(columns.claims[chosen]) & np.isfinite(columns.uncertainties[chosen])
    codes = columns.codes[chosen]
    correct, kink, wrong = (codes == verdict for verdict in TESTED)
    which = chosen[(correct | kink | wrong) & finite]
    number, which = len(which), which[np.isfinite(columns.estimates[which])]
    if not len(which):
        return _Some(number)
    size = np.fmax(np.abs(columns.claims[which]), np.abs(columns.estimates[which]))
    against = np.asarray(standard.against(size, tested.stretch(columns.flat[which])))
    which = which[against > 0]  # of nothing there is no relative error
    if not len(which):
        return _Some(0)
    size, against = size[against > 0], against[against > 0]
    claims, slopes, stretch = columns.claims[which], columns.estimates[which], tested.stretch(columns.flat[which])
    unknown = standard.seen(columns.uncertainties[which], size, stretch)
    off = np.where(columns.codes[which] == Verdict.CORRECT, np.abs(claims - slopes), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # of zeros nothing is known, and no number is infinite
        resolution, apart = (np.fmin(np.fmax(part / against, 0.0), LARGEST) for part in (unknown, off))
    beyond = off > NO_ROUNDING * unknown
    return _Some(
        number,
        len(which),
        float(resolution.max()),
        float((off * stretch).max()),
        int(np.count_nonzero(beyond)),
        float(np.max(apart[beyond], initial=0.0)),
    )
