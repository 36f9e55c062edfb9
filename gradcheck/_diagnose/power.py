"""Which classic mistakes would this check have missed? Pure: results in, sentences out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.acceptance import NEGLIGIBLE
from gradcheck._diagnose.evidence import MATRIX, SEVERAL, Context, Evidence, Floats, mask
from gradcheck._diagnose.size import Of
from gradcheck._model.filed import BLOCK
from gradcheck._results.names import LISTED, few_of
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict

ONE = "the batch holds one example, so a forgotten 1/N or a forgotten sum over the batch cannot be seen"

ZERO, LOST = "are zero on both sides", "move the function by no more than its last digits"

TWO = 2  # where there is no batch a mean over it is a factor as good as any
ROWS_NAMED = 3  # that are named
SCREENED = 20  # times more entries than were measured


def power(report: Report, context: Context) -> tuple[str, ...]:
    """Return the classic mistakes that this check would have missed, and why; costs no evaluation."""
    missed: dict[str, list[str]] = {}
    for tensor in report.tensors.values():
        if tensor.wrong or not tensor.checked or tensor.checked < tensor.size / SCREENED:
            continue  # the note of a screened tensor says what would have been seen
        with np.errstate(all="ignore"):
            for mistake in _missed(_tested(Evidence.of(tensor, context), tensor), tensor):
                missed.setdefault(mistake, []).append(tensor.name)
    sentences = [f"{few_of(names, LISTED)}: {mistake}" for mistake, names in missed.items()]
    if any(size.of is Of.BATCH and size.n == 1 for size in context.sizes):
        sentences.insert(0, ONE)
    return tuple(sentences)


def by_outputs(seen: Mapping[str, float]) -> tuple[str, ...]:
    """Say of outputs of several sizes the smallest error that would have been seen in each, relative to its slopes."""
    parts = [f"{_size(least)} in {name}" for name, least in seen.items()]
    return (
        (f"the smallest relative error that would have been seen, by size of output: {'; '.join(parts)}",)
        if parts
        else ()
    )


def _size(least: float) -> str:
    return f"{least:.0e}".replace("e-0", "e-") if least < 1 else "no error"


def _tested(evidence: Evidence, tensor: TensorResult) -> Evidence:
    """Leave out the entries that were lost, of which it is said."""
    return _without(evidence, tensor, _lost(tensor)) if tensor.counts[Verdict.UNTESTED] else evidence


def _without(evidence: Evidence, tensor: TensorResult, out: NDArray[np.bool_]) -> Evidence:
    return replace(evidence, claim=np.where(mask(tensor, out), np.nan, evidence.claim)) if out.any() else evidence


def _elsewhere(tensor: TensorResult) -> NDArray[np.bool_]:
    """Which entries are zero here and were seen nearby, where they are not."""
    return np.isin(tensor.flat, [*tensor.places])


def _zero(tensor: TensorResult) -> NDArray[np.bool_]:
    zero: NDArray[np.bool_] = (tensor.codes == Verdict.UNTESTED) & (tensor.claims == 0) & (tensor.estimates == 0)
    return zero


def _lost(tensor: TensorResult) -> NDArray[np.bool_]:
    lost: NDArray[np.bool_] = (tensor.codes == Verdict.UNTESTED) & ~_zero(tensor)
    return lost


def _missed(evidence: Evidence, tensor: TensorResult) -> Iterator[str]:
    """Apply the mistakes to the claim and yield those that the estimates would not have contradicted."""
    if tensor.verdict is Verdict.UNTESTED:
        why = "it is lost in the rounding of the function" if tensor.claims.any() else "it is zero"
        yield f"errors proportional to the gradient are invisible here: {why}"
        return
    if tensor.places and _elsewhere(tensor).all():
        return
    claim = evidence.claim
    unknown = "the gradient is not known well enough"
    here = _without(evidence, tensor, _elsewhere(tensor)) if tensor.places else evidence
    for mistake, factor in (("a wrong sign", -1), ("a factor 2", 2), ("a forgotten mean", _batch(evidence))):
        if here.unseen(factor * claim):
            yield f"{mistake} would have been missed: {unknown}"
            break
    else:
        yield from _moved(evidence, claim)
    yield from _left_out(evidence, tensor)
    yield from _zeroed(evidence, claim)


def _batch(evidence: Evidence) -> int:
    return next((size.n for size in evidence.context.sizes if size.of is Of.BATCH and size.n > 1), TWO)


def _moved(evidence: Evidence, claim: Floats) -> Iterator[str]:
    """Yield the mistakes that put entries into wrong places."""
    if claim.ndim == MATRIX and claim.shape[0] == claim.shape[1] > 1 and evidence.unseen(claim.T):
        yield "a transposed gradient would have been missed: it is symmetric"
    if claim.ndim and claim.shape[0] > 1 and evidence.unseen(np.roll(claim, 1, 0)):
        yield "rows shifted by one would have been missed: they are all alike"


def _left_out(evidence: Evidence, tensor: TensorResult) -> Iterator[str]:
    """Yield the mistakes that leave something out which is nothing here."""
    if tensor.kind == "weight" and evidence.value is not None and evidence.value.size and not evidence.value.any():
        yield "weight decay forgotten or doubled would have been missed: the weights are all zero"
    untested = tensor.counts[Verdict.UNTESTED] > 0
    for which, what in ((_zero(tensor), ZERO), (_lost(tensor), LOST)) if untested else ():
        if which.any():
            yield f"{np.count_nonzero(which)} of {tensor.checked} entries {what} and were not tested"


def _zeroed(evidence: Evidence, claim: Floats) -> Iterator[str]:
    """Yield the rows that might as well be zero, though they claim not to be."""
    if claim.ndim < MATRIX or claim.shape[0] < SEVERAL or evidence.unseen(np.broadcast_to(0.0, claim.shape)):
        return
    largest = max(float(np.nanmax(evidence.estimate, initial=0.0)), -float(np.nanmin(evidence.estimate, initial=0.0)))
    some = max(1, BLOCK * len(claim) // claim.size)
    parts = [slice(first, first + some) for first in range(0, len(claim), some)]
    rows = np.flatnonzero(np.concatenate([_lost_rows(evidence, claim, part, largest) for part in parts]))
    if rows.size:
        some_rows = ", ".join(map(str, rows[:ROWS_NAMED])) + (", ..." if rows.size > ROWS_NAMED else "")
        yield f"a zeroed row would have been missed: too little is known of row {some_rows}"


def _lost_rows(evidence: Evidence, claim: Floats, part: slice, largest: float) -> NDArray[np.bool_]:
    """Return which of some rows claim something, though of none of their entries it is known that it is not zero."""
    claims, estimates, slack = claim[part], evidence.estimate[part], evidence.slack[part]
    still = np.abs(estimates) <= slack + NEGLIGIBLE * largest
    below = (still & (np.abs(claims) <= slack)) | np.isnan(estimates)
    rows = len(claims)
    return np.asarray(np.all(below.reshape(rows, -1), axis=1) & np.any(claims.reshape(rows, -1), axis=1))
