"""Has f the claimed gradient beside the point, where numbers that are equal at it come in some order?

Of equal numbers a sort, a maximum or a pooling takes one before the other: each order is a legal choice, and f has its
gradient where the numbers really come so. Of sixty there are more orders than can be tried, and few of them are met by
chance. But most programs take the first or the last, and of others the claims tell the order: in one order f gives the
slopes of all places in it, and a number has the place whose slope is claimed of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.around import BESIDE, slope_at
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure.line import power_of_two
from gradcheck._results.estimate import DEVIATIONS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_TIED = 512  # entries that may come in another order
FURTHEST = 2.0**-6  # of the scale, that numbers are put apart: further away f may have bent
RIGHT_THERE = 2.0**-12  # of the largest: what f's slope there may differ from the claim by
HALF_AS_FAR = 0.5  # of the distances: an order has the same slopes there, and where f bends they are others
SO_MUCH_NEARER = 2.0**-6  # of what a wrong claim is off by at the point itself


def slopes_in_some_order(tested: UnderTest, wrong: Ints, kinks: Ints, step: float) -> tuple[Ints, Floats] | None:
    """Return entries and the slopes that f has of them in an order in which it has the claimed gradient, if in any.

    `wrong` are entries of which f does not show the claim along a line through the point, and `kinks` those of which it
    does. These, and what has the value of one that is wrong, must all have the slopes that are claimed, at one place,
    as far as the noise lets them be told from those at the point.
    """
    entries = _in_question(tested, wrong, kinks)
    off = _allowed(tested, entries, wrong) if 1 < len(entries) <= MOST_TIED else None
    if off is None:
        return None
    step = power_of_two(max(step, _telling(tested, off)))
    if not tested.leaf.array.size * BESIDE * step <= FURTHEST:
        return None
    for order in _orders(tested.leaf.array.size):
        there, slopes = order, _slopes(tested, entries, order, step)
        if not _claimed(tested, entries, slopes, off):
            exchanged = _exchanged(tested, entries, order, slopes, off)
            if exchanged is None:
                continue
            there, slopes = exchanged, _slopes(tested, entries, exchanged, step)
        nearer = _slopes(tested, entries, HALF_AS_FAR * there, step) if _claimed(tested, entries, slopes, off) else None
        if nearer is not None and _claimed(tested, entries, nearer, off):
            return entries, slopes
    return None


def _in_question(tested: UnderTest, wrong: Ints, kinks: Ints) -> Ints:
    """Return the entries that are wrong or at kinks, and those that are equal to a wrong one."""
    columns, values = tested.columns, tested.leaf.original.ravel()
    alike = np.flatnonzero(np.isin(values[columns.flat[: len(columns.claims)]], values[columns.flat[wrong]]))
    return np.unique(np.concatenate([wrong, kinks, alike])).astype(np.int64)


def _allowed(tested: UnderTest, entries: Ints, wrong: Ints) -> Floats | None:
    """Return how far from its claim the slope of each may be: of a wrong one, much nearer than that at the point."""
    columns = tested.columns
    claims = columns.claims[entries] * tested.scale(columns.flat[entries])
    if not np.isfinite(claims).all():
        return None
    off = np.full(len(entries), RIGHT_THERE * float(np.max(np.abs(claims))))
    here, scale = np.isin(entries, wrong), tested.scale(columns.flat[wrong])
    sides = np.stack([columns.lefts[wrong], columns.rights[wrong], columns.estimates[wrong]])
    gaps = np.abs(sides - columns.claims[wrong]) * scale
    off[here] = np.fmin(off[here], SO_MUCH_NEARER * np.min(gaps, axis=0))
    return off if np.isfinite(off).all() else None


def _telling(tested: UnderTest, off: Floats) -> float:
    """Return the step at which noise lets no slope seem to be a claim that it is not."""
    noise = DEVIATIONS * max(tested.sigma, tested.subject.rounding())
    return 2 * noise / float(np.min(off, where=off > 0, initial=np.inf))


def _orders(size: int) -> Iterator[Floats]:
    """Yield how far each entry is moved: rising and falling, all up and all down, as a ReLU takes them apart."""
    rising = np.arange(1.0, size + 1)
    yield from (rising[::-1], rising, -rising, -rising[::-1])


def _slopes(tested: UnderTest, entries: Ints, order: Floats, step: float) -> Floats:
    """Return the slopes of some entries at that place, over their scale."""
    leaf, columns = tested.leaf, tested.columns
    away = (order * BESIDE * step * leaf.spread).reshape(leaf.array.shape)
    found = []
    with tested.subject.at([(tested.path, away)]) as there:
        for k in entries.tolist():
            move = np.zeros(leaf.array.size)
            move[columns.flat[k]] = tested.scale(columns.flat[k])
            found.append(slope_at(there, {tested.path: move.reshape(leaf.array.shape)}, step))
    return np.array(found)


def _claimed(tested: UnderTest, entries: Ints, slopes: Floats, off: Floats) -> bool:
    return bool((np.abs(slopes - _claims(tested, entries)) <= off).all())


def _claims(tested: UnderTest, entries: Ints) -> Floats:
    columns = tested.columns
    return np.asarray(columns.claims[entries] * tested.scale(columns.flat[entries]))


def _exchanged(tested: UnderTest, entries: Ints, order: Floats, slopes: Floats, off: Floats) -> Floats | None:
    """Return the order in which equal numbers have the places whose slopes are claimed of them, if these are all."""
    claims, flat, order = _claims(tested, entries), tested.columns.flat[entries], order.copy()
    values, others = tested.leaf.original.ravel()[flat], np.abs(slopes - claims) > off
    for value in np.unique(values[others]):
        some = np.flatnonzero(others & (values == value))
        wanted, given = some[np.argsort(claims[some], kind="stable")], some[np.argsort(slopes[some], kind="stable")]
        if not (np.abs(claims[wanted] - slopes[given]) <= np.max(off[some])).all():
            return None
        order[flat[wanted]] = order[flat[given]]
    return order
