"""Is a claim that differs from one draw within the spread of the slope over other random numbers?

A random function is measured for one draw. Two valid claims are not the derivative of that: the gradient
of the expectation, which is the same for every draw, and an unbiased estimate of it (by the score function, say), which
differs from the slope of each draw but not from their mean. Neither can be told from a wrong one by a single draw. But
where another tensor has the slope of each draw, as a backward that keeps its mask gives it, all are meant to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError
from gradcheck._results.estimate import entry_name, index_of
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

SEEDS = 32  # other draws: a choice made once in five of them is seen in all but one case of a thousand
ENTRIES = 6  # of a tensor, in which their slopes are looked at
DEVIATIONS = 3.0  # standard deviations of the slope, within which what is the same for every draw may be its mean
UNBIASED = 6.0  # standard errors of a mean over SEEDS: what is skewed, as products are, exceeds it once in thousands
FOLLOWS = 0.999  # correlation with the slopes from which a claim is taken to be one of each draw, though a wrong one
ROUNDING = 100.0  # eps^(2/3) of the slope, which central differences at the best step know it to: less is no spread
COARSE = (0.05, 0.5)  # of the scale: steps where draws are compared with a threshold, and f stands still at small ones
STILL = 1.1  # times as many zeros among the slopes as at a longer step, by which f is seen to stand still
MOVING = 0.5  # of the draws, in which f moves at the smallest step: there is a slope for each; few cross a threshold
SAID = (
    "{name}: with other random numbers the slope of {entry} {slopes}, and what is claimed {claims}: the gradient of "
    "the expectation? Average the function over many draws, or claim the derivative of each"
)
ANEW = "; or the gradient draws again what the function drew, such as a mask: keep that for the way back"


def excused(subject: Subject, results: Mapping[str, TensorResult]) -> dict[str, TensorResult]:
    """Call undecided what is wrong for one draw, and within what others make of it; say so."""
    wrong = {path: _Asked.of(result) for path, result in results.items() if result.wrong}
    right = {path: _Right(result) for path, result in results.items() if result.verdict is Verdict.CORRECT}
    try:
        seen = _explaining(subject, wrong, right)
    except CallError as error:  # with other numbers it fails: nothing is known of them
        if ends(error):
            raise
        return dict(results)
    return {path: _judged(subject, r, seen[path]) if path in seen else r for path, r in results.items()}


@dataclass(frozen=True)
class _Asked:
    """Of a tensor: the entries in which slopes are looked at, and the direction of all that is wrong with it."""

    flat: NDArray[np.int64]
    across: Floats  # flat, as long as the tensor

    @classmethod
    def of(cls, result: TensorResult) -> _Asked:
        """Choose the wrong entries that are furthest off, some evenly among the others, and where they point."""
        lacking = result.codes == Verdict.WRONG
        wrong, off = result.flat[lacking], (result.claims - result.estimates)[lacking]
        order = np.argsort(-np.nan_to_num(np.abs(off), nan=np.inf), kind="stable")
        across = np.zeros(result.size)
        across[wrong] = np.where(np.isfinite(off), off, 0.0)
        chosen = wrong[order[np.linspace(0, len(wrong) - 1, min(ENTRIES, len(wrong))).astype(int)]]
        return cls(np.unique(chosen), across / (np.abs(across).max() or 1.0))

    @property
    def along(self) -> _Asked:
        """The direction alone."""
        return replace(self, flat=self.flat[:0])

    def claimed(self, claims: Array) -> Floats:
        """Return what is claimed of the entries, and of the direction as the last."""
        numbers = claims.ravel().astype(np.float64)
        return np.append(numbers[self.flat], numbers @ self.across)

    def slopes(self, subject: Subject, path: str, step: float) -> Floats:
        """Return the slopes along the entries, and along the direction as the last."""
        leaf = subject.leaves[path]
        scale = leaf.scale
        lines = [(subject.entry(leaf, int(k)), float(scale[k])) for k in self.flat]
        moved = self.across != 0
        reach = float((scale[moved] / np.abs(self.across[moved])).min(initial=np.inf))
        if np.isfinite(reach):
            lines.append((subject.direction({path: self.across.reshape(leaf.array.shape)}), reach))
        found = [_slope(line, step * size) for line, size in lines]
        return np.array(found if np.isfinite(reach) else [*found, 0.0])


@dataclass
class _Right:
    """A tensor whose claim is right for one draw: if it is another for others, the gradient is meant draw by draw."""

    result: TensorResult
    varies: bool = False

    def meet(self, claims: Array, eps: float) -> None:
        """Test whether the claim for another draw differs by more than its uncertainty."""
        known = self.result.claims
        off = np.abs(claims.ravel().astype(np.float64)[self.result.flat] - known)
        rounded = ROUNDING * eps ** (2 / 3) * np.abs(known).max(initial=0.0)
        self.varies |= bool((off > self.result.uncertainties + rounded).any())


@dataclass(frozen=True)
class _Draws:
    """What other random numbers make of some entries: a row for each draw, a column for each entry and for all."""

    flat: NDArray[np.int64]
    claims: Floats
    slopes: Floats
    eps: float
    smooth: bool  # whether f moves at the smallest step, and so has a slope for each draw

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


def _explaining(subject: Subject, asked: Mapping[str, _Asked], right: Mapping[str, _Right]) -> dict[str, _Draws]:
    """Return the draws of those tensors that they explain: most are refused by the direction at the finest step."""
    fine = subject.eps ** (1 / 3)
    along = _over_seeds(subject, {path: them.along for path, them in asked.items()}, right, (fine,))
    by_draw = any(one.varies for one in right.values())
    open_ = {
        path: asked[path]
        for path, draws in along.items()
        if not (by_draw and draws.smooth) and (draws.explain or not draws.slopes.all())
    }
    found = _over_seeds(subject, open_, {}, (fine, *COARSE)) if open_ else {}
    return {path: draws for path, draws in found.items() if draws.explain and not (by_draw and draws.smooth)}


def _over_seeds(
    subject: Subject, asked: Mapping[str, _Asked], right: Mapping[str, _Right], steps: tuple[float, ...]
) -> dict[str, _Draws]:
    claims: dict[str, list[Floats]] = {path: [] for path in asked}
    slopes: dict[str, list[list[Floats]]] = {path: [] for path in asked}
    with closing(subject.pins.seeds((subject.output, subject.claims), SEEDS)) as seeds:
        for _ in seeds:
            claimed = subject.claims()
            for path, one in right.items():
                one.meet(claimed[path], subject.eps)
            for path, them in asked.items():
                claims[path].append(them.claimed(claimed[path]))
                slopes[path].append([them.slopes(subject, path, step) for step in steps])
    found = {}
    for path, them in asked.items():
        taken = np.array(slopes[path])
        smooth = bool((taken[:, 0] != 0).mean(axis=0).max() > MOVING)
        found[path] = _Draws(them.flat, np.array(claims[path]), _moving(taken), subject.eps, smooth)
    return found


def _moving(slopes: Floats) -> Floats:
    """Return, of slopes (draw, step, column), those of the first step at which f does not stand still."""
    zeros = (slopes == 0).sum(axis=0)
    first = np.argmax(zeros <= STILL * zeros.min(axis=0), axis=0)
    return np.take_along_axis(slopes, first[None, None, :], axis=1)[:, 0]


def _slope(line: Callable[[float], tuple[float, float]], h: float) -> float:
    (up, plus), (down, minus) = line(h), line(-h)
    return (plus - minus) / (up - down)


def _judged(subject: Subject, result: TensorResult, draws: _Draws) -> TensorResult:
    index = index_of(int(draws.flat[0]), result.shape)
    slopes, claims = (_extent(column[:, 0]) for column in (draws.slopes, draws.claims))
    subject.tally.named += (result.name,)
    said = SAID.format(name=result.name, entry=entry_name(result.name, index), slopes=slopes, claims=claims)
    subject.say(said + ANEW * (slopes == claims))
    codes = np.where(result.codes == Verdict.WRONG, Verdict.UNDECIDED, result.codes).astype(result.codes.dtype)
    return replace(result, codes=codes)


def _extent(values: Floats) -> str:
    low, high = (f"{value + 0.0:.4g}" for value in (values.min(), values.max()))  # a zero without its sign
    return f"is {low}" if low == high else f"lies between {low} and {high}"
