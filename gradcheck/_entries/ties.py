"""Do claims at ties agree together? Each alone may be the slope of a gradient that f has nearby, or lie between two.

A claim that no line through the point shows is a legal choice where f has such a slope at points around it. Several
that are legal one by one are not together where f is smooth as all move as one, and they claim another slope there: a
maximum is not shared out twice. Nothing is accused on the line alone, as f may have other slopes along it nearby: those
of |x| - |y| along x = y are 0 at the line, and 2 or -2 beside it, and (1, 1) is a gradient of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.around import FURTHER, sides, slopes_around, step_for
from gradcheck._entries.ordered import slopes_in_some_order
from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import entry_name, index_of
from gradcheck._results.names import few_of
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

FIRST = 12  # places that show whether slopes differ around the point at all, where one in three does
PLACES = 96  # places among which the slope of a gradient is met that f has at one in sixteen of them, but once in 500
EACH = 6  # places for each of many entries, as likely to meet one of them selected, as a median is
MOST_PLACES = 1024  # however many entries there are
WAYS = 2  # random directions along which slopes of entries are added up
NEAR = 2.0**-26  # of the scale, a step along them
ADDS = 2.0**-12  # of all that f rises by along entries, or is claimed to: it may rise by that much else along them all
DIFFER = 2.0**-6  # of the largest slope: what curvature makes of slopes around the point is a thousandth of that
SAME = 2.0**-6  # of their spread, within which they are the same further away: those of |x|^1.1 are not
MOST = 3 / 4  # of the directions, since some meet another kink
EDGE = 2.0**-12  # of the largest of them, that a claim may lie beyond: all are rounded
FEW = 16  # entries at ties that are looked at by themselves; where more are wrong in every order, they stay so
NAMES = 6  # entries of a tie that are told by name
AGAINST = (1, -1)  # how two entries of one kink move along which f is smooth
MANY = 64  # entries at ties that are told apart where their claims are wrong
CLOSED = 1 / 4  # of the kink of one entry: what is left of it where f is smooth along several, and what is no less gone
EXCESSES = (2.0**-5, 2.0**-8, 2.0**-11, 2.0**-14)  # of the same, sought in turn: a smaller excess of claims is none
EVEN = 1 - 2.0**-6  # of the largest kink: where the smallest is less, entries take part in several of them
AROUND = 1 / 8  # of an excess, that slopes around the point may differ by
TOGETHER = (
    "{names}: each claim is legal by itself, but not together: as they move as one the function is smooth, with "
    "slope {slope:.6g}, and the claims give {claim:.6g}"
)


@spending(SECOND)
def judge_ties(tested: UnderTest, chosen: Ints) -> None:
    """Call legal what f shows around the point alone, and wrong what is legal one by one but not together."""
    columns = tested.columns
    own, wrong = (chosen[columns.codes[chosen] == verdict] for verdict in (Verdict.KINK, Verdict.WRONG))
    step = _step_around(tested, chosen)
    if step is not None:
        if legal_in_some_order(tested, wrong, own, step) or len(wrong) > FEW:
            return  # of many, legal claims are met by no chance
        around = _met_around(tested, chosen, step)
        if len(around) < len(wrong):
            return  # it is wrong without that, and what all of it is taken for says why
        for k, (low, high) in around.items():
            columns.codes[k] = Verdict.KINK
            columns.estimates[k], columns.lefts[k], columns.rights[k] = (low + high) / 2, low, high
    elif len(wrong):
        return
    both = np.append(own, wrong)
    kinks = _clear(tested, own if len(wrong) and _legal_around(tested, chosen, both) else both)
    for sign in (1, -1):
        group = [k for k in kinks if sign * _gap(tested, k) > 0]
        if len(group) > 1:
            _share(tested, group)


def _gap(tested: UnderTest, k: int) -> float:
    return float(tested.columns.rights[k] - tested.columns.lefts[k])


def _clear(tested: UnderTest, kinks: Ints) -> list[int]:
    """Return the entries of which both slopes are finite, and clearly differ."""
    return [int(k) for k in kinks if 0 < abs(_gap(tested, int(k))) < np.inf]


def legal_in_some_order(tested: UnderTest, wrong: Ints, kinks: Ints, step: float) -> bool:
    """Call legal what f shows where numbers that tie come in some order; return whether there is such an order."""
    found, columns = slopes_in_some_order(tested, wrong, kinks, step), tested.columns
    if found is None:
        return False
    for k, slope in zip(found[0].tolist(), (found[1] / tested.scale(columns.flat[found[0]])).tolist(), strict=True):
        if columns.codes[k] == Verdict.WRONG:
            sides = (float(columns.lefts[k]), float(columns.rights[k]), slope)
            columns.codes[k] = Verdict.KINK
            columns.estimates[k], columns.lefts[k], columns.rights[k] = slope, min(sides), max(sides)
    return True


def _step_around(tested: UnderTest, chosen: Ints) -> float | None:
    """Return the step at which slopes around the point are told apart; None if nothing is wrong, or no kinks tie."""
    columns = tested.columns
    if sum(leaf.array.size for leaf in tested.subject.chosen.values()) == 1:
        return None  # no point lies off the line
    if np.isfinite(tested.experience.waves):
        return None  # slopes of waves differ around the point, too
    wrong = _known_wrong(tested, chosen)
    sizes = np.maximum(np.abs(columns.claims[wrong]), np.abs(columns.estimates[wrong]))
    largest = float(np.max(sizes * tested.scale(columns.flat[wrong]), initial=0.0))
    step = step_for(tested, DIFFER * largest)
    return None if step is None or _adds_up(tested, chosen) else step


def _known_wrong(tested: UnderTest, chosen: Ints) -> Ints:
    columns = tested.columns
    known = np.isfinite(columns.claims[chosen]) & np.isfinite(columns.estimates[chosen])
    return np.asarray(chosen[(columns.codes[chosen] == Verdict.WRONG) & known])


def _met_around(tested: UnderTest, chosen: Ints, step: float) -> dict[int, tuple[float, float]]:
    """Return which claims that were called wrong are slopes that f has around the point, and between which they lie."""
    columns, found = tested.columns, dict[int, tuple[float, float]]()
    wrong = _known_wrong(tested, chosen)
    some = wrong if len(wrong) > 1 else chosen  # along the one that was selected of many, slopes seldom differ
    if not _differ(_slopes_of_all(tested, some, step)):
        return found
    places = max(PLACES, min(EACH * len(chosen), MOST_PLACES))
    for k in wrong.tolist():
        move = move_of(tested, [k], [float(tested.scale(columns.flat[k]))])
        scale, near = float(move.max()), slopes_around(tested, move, step, places)
        far = slopes_around(tested, move, step, FIRST, FURTHER)
        if not _differ(near) or not np.mean(np.abs(near[:FIRST] - far) <= SAME * np.ptp(near)) >= MOST:
            continue  # they bend, and do not meet in an edge
        low, high, off = float(near.min()), float(near.max()), EDGE * float(np.abs(near).max())
        if low - off <= scale * float(columns.claims[k]) <= high + off:
            found[k] = low / scale, high / scale
    return found


def _legal_around(tested: UnderTest, chosen: Ints, kinks: Ints) -> bool:
    """Return whether f has slopes around the point as claims add up to, along all entries, and those at kinks."""
    columns, step = tested.columns, step_for(tested, DIFFER * tested.standard.largest)
    if step is None:
        return False
    for some in (chosen, kinks):
        move = move_of(tested, some.tolist(), tested.scale(columns.flat[some]).tolist())
        near, claim = slopes_around(tested, move, step, PLACES), float(move[columns.flat[some]] @ columns.claims[some])
        off = EDGE * float(np.abs(near).max())
        if not near.min() - off <= claim <= near.max() + off:
            return False
    return True


def _adds_up(tested: UnderTest, chosen: Ints) -> bool:
    """Return whether f rises along all entries by as much as their slopes say, as it does where they do not tie.

    By a part of what is claimed, where that is more: it may stand still, except for its noise.
    """
    columns = tested.columns
    if len(chosen) < tested.leaf.array.size or not np.isfinite(columns.lefts[chosen] + columns.rights[chosen]).all():
        return False
    for way in range(WAYS):
        move = np.random.default_rng(way).uniform(-1.0, 1.0, len(chosen)) * tested.leaf.spread
        line = tested.subject.direction({tested.path: move.reshape(tested.leaf.array.shape)})
        rises = np.where(move > 0, columns.rights[chosen], columns.lefts[chosen]) * move
        most = max(float(np.abs(rises).sum()), float(np.abs(columns.claims[chosen] * move).sum()))
        if not abs(line(NEAR)[1] / NEAR - rises.sum()) <= ADDS * most:
            return False
    return True


def _slopes_of_all(tested: UnderTest, entries: Ints, step: float) -> Floats:
    """Return slopes around the point along a direction through all entries."""
    weights = np.random.default_rng(2).uniform(1.0, 2.0, len(entries)) * tested.scale(tested.columns.flat[entries])
    return slopes_around(tested, move_of(tested, entries.tolist(), weights.tolist()), step, FIRST)


def _differ(slopes: Floats) -> bool:
    """Return whether slopes around the point differ, by more than curvature makes of them."""
    return bool(np.isfinite(slopes).all() and np.ptp(slopes) > DIFFER * np.abs(slopes).max())


def move_of(tested: UnderTest, entries: Sequence[int], by: Sequence[float]) -> Floats:
    """Return a move of some entries, each by so much."""
    move = np.zeros(tested.leaf.array.size)
    move[tested.columns.flat[np.asarray(entries, dtype=np.int64)]] = by
    return move


class Tie:
    """Entries at kinks of one sign, moved so that each kink counts alike."""

    def __init__(self, tested: UnderTest, entries: Sequence[int], *, alike: bool = False) -> None:
        """Weigh them by their kinks, or, `alike`, move all by as much."""
        self.tested, self.entries = tested, [*entries]
        scale = np.array([float(tested.scale(tested.columns.flat[k])) for k in entries])
        gaps = np.array([_gap(tested, k) for k in entries])
        if alike:
            gaps = np.full(len(entries), np.copysign(np.min(np.abs(gaps)), gaps[0]))
        self.uneven = bool(np.abs(gaps).min() < EVEN * np.abs(gaps).max())
        self.kink = float(np.min(np.abs(gaps) * scale))  # of each, along the moves
        self.by = dict(zip(self.entries, (self.kink / gaps).tolist(), strict=True))
        self.sign = 1.0 if gaps[0] > 0 else -1.0
        self.step = step_for(tested, EXCESSES[0] * self.kink)

    def move(self, entries: Sequence[int], signs: Sequence[int] = ()) -> Floats:
        signs = signs or [1] * len(entries)
        return move_of(self.tested, entries, [s * self.by[k] for k, s in zip(entries, signs, strict=True)])

    def left(self, entries: Sequence[int]) -> float:
        """Return what is left of the kink of one entry where several move as one."""
        left, right = sides(self.tested, self.move(entries), self._known_step)
        return self.sign * (right - left) / self.kink

    @property
    def _known_step(self) -> float:
        assert self.step is not None  # noqa: S101  or nobody would ask
        return self.step

    def excess(self, entries: Sequence[int], signs: Sequence[int] = ()) -> float:
        """Return by how much claims exceed the slope along several entries, 0.0 unless f is smooth there all around."""
        move = self.move(entries, signs)
        claim = float(move[self.tested.columns.flat[np.asarray(entries)]] @ self.tested.columns.claims[entries])
        return next((excess for part in EXCESSES if (excess := self._above(part * self.kink, move, claim))), 0.0)

    def _above(self, least: float, move: Floats, claim: float) -> float:
        """Return an excess, if it is no less than that, at steps at which it stands out of the noise."""
        step = step_for(self.tested, least)
        if step is None:
            return 0.0
        left, right = sides(self.tested, move, step)
        slope = (left + right) / 2
        excess = claim - slope
        if not abs(right - left) < CLOSED * least or not abs(excess) > least:
            return 0.0
        around = slopes_around(self.tested, move, step, FIRST)
        return excess if (np.abs(around - slope) <= AROUND * abs(excess)).all() else 0.0

    def accuse(self, part: Sequence[int], signs: Sequence[int] = ()) -> None:
        """Call the claims of a tie wrong, beside the nearest ones that add up, and say why."""
        tested, columns, move = self.tested, self.tested.columns, self.move(part, signs)
        by = move[columns.flat[np.asarray(part)]]
        left, right = sides(tested, move, self._known_step)
        slope, claim = (left + right) / 2, float(by @ columns.claims[part])
        shares = columns.claims[part] - by * (claim - slope) / float(by @ by)
        unit = 1 / float(np.abs(by).max())
        tested.subject.say(told_together(tested, part, unit * slope, unit * claim))
        for k, share in zip(part, shares.tolist(), strict=True):
            columns.codes[k] = Verdict.WRONG
            columns.estimates[k] = columns.lefts[k] = columns.rights[k] = share
            columns.rungs.pop(int(columns.flat[k]), None)  # they show its own kink


def told_together(tested: UnderTest, entries: Sequence[int] | Ints, slope: float, claim: float) -> str:
    """Return the sentence on claims that are right one by one, and not together."""
    places = (index_of(int(flat), tested.leaf.array.shape) for flat in tested.columns.flat[np.asarray(entries)])
    names = [entry_name(tested.leaf.name, index) for index in places]
    return TOGETHER.format(names=few_of(names, NAMES), slope=slope, claim=claim)


def _share(tested: UnderTest, group: list[int]) -> None:
    """Accuse the claims of entries that tie where they do not add up to the slope along all of them."""
    tie, alike = Tie(tested, group), Tie(tested, group, alike=True)
    if tie.step is None:
        return
    tied, own = _without_own_kinks(tie, group)
    for part in _in_excess(tie, tied):
        tie.accuse(part)
    if len(tied) < len(group) and tie.uneven and alike.excess(group):
        alike.accuse(group)
        return
    for k in own:
        other = next(j for j in group if j != k)
        if tie.excess([k, other], AGAINST):
            tie.accuse([k, other], AGAINST)


def _in_excess(tie: Tie, tied: list[int]) -> list[list[int]]:
    """Return the groups whose claims do not add up, all that tie where they cannot be told apart."""
    if len(tied) < len(AGAINST) or not tie.excess(tied):
        return []
    parts = _parts(tie, tied) if len(tied) <= MANY else ()
    return [part for part in parts if tie.excess(part)] or [tied]


def _without_own_kinks(tie: Tie, group: list[int]) -> tuple[list[int], list[int]]:
    """Return the entries along all of which f is smooth, and those that were left out, whose kinks are their own."""
    tied, out = [*group], list[int]()
    left = tie.left(tied)
    for k in group if len(group) <= FEW else ():
        if abs(left) < CLOSED:
            break
        rest = [j for j in tied if j != k]
        without = tie.left(rest) if rest else 0.0
        if abs(without) < abs(left) - 1 + CLOSED:
            tied, left, out = rest, without, [*out, k]
    return (tied, out) if abs(left) < CLOSED else ([], group[:FEW])


def _parts(tie: Tie, tied: list[int]) -> Iterator[list[int]]:
    """Yield the groups that tie: with one entry left out, another of its group leaves no more of a kink."""
    rest = [*tied]
    while rest:
        k = rest[0]
        part = [k, *(j for j in rest[1:] if abs(tie.left([i for i in tied if i not in (k, j)])) < 1 + CLOSED)]
        rest = [j for j in rest if j not in part]
        yield part
