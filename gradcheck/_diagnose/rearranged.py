"""Are these the right numbers in the wrong places? Of another axis, another tensor, another point, behind a mask."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.evidence import RELATIVE, Case, Floats


def exchanged(case: Case) -> str | None:
    """The gradient of another tensor; where that tensor's claim is right, or the two are nearly alike, only that."""
    for name, other in case.context.estimates.items():
        if name != case.name and other.size == case.claim.size > 1 and case.whole and not np.isnan(other).any():
            for turned, words in ((other, ""), (other.T, ", transposed")):
                if turned.shape == case.claim.shape and case.explained(turned, least=2):
                    end = ": two tensors are exchanged" if _swapped(case, name, turned is not other) else ""
                    return f"this is the measured gradient of {name}{words}{end}"
    return None


def _swapped(case: Case, name: str, transposed: bool) -> bool:  # noqa: FBT001
    """Whether the other tensor's claim is in turn the gradient of this one."""
    claim = case.context.claims.get(name)
    if claim is None:
        return False
    theirs = claim.T if transposed else claim
    return theirs.shape == case.estimate.shape and case.measured(theirs)


def another(case: Case) -> str | None:
    """Plus or minus the gradient of another tensor, in the place of this one or in what it lacks."""
    if not case.whole or case.claim.size < 4:
        return None
    others = {n: e for n, e in case.context.estimates.items() if n != case.name and e.size and not np.isnan(e).any()}
    for name, other in others.items():
        for sign, words in ((1, ""), (-1, "minus ")):
            if other.shape == case.claim.shape and case.explained(case.estimate - sign * other, least=4):
                return f"what is missing is {words}the measured gradient of {name}: one of several pulls is not heard"
    for name, other in others.items():
        if other.shape == case.claim.shape and case.explained(-other, least=4):
            return f"this is minus the measured gradient of {name}"
        fits = other.shape != case.claim.shape and other.ndim == case.claim.ndim > 1 and other.size >= 4
        if fits and case.explained(np.resize(other, case.claim.shape), least=4):
            return f"this is the measured gradient of {name}, cut to size: two tensors are exchanged"
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
    yield from _shifted_off(right)


def _shifted_off(right: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield what is shifted by one along one axis or several, zeros coming in."""
    axes = [a for a in range(right.ndim) if right.shape[a] > 1]
    for count in range(1, len(axes) + 1):
        for some in itertools.combinations(axes, count):
            for shifts in itertools.product((1, -1), repeat=count):
                moved = np.roll(right, shifts, some)
                for axis, shift in zip(some, shifts, strict=True):
                    moved[(slice(None),) * axis + (slice(0, 1) if shift > 0 else slice(-1, None),)] = 0
                by = f"{shifts[0]} along axis {some[0]}" if count == 1 else f"{shifts} along axes {some}"
                yield (
                    f"the measured gradient shifted by {by}, zero at the edge: an index or a padding off by one",
                    moved,
                )


def reordered(case: Case) -> str | None:
    """The right rows, columns or slices in another order; or the right entries."""
    if not case.whole or case.claim.size < 4:
        return None
    for axis in range(case.claim.ndim):
        order = _matching(case, axis)
        if order is not None and case.claim.ndim > 1:
            moved = [k for k, o in enumerate(order) if o != k] if len(order) > 6 else range(len(order))
            shown = ", ".join(str(order[k]) if len(order) <= 6 else f"{order[k]} for {k}" for k in moved[:6])
            shown += ", ..." if len(moved) > 6 else ""
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


def opposite(case: Case) -> str | None:
    """Zero wherever the function moves, and not zero wherever it stands still: a mask the wrong way round."""
    moves, still = case.known & ~case.still, case.known & case.still
    if np.count_nonzero(moves) < 3 or np.count_nonzero(still) < 3 or not np.isfinite(case.claim[case.known]).all():
        return None
    if (case.claim[moves] != 0).any() or np.count_nonzero(case.claim[still]) < np.count_nonzero(still) / 2:
        return None
    return "zero wherever the function moves, and not zero where it stands still: a condition the wrong way round"


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
    return (
        "not zero where the function stands still, right elsewhere: a mask is forgotten, or it goes to the wrong place"
    )
