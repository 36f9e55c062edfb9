"""Are these the right numbers in the wrong places? Of another axis, another tensor, another point, behind a mask."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, PLENTY, SEVERAL, Evidence, Floats

PAIR = 2  # entries along an axis, of which every order but theirs is the other one
NAMED = 6  # slices whose places are told
SLICES = 512  # that are each compared with all others
TOLERANCES = 4  # tolerances between entries below which one could be taken for another


def exchanged(evidence: Evidence) -> Cause | None:
    """The gradient of another tensor; where that tensor's claim is right, or the two are nearly alike, only that."""
    for name, other in evidence.context.estimates.items():
        if name != evidence.name and other.size == evidence.claim.size and evidence.whole and not np.isnan(other).any():
            for turned, words in ((other, ""), (other.T, ", transposed")):
                if turned.shape == evidence.claim.shape and evidence.explained(turned, least=SEVERAL):
                    end = ": two tensors are exchanged" if _swapped(evidence, name, turned is not other) else ""
                    return Cause(Slip.EXCHANGED, evidence.name, f"this is the measured gradient of {name}{words}{end}")
    return None


def _swapped(evidence: Evidence, name: str, transposed: bool) -> bool:  # noqa: FBT001
    """Whether the other tensor's claim is in turn the gradient of this one."""
    claim = evidence.context.claims.get(name)
    if claim is None:
        return False
    theirs = claim.T if transposed else claim
    return theirs.shape == evidence.estimate.shape and evidence.measured(theirs)


def another(evidence: Evidence) -> Cause | None:
    """Plus or minus the gradient of another tensor, in the place of this one or in what it lacks."""
    if not evidence.whole or evidence.claim.size < PLENTY:
        return None
    others = {n: e for n, e in evidence.context.measured.items() if n != evidence.name}
    for name, other in others.items():
        for sign, words in ((1, ""), (-1, "minus ")):
            if other.shape == evidence.claim.shape and evidence.explained(
                evidence.estimate - sign * other, least=PLENTY
            ):
                return Cause(
                    Slip.ANOTHER,
                    evidence.name,
                    f"what is missing is {words}the measured gradient of {name}: one of several terms is ignored",
                )
    for name, other in others.items():
        if other.shape == evidence.claim.shape and evidence.explained(-other, least=PLENTY):
            return Cause(Slip.ANOTHER, evidence.name, f"this is minus the measured gradient of {name}")
        fits = other.shape != evidence.claim.shape and other.ndim == evidence.claim.ndim > 1 and other.size >= PLENTY
        if fits and evidence.explained(np.resize(other, evidence.claim.shape), least=PLENTY):
            return Cause(
                Slip.ANOTHER,
                evidence.name,
                f"this is the measured gradient of {name}, cropped: two tensors are exchanged",
            )
    return None


def permuted(evidence: Evidence) -> Cause | None:
    """The right numbers in the wrong places: transposed, flipped, shifted."""
    if not evidence.whole or evidence.estimate.size < SEVERAL:
        return None
    for sentence, prediction in _arrangements(evidence.estimate):
        if evidence.measured(prediction):
            continue  # a symmetric matrix is its own transpose
        for sign, words in ((1, ""), (-1, ", and the sign is wrong")):
            if evidence.explained(sign * prediction) and _moves(evidence, prediction):
                return Cause(Slip.PERMUTED, evidence.name, sentence + words)
    return None


def _moves(evidence: Evidence, prediction: Floats) -> bool:
    """Whether several numbers stand in a new place: of one alone any shift tells, and zeros need not come from afar."""
    sizes = np.sort(np.abs(prediction[evidence.wrong]))
    told = sizes[sizes > float(np.max(evidence.slack)) + PATTERN * float(sizes.max(initial=0.0))]
    return bool(told.size and np.ptp(told) > PATTERN * told[-1])


def _arrangements(right: Floats) -> Iterator[tuple[str, Floats]]:
    yield from _turned(right)
    yield from _shifted(right)
    axes = range(right.ndim)
    for count in range(1, right.ndim + 1):
        for flipped in itertools.combinations(axes, count):
            name = ", ".join(map(str, flipped))
            yield (
                f"the measured gradient flipped along axis {name}: a kernel or a sequence in reverse",
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
    for axis, shift in itertools.product((a for a in range(right.ndim) if right.shape[a] > PAIR), (1, -1)):
        rolled = np.roll(right, shift, axis)
        yield (f"the measured gradient shifted by {shift} along axis {axis}: an index off by one", rolled)
    for axis in (a for a in range(right.ndim) if right.shape[a] == PAIR):
        yield (f"the two entries along axis {axis} of the measured gradient are exchanged", np.flip(right, axis))
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


def reordered(evidence: Evidence) -> Cause | None:
    """The right rows, columns or slices in another order; or the right entries."""
    if not evidence.whole or evidence.claim.size < PLENTY:
        return None
    for axis in range(evidence.claim.ndim):
        order = _matching(evidence, axis)
        if order is not None:
            moved = [k for k, o in enumerate(order) if o != k] if len(order) > NAMED else range(len(order))
            shown = ", ".join(str(order[k]) if len(order) <= NAMED else f"{order[k]} for {k}" for k in moved[:NAMED])
            shown += ", ..." if len(moved) > NAMED else ""
            return Cause(
                Slip.REORDERED,
                evidence.name,
                f"the slices along axis {axis} are the measured ones in another order ({shown}): a wrong index",
            )
    e = np.sort(evidence.estimate.ravel())
    apart = TOLERANCES * (float(np.max(evidence.slack)) + PATTERN * float(np.max(np.abs(e))))
    ranks = np.argsort(np.argsort(evidence.claim.ravel()))
    supposed = e[ranks].reshape(evidence.claim.shape)
    if np.min(np.diff(e)) > apart and not evidence.measured(supposed) and evidence.explained(supposed, least=PLENTY):
        return Cause(
            Slip.REORDERED,
            evidence.name,
            "these are the measured entries in another order: a wrong index, or a wrong reshape",
        )
    return None


def _matching(evidence: Evidence, axis: int) -> list[int] | None:
    c = np.moveaxis(evidence.claim, axis, 0).reshape(evidence.claim.shape[axis], -1)
    e, slack = (np.moveaxis(a, axis, 0).reshape(c.shape) for a in (evidence.estimate, evidence.slack))
    if c.shape[1] < SEVERAL or len(c) > SLICES:
        return None
    order = []
    for row in c:
        found = np.flatnonzero((np.abs(row - e) <= slack + PATTERN * np.abs(row)).all(axis=1))
        if len(found) != 1:
            return None
        order.append(int(found[0]))
    return order if len(set(order)) == len(order) and order != list(range(len(order))) else None


def stale(evidence: Evidence) -> Cause | None:
    """The gradient of an earlier call, at another point."""
    earlier = evidence.context.earlier.get(evidence.name)
    if earlier is None or evidence.claim.size < SEVERAL:
        return None
    if not np.array_equal(np.asarray(earlier, dtype=np.float64), evidence.claim):
        return None
    return Cause(
        Slip.STALE,
        evidence.name,
        "stale: this is, to the last bit, the gradient of an earlier call at another point: it was kept",
    )


def opposite(evidence: Evidence) -> Cause | None:
    """Zero wherever the function moves, and not zero wherever it stands still: a mask the wrong way round."""
    moves, still = evidence.known & ~evidence.still, evidence.known & evidence.still
    if (
        np.count_nonzero(moves) < ENOUGH
        or np.count_nonzero(still) < ENOUGH
        or not np.isfinite(evidence.claim[evidence.known]).all()
    ):
        return None
    if (evidence.claim[moves] != 0).any() or np.count_nonzero(evidence.claim[still]) < np.count_nonzero(still) / 2:
        return None
    return Cause(
        Slip.OPPOSITE,
        evidence.name,
        "zero wherever the function moves, and not zero where it stands still: a condition reversed",
    )


STILL = "the function stands still in every entry: its value was kept from an earlier call, or does not depend on it"


def motionless(evidence: Evidence) -> Cause | None:
    """Something claimed where the function stands still, in this tensor and in every other."""
    others = evidence.context.estimates.values()
    if not evidence.whole or evidence.estimate.any() or any(np.nan_to_num(other).any() for other in others):
        return None
    lab = evidence.context.lab
    itself = lab.read_itself(evidence.name) if lab is not None else ""
    said = (
        f"the function reads {itself}, the very array that was given, and not what it is called with, which is a copy: "
        f"let it put that there first, {itself} = {evidence.name}"
        if itself
        else STILL
    )
    return Cause(Slip.MASKED, evidence.name, said)


def masked(evidence: Evidence) -> Cause | None:
    """Zero where the function moves and moving where it stands still: a mask that is another tensor's, or none."""
    if np.count_nonzero(evidence.wrong) < SEVERAL or not np.isfinite(evidence.claim[evidence.wrong]).all():
        return None
    agree = evidence.known & ~evidence.wrong & ~evidence.still
    cut, let = evidence.wrong & (evidence.claim == 0), evidence.wrong & evidence.still
    if not agree.any() or not let.any() or not (cut | let)[evidence.wrong].all():
        return None
    if cut.any():
        return Cause(
            Slip.MASKED,
            evidence.name,
            "zero where the function moves, and not zero where it stands still: the mask of the wrong tensor",
        )
    return Cause(
        Slip.MASKED,
        evidence.name,
        "not zero where the function stands still, right elsewhere: a mask is forgotten, or it goes to the wrong place",
    )
