"""Are these the right numbers in the wrong places? Of another axis, another tensor, another point, behind a mask."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._case import RELATIVE, Case, Floats


def exchanged(case: Case) -> str | None:
    """The gradient of another tensor."""
    for name, other in case.context.estimates.items():
        if name != case.name and other.size == case.claim.size > 1 and case.whole and not np.isnan(other).any():
            for turned, words in ((other, ""), (other.T, ", transposed")):
                if turned.shape == case.claim.shape and case.explained(turned, least=2):
                    return f"this is the measured gradient of {name}{words}: two tensors are exchanged"
    return None


def permuted(case: Case) -> str | None:
    """The right numbers in the wrong places: transposed, flipped, shifted."""
    if not case.whole or case.estimate.size < 2:
        return None
    for sentence, prediction in _arrangements(case.estimate):
        for sign, words in ((1, ""), (-1, ", and the sign is wrong")):
            if case.explained(sign * prediction):
                return sentence + words
    return None


def _arrangements(right: Floats) -> Iterator[tuple[str, Floats]]:
    yield from _turned(right)
    yield from _shifted(right)
    axes = range(right.ndim)
    for count in range(1, right.ndim + 1):
        for flipped in itertools.combinations(axes, count):
            name = ", ".join(map(str, flipped))
            yield (
                f"the measured gradient flipped along axis {name}: a kernel or a sequence the wrong way round",
                np.flip(right, flipped),
            )


def _turned(right: Floats) -> Iterator[tuple[str, Floats]]:
    axes = tuple(range(right.ndim))
    for order in itertools.permutations(axes):
        turned = right.transpose(order)
        if order == axes:
            continue
        if turned.shape == right.shape:
            yield (f"the transpose of the measured gradient (axes {order})", turned)
        yield (
            f"the entries of the transpose, axes {order}, reshaped back: a reshape where a transpose is meant",
            turned.reshape(right.shape),
        )


def _shifted(right: Floats) -> Iterator[tuple[str, Floats]]:
    for axis, shift in itertools.product((a for a in range(right.ndim) if right.shape[a] > 1), (1, -1)):
        rolled = np.roll(right, shift, axis)
        yield (f"the measured gradient shifted by {shift} along axis {axis}: an index off by one", rolled)
        edge = rolled.copy()
        edge[(slice(None),) * axis + (slice(0, 1) if shift > 0 else slice(-1, None),)] = 0
        yield (
            f"the measured gradient shifted by {shift} along axis {axis}, zero at the edge: an index off by one",
            edge,
        )


def reordered(case: Case) -> str | None:
    """The right rows, columns or slices in another order; or the right entries."""
    if not case.whole or case.claim.size < 4:
        return None
    for axis in range(case.claim.ndim):
        order = _matching(case, axis)
        if order is not None and case.claim.ndim > 1:
            shown = ", ".join(map(str, order[:6])) + (", ..." if len(order) > 6 else "")
            return f"the slices along axis {axis} are the measured ones in another order ({shown}): a wrong index"
    c, e = np.sort(case.claim.ravel()), np.sort(case.estimate.ravel())
    tolerance = float(np.max(case.slack))
    apart = 4 * (tolerance + RELATIVE * float(np.max(np.abs(e))))
    if np.min(np.diff(e)) > apart and np.max(np.abs(c - e)) <= apart / 4:
        return "these are the measured entries in another order: a wrong index, or a wrong reshape"
    return None


def _matching(case: Case, axis: int) -> list[int] | None:
    c = np.moveaxis(case.claim, axis, 0).reshape(case.claim.shape[axis], -1)
    e, slack = (np.moveaxis(a, axis, 0).reshape(c.shape) for a in (case.estimate, case.slack))
    if c.shape[1] < 2 or len(c) > 512:
        return None
    order = []
    for row in c:
        found = np.flatnonzero((np.abs(row - e) <= slack + RELATIVE * np.abs(row)).all(axis=1))
        if len(found) != 1:
            return None
        order.append(int(found[0]))
    return order if len(set(order)) == len(order) else None


def stale(case: Case) -> str | None:
    """The gradient of an earlier call, at another point."""
    earlier = case.context.earlier.get(case.name)
    if earlier is None or case.claim.size < 2 or np.isnan(case.claim).any():
        return None
    if not np.array_equal(np.asarray(earlier, dtype=np.float64), case.claim):
        return None
    return "stale: this is, to the last bit, the gradient of an earlier call at another point: it was kept"


def masked(case: Case) -> str | None:
    """Zero where the function moves and moving where it stands still: a mask that is another tensor's, or none."""
    if np.count_nonzero(case.wrong) < 2 or not np.isfinite(case.claim[case.wrong]).all():
        return None
    agree = case.known & ~case.wrong & ~case.still
    cut, let = case.wrong & (case.claim == 0), case.wrong & case.still
    if not agree.any() or not let.any() or not (cut | let)[case.wrong].all():
        return None
    if cut.any():
        return "zero where the function moves, and not zero where it stands still: the mask of the wrong tensor"
    return "not zero where the function stands still, right elsewhere: a mask is forgotten"
