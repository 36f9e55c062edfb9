"""Which tensors can be measured entirely by shifts of pre-activations, and which of their entries are right?

What shifts say of a whole layer is audited: the slope along directions through all tensors so measured, and that of
some entries, through the whole function. What does not agree is measured otherwise, and so is every entry that seems
wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import one_by_one
from gradcheck._entries.one_entry import PLAIN, settle
from gradcheck._entries.second_opinions.jumps import rule_out_along_all
from gradcheck._entries.sites.audit import audited, holds
from gradcheck._entries.sites.probe import Floats, Ints, probed
from gradcheck._entries.sites.slopes import EntrySlopes, of_site, together
from gradcheck._entries.table import Columns
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure.step import FIRST
from gradcheck._model.ending import ends
from gradcheck._model.site import WeightSite
from gradcheck._model.subject import Subject
from gradcheck._model.tally import SITES, spending
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

FEWEST = 256  # entries, of all tensors that are met so, that are worth it
FEW = 1 / 16  # of the entries of a tensor: if no more seem wrong, all others agree
CONFIRMED = 7  # further entries that are off by far, whose slopes are measured through the whole function
SUSPECTS = 64  # entries of a tensor that seem wrong and are measured one by one; of more a part


@spending(SITES)
def measured(
    subject: Subject, make: Callable[..., UnderTest], open_again: Callable[[str], UnderTest | None]
) -> dict[str, UnderTest]:
    """Measure every entry of the tensors for which shifts can do that; return them, with what came of it.

    `make(path, sigma=...)` returns a tensor under test without measuring its noise; `open_again` does measure that.
    """
    met: dict[str, list[EntrySlopes]] = {}
    for site in _sites(subject):
        for slopes in _of_site(subject, site):
            met.setdefault(slopes.path, []).append(slopes)
    found = {path: together(parts) for path, parts in met.items()}
    tensors = {path: _with_all(make(path)) for path in found}
    done = {}
    for path in audited(tensors, found):
        finished = _judged(tensors[path], found[path], open_again)
        if finished is not None:
            done[path] = finished
    return done


def _with_all(tested: UnderTest) -> UnderTest:
    claims = tested.columns.claims
    return replace(tested, columns=Columns(np.arange(len(claims)), claims, sided=False))


def _sites(subject: Subject) -> list[WeightSite]:
    """Return the sites of a model, if they are worth it."""
    if subject.oracle.sites is None or subject.cotangent is None or subject.eps > DOUBLE or subject.jitter:
        return []
    if sum(leaf.array.size for leaf in subject.chosen.values()) < FEWEST:
        return []
    subject.pins.pin()
    found = [*subject.oracle.sites(subject.tree, subject.cotangent)]
    tensors = {p: subject.chosen[p] for site in found for p in site.paths if p in subject.chosen}
    return found if sum(leaf.array.size for leaf in tensors.values()) >= FEWEST else []


def _of_site(subject: Subject, site: WeightSite) -> list[EntrySlopes]:
    """Return what a site says of its weight, its bias, and its input, as far as they are wanted and it runs so."""
    wanted = {p for p in site.paths if _plain(subject, p)}
    if not wanted:
        return []
    try:
        found = probed(site)
    except Exception as trouble:  # the user's own layers are called
        if ends(trouble):
            raise
        return []
    subject.tally.call(found.calls)
    return [slopes for slopes in of_site(site, found) if slopes.path in wanted]


def _plain(subject: Subject, path: str) -> bool:
    leaf = subject.chosen.get(path)
    return leaf is not None and leaf.array.dtype == np.float64 and not leaf.digits and leaf.held is None


def _judged(tested: UnderTest, slopes: EntrySlopes, open_again: Callable[[str], UnderTest | None]) -> UnderTest | None:
    """Judge every entry of a tensor by its slope; measure what seems wrong. None if that shows the slopes to be off."""
    seem = np.concatenate([entries.start + _judge(tested, slopes, rows, entries) for rows, entries in slopes.blocks()])
    if not len(seem):
        return tested
    tested = _heard(tested, open_again(tested.path))
    if len(seem) <= FEW * len(tested.columns.claims):
        rule_out_along_all(tested)
    gross = _gross(tested, seem)
    worst, others = seem[gross], seem[~gross]
    if len(worst) > 1 and _confirmed(tested, worst):
        tested.columns.codes[worst], worst = Verdict.WRONG, worst[:0]
        if not len(others):
            return tested
    few = np.sort(np.concatenate([_some(tested.rng, part, SUSPECTS // 2) for part in (worst, others)]))
    slope, unknown = tested.columns.estimates[few], tested.columns.uncertainties[few]
    one_by_one.measure(tested, few, tested.subject)
    if not _borne_out(tested, few, slope, unknown):
        return None
    beyond = np.setdiff1d(worst, few)
    if (tested.columns.codes[np.intersect1d(worst, few)] == Verdict.WRONG).all():
        tested.columns.codes[beyond] = Verdict.WRONG
    else:
        one_by_one.measure(tested, beyond, tested.subject)
    left = np.setdiff1d(others, few)
    if len(left):
        one_by_one.measure(tested, left, tested.subject)
    return tested


def _confirmed(tested: UnderTest, worst: Ints) -> bool:
    """Whether entries that are off by far are wrong: the slopes of some hold through the whole function.

    The one that is off by most is measured by a whole ladder, unless that was done in what this is a part of.
    """
    columns = tested.columns
    slope, unknown = columns.estimates[worst], columns.uncertainties[worst]
    order = np.argsort(np.abs(columns.claims[worst] - slope))  # nan comes last
    if not tested.tally.part:
        most, order = order[-1:], order[:-1]
        settle(tested, int(worst[most[0]]), FIRST)
        wrong = columns.codes[worst[most[0]]] == Verdict.WRONG
        if not (wrong and _borne_out(tested, worst[most], slope[most], unknown[most])):
            return False
    few = _some(tested.rng, order, CONFIRMED)
    return all(holds(tested, int(worst[k]), float(slope[k]), float(unknown[k])) for k in few)


def _judge(tested: UnderTest, slopes: EntrySlopes, rows: slice, entries: slice) -> Ints:
    """Write down what is right of some entries; return which of them seem not to be."""
    columns, standard = tested.columns, tested.standard
    slope, unknown = (part.ravel() for part in slopes.some(rows))
    claims = columns.claims[entries]
    with np.errstate(invalid="ignore", over="ignore"):
        size = np.fmax(np.abs(claims), np.abs(slope))
        agrees = np.isfinite(claims) & (np.abs(claims - slope) <= unknown + standard.tolerance(size))
    sharp = standard.sharp(unknown, size, tested.stretch(entries))
    nothing = standard.nothing(unknown) & ~sharp
    still = nothing & (not standard.hollow)
    zero = (claims == 0) & (slope == 0)
    if zero.any():
        still |= zero & (slopes.moved(rows).ravel() == 0)
    settled = still | (agrees & (sharp | nothing))
    columns.estimates[entries], columns.uncertainties[entries] = slope, unknown
    columns.codes[entries] = np.where(settled, np.where(still, Verdict.UNTESTED, Verdict.CORRECT), Verdict.UNDECIDED)
    return np.flatnonzero(~settled)


def _heard(tested: UnderTest, again: UnderTest | None) -> UnderTest:
    """Return a tensor with the noise along it measured, which is needed once an entry is looked at by itself."""
    return tested if again is None else replace(again, columns=tested.columns)


def _gross(tested: UnderTest, seem: Ints) -> NDArray[np.bool_]:
    """Return which entries are off by far more than all that is unknown and does not matter."""
    claims, slope = tested.columns.claims[seem], tested.columns.estimates[seem]
    with np.errstate(invalid="ignore", over="ignore"):
        allowed = tested.columns.uncertainties[seem] + tested.standard.tolerance(np.fmax(np.abs(claims), np.abs(slope)))
        return np.asarray(np.abs(claims - slope) > PLAIN * allowed)


def _some(rng: np.random.Generator, which: Ints, most: int) -> Ints:
    return which if len(which) <= most else rng.choice(which, most, replace=False)


def _borne_out(tested: UnderTest, few: Ints, slope: Floats, unknown: Floats) -> bool:
    """Whether entries measured one by one agree with the shifts, within both uncertainties."""
    columns = tested.columns
    told = np.isin(columns.codes[few], (Verdict.CORRECT, Verdict.WRONG)) & np.isfinite(columns.estimates[few])
    apart = np.abs(columns.estimates[few] - slope)
    size = np.fmax(np.abs(slope), np.abs(columns.estimates[few]))
    allowed = unknown + columns.uncertainties[few] + tested.standard.tolerance(size)
    return bool((apart[told] <= allowed[told]).all())
