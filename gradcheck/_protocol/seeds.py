"""Is a claim that differs from one draw within what other random numbers make of the slope?

A function that draws is measured at the numbers of one draw. Two honest claims are no derivative of that: the gradient
of the expectation, which is the same for every draw, and an unbiased estimate of it (by the score function, say), which
differs from the slope of each draw but not from their mean. Neither can be told from a wrong one by a single draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError
from gradcheck._results.estimate import entry_name
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

SEEDS = 32  # other draws: a choice made once in five of them is seen in all but one case of a thousand
ENTRIES = 6  # of a tensor, in which their slopes are looked at
DEVIATIONS = 3.0  # standard deviations of the slope, within which what is the same for every draw may be its mean
UNBIASED = 6.0  # standard errors of a mean over SEEDS: what is skewed, as products are, exceeds it once in thousands
FOLLOWS = 0.999  # correlation with the slopes from which a claim is taken to be one of each draw, though a wrong one
ROUNDING = 100.0  # eps^(2/3) of the slope, which central differences at the best step know it to: less is no spread
COARSE = 0.5  # of the scale: the step where draws are compared with a threshold, and f stands still at small ones
SAID = (
    "{name}: with other random numbers the slope of {entry} lies between {low:.4g} and {high:.4g}, and {claim:.4g} is "
    "claimed: the gradient of the expectation? Average the function over many draws, or claim the derivative of each"
)


def excused(subject: Subject, results: Mapping[str, TensorResult]) -> dict[str, TensorResult]:
    """Call undecided what is wrong for one draw, and within what others make of it; say so."""
    wrong = {path: result for path, result in results.items() if result.wrong}
    if not wrong or not subject.pins.drawn:
        return dict(results)
    try:
        seen = _over_seeds(subject, {path: _looked_at(result) for path, result in wrong.items()})
    except CallError:  # with other numbers it fails: nothing is known of them
        return dict(results)
    return {path: _judged(subject, result, seen[path]) if path in seen else result for path, result in results.items()}


@dataclass(frozen=True)
class _Draws:
    """What other random numbers make of some entries: a row for each draw, a column for each entry."""

    flat: NDArray[np.int64]
    claims: Floats
    slopes: Floats
    eps: float

    @property
    def explain(self) -> bool:
        """Whether each claim is within what they make of its slope."""
        if not (np.isfinite(self.claims).all() and np.isfinite(self.slopes).all()):
            return False
        columns = zip(self.claims.T, self.slopes.T, strict=True)
        return all(_within(claims, slopes, self.eps) for claims, slopes in columns)


def _within(claims: Floats, slopes: Floats, eps: float) -> bool:
    """Return whether the claims of an entry may be its slopes on average."""
    rounded = ROUNDING * eps ** (2 / 3) * max(float(np.abs(slopes).max()), float(np.abs(claims).max()))
    off, spread = claims - slopes, float(np.std(claims - slopes, ddof=1))
    if spread <= rounded:
        return False
    if np.ptp(claims) <= rounded:
        return abs(float(off.mean())) <= DEVIATIONS * spread
    follows = np.ptp(slopes) > rounded and abs(np.corrcoef(claims, slopes)[0, 1]) > FOLLOWS
    return not follows and abs(float(off.mean())) <= UNBIASED * spread / SEEDS**0.5


def _looked_at(result: TensorResult) -> NDArray[np.int64]:
    """Choose the wrong entries that are furthest off, and some evenly among the others."""
    wrong = result.flat[result.codes == Verdict.WRONG]
    off = np.nan_to_num(np.abs(result.claims - result.estimates)[result.codes == Verdict.WRONG], nan=np.inf)
    order = np.argsort(-off, kind="stable")
    return np.unique(wrong[order[np.linspace(0, len(wrong) - 1, min(ENTRIES, len(wrong))).astype(int)]])


def _over_seeds(subject: Subject, looked_at: Mapping[str, NDArray[np.int64]]) -> dict[str, _Draws]:
    fine = subject.eps ** (1 / 3)
    claims: dict[str, list[Floats]] = {path: [] for path in looked_at}
    slopes: dict[str, list[Floats]] = {path: [] for path in looked_at}
    with closing(subject.pins.seeds((subject.output, subject.claims), SEEDS)) as seeds:
        for _ in seeds:
            claimed = subject.claims()
            for path, flat in looked_at.items():
                claims[path].append(claimed[path].ravel()[flat].astype(np.float64))
                both = [[_slope(subject, path, int(k), step) for k in flat] for step in (fine, COARSE)]
                slopes[path].append(np.array(both))
    found = {}
    for path, flat in looked_at.items():
        small, large = np.array(slopes[path]).transpose(1, 0, 2)
        found[path] = _Draws(
            flat, np.array(claims[path]), np.where((small == 0).all(axis=0), large, small), subject.eps
        )
    return found


def _slope(subject: Subject, path: str, flat: int, step: float) -> float:
    leaf = subject.leaves[path]
    line, h = subject.entry(leaf, flat), step * float(leaf.scale.ravel()[flat])
    (up, plus), (down, minus) = line(h), line(-h)
    return (plus - minus) / (up - down)


def _judged(subject: Subject, result: TensorResult, draws: _Draws) -> TensorResult:
    if not draws.explain:
        return result
    index = tuple(int(i) for i in np.unravel_index(int(draws.flat[0]), result.shape))
    low, high = float(draws.slopes[:, 0].min()), float(draws.slopes[:, 0].max())
    entry = entry_name(result.name, index)
    claim = float(result.claims[result.flat == draws.flat[0]][0])
    subject.tally.named += (result.name,)
    subject.say(SAID.format(name=result.name, entry=entry, low=low, high=high, claim=claim))
    codes = np.where(result.codes == Verdict.WRONG, Verdict.UNDECIDED, result.codes).astype(result.codes.dtype)
    return replace(result, codes=codes)
