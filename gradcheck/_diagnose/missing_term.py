"""Which term is missing or too much? Weight decay, a mean over an axis, one example of the batch, a constant."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import NEGLIGIBLE, PATTERN, parallel
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, SEVERAL, Evidence, Floats, rows
from gradcheck._diagnose.hidden_layer import hidden

SLACKS = 10  # the norm of the uncertainties, times this: a singular value of what they add is less
OF_NORM = 1e-8  # of the norm of the gradient: a singular value that its rounding may have
STANDS_ABOVE = 100  # times those: a singular value of something that is missing
SECOND = 1e-4  # of the first singular value: the second of a matrix that is clearly not of rank one


def decay(evidence: Evidence) -> Cause | None:
    """A term proportional to the weight itself, or to its sign: weight decay."""
    if evidence.value is None or evidence.kind == "input" or np.count_nonzero(evidence.wrong) < SEVERAL:
        return None
    for weight, words in ((evidence.value, "the weight itself"), (np.sign(evidence.value), "the sign of the weight")):
        rate = _rate(evidence, weight)
        if rate is None:
            continue
        if rate < 0:
            return Cause(
                Slip.DECAY,
                evidence.name,
                f"what is missing is {-rate:.6g} times {words}: weight decay forgotten, entirely or in part",
            )
        return Cause(
            Slip.DECAY,
            evidence.name,
            f"the excess is {rate:.6g} times {words}: weight decay that the cost does not have, or too much of it",
        )
    return None


def _rate(evidence: Evidence, weight: Floats) -> float | None:
    known = evidence.known
    scale = float(np.sum(weight[known] ** 2))
    if scale == 0 or not evidence.estimate[known].any():
        return None  # a cost that stands still has no slope beside that of a decay
    if np.ptp(weight[known]) <= PATTERN * float(np.max(np.abs(weight[known]))):
        return None  # a constant weight makes a constant term
    if evidence.multiple(weight):
        return None  # a factor is a plainer thing to be wrong
    rate = float(np.sum((-evidence.missing * weight)[known])) / scale
    if not np.isfinite(rate) or not evidence.explained(evidence.estimate + rate * weight, least=ENOUGH, fitted=1):
        return None
    return rate


def truth(evidence: Evidence) -> Cause | None:
    """A term that is one of the arrays that the function sees: a target, or labels as rows of zeros and a one."""
    for name, array, words in _known_terms(evidence):
        known = evidence.known
        scale = float(np.sum(array[known] ** 2))
        if min(np.count_nonzero(array[known]), np.count_nonzero(evidence.wrong)) < ENOUGH or np.ptp(
            array[known]
        ) <= PATTERN * np.max(np.abs(array[known])):
            continue
        rate = float(np.sum((evidence.missing * array)[known])) / scale
        if evidence.multiple(array):
            continue  # such as a buffer that the gradient is written to
        if np.isfinite(rate) and rate and evidence.explained(evidence.estimate - rate * array, least=ENOUGH, fitted=1):
            return Cause(
                Slip.TRUTH,
                evidence.name,
                f"what is missing is {rate:.6g} times {name}{words}: a term, such as the truth, that is left out, or "
                "has a wrong factor",
            )
    return None


def _known_terms(evidence: Evidence) -> Iterator[tuple[str, Floats, str]]:
    shape = evidence.claim.shape
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        if array.shape == shape and name != evidence.name and array.dtype.kind in "fiub":
            yield name, array.astype(np.float64), ""
        elif len(shape) > 1 and array.shape == shape[:-1] and array.dtype.kind in "iu":
            yield name, np.equal.outer(array, np.arange(shape[-1])).astype(np.float64), " as one-hot rows"


def constant(evidence: Evidence) -> Cause | None:
    """The same amount in every entry."""
    if not evidence.whole or evidence.claim.size < ENOUGH:
        return None
    amount = float(np.mean(-evidence.missing))
    if abs(amount) <= PATTERN * float(np.max(np.abs(evidence.estimate))):
        return None  # rounding errors have a mean as well
    if not evidence.explained(evidence.estimate + amount, least=ENOUGH, fitted=1):
        return None
    either = f"a constant term, or one of {evidence.name}, whose entries are alike,"
    which = either if evidence.of_one_number else "a constant term"
    return Cause(
        Slip.CONSTANT,
        evidence.name,
        f"every entry is {abs(amount):.6g} too {'large' if amount > 0 else 'small'}: {which} is wrong",
    )


def averaged(evidence: Evidence) -> Cause | None:
    """The sum or the mean over some axes, in the place of each entry."""
    if not evidence.whole:
        return None
    for count in range(1, evidence.claim.ndim + 1):
        for axes in itertools.combinations(
            (a for a in range(evidence.claim.ndim) if evidence.claim.shape[a] > 1), count
        ):
            n = int(np.prod([evidence.claim.shape[a] for a in axes]))
            total = evidence.estimate.sum(axes, keepdims=True)
            over = f"axis {axes[0]}" if count == 1 else f"axes {' and '.join(map(str, axes))}"
            for how, reduced in (("sum", total), ("mean", total / n)):
                if evidence.explained(np.broadcast_to(reduced, evidence.claim.shape), n, least=SEVERAL):
                    return Cause(
                        Slip.AVERAGED,
                        evidence.name,
                        f"the {how} over {over} of the measured gradient, repeated: a {how} that does not belong",
                    )
    return None


def single_example(evidence: Evidence) -> Cause | None:
    """A gradient of rank one where the right one has more: of one example alone, or of none that is known."""
    left = _of_rank_one(evidence)
    if not left or any(_sums(vector, evidence) for vector in left):
        return None
    said = next((words for vector in left if (words := _examples(vector, evidence))), "")
    if not said and min(np.count_nonzero(np.abs(vector) > PATTERN) for vector in left) < ENOUGH:
        return None
    unnamed = "of rank one, like that of a single example or a product of means, where the measured gradient is a sum"
    return Cause(Slip.SINGLE_EXAMPLE, evidence.name, said or unnamed)


def product_of_sums(evidence: Evidence) -> Cause | None:
    """The same, in the direction of the sum of all examples; where all pull alike, so is what lacks a slope."""
    said = next((words for vector in _of_rank_one(evidence) if (words := _sums(vector, evidence))), "")
    return hidden(evidence) or Cause(Slip.SINGLE_EXAMPLE, evidence.name, said) if said else None


def _of_rank_one(evidence: Evidence) -> tuple[Floats, ...]:
    """Return the directions of a claim of rank one, where the measured gradient has more."""
    if evidence.kind == "input" or _direction(evidence, evidence.estimate, np.inf) is None:
        return ()  # the rows of an input are the examples themselves
    return _direction(evidence, evidence.claim, NEGLIGIBLE) or ()


def _sums(vector: Floats, evidence: Evidence) -> str:
    """Say that a vector has the direction of the sum of all examples; nothing if it has that of one."""
    for name, X in evidence.matrices(columns=len(vector)):
        if _row(vector, X) is None and parallel(vector, X.sum(axis=0)):
            return f"{name} summed or averaged before the product: a product of means where a mean of products is"
    return ""


def _examples(vector: Floats, evidence: Evidence) -> str:
    """Say of which example a vector has the direction."""
    for name, X in evidence.matrices(columns=len(vector)):
        row = _row(vector, X)
        if row is not None:
            which = {0: "the first example", len(X) - 1: "the last example"}.get(row, f"example {row}")
            index = -1 if row == len(X) - 1 else row
            return (
                f"the gradient of {which}, {name}[{index}], alone: the sum over the batch is missing, "
                f"only {which} counts"
            )
    return ""


def example_missing(evidence: Evidence) -> Cause | None:
    """What is missing is of rank one, in the direction of one example, and not by way of one output alone."""
    if not evidence.whole or evidence.claim.ndim != MATRIX or _direction(evidence, evidence.estimate, np.inf) is None:
        return None
    tolerance = SLACKS * float(np.linalg.norm(evidence.slack)) + OF_NORM * float(np.linalg.norm(evidence.estimate))
    u, s, vt = np.linalg.svd(evidence.missing, full_matrices=False)
    if len(s) < SEVERAL or s[0] <= STANDS_ABOVE * tolerance or s[1] > tolerance:
        return None
    left, right = u[:, 0], vt[0]
    for vector, other in ((left, right), (right, left)):
        if np.count_nonzero(np.abs(other) > PATTERN) < SEVERAL:
            continue
        for name, X in evidence.matrices(columns=len(vector)):
            row = _row(vector, X, tolerance / s[0])
            if row is not None and len(vector) >= ENOUGH:
                index = -1 if row == len(X) - 1 else row
                return Cause(
                    Slip.EXAMPLE_MISSING,
                    evidence.name,
                    f"what is missing is one example, {name}[{index}]: it is skipped, or counted more than once",
                )
    return None


def _direction(evidence: Evidence, matrix: Floats, limit: float) -> tuple[Floats, Floats] | None:
    """Return the two vectors of a matrix of rank one; with no limit, of one that is clearly of higher rank."""
    if matrix.ndim != MATRIX or min(matrix.shape) < SEVERAL or not evidence.whole:
        return None
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    if np.isinf(limit):
        return (u[:, 0], vt[0]) if s[1] > SECOND * s[0] + SLACKS * np.linalg.norm(evidence.slack) else None
    return (u[:, 0], vt[0]) if s[0] > 0 and s[1] < limit * s[0] else None


def _row(vector: Floats, X: Floats, tolerance: float = NEGLIGIBLE) -> int | None:
    """Return which row of a matrix is parallel to a vector, None if none is, or several."""
    found = [k for k, row in enumerate(X) if parallel(vector, row, tolerance)]
    return found[0] if len(found) == 1 else None


def repeated_index(evidence: Evidence) -> Cause | None:
    """Rows that an index names several times are wrong, those that it names once are right."""
    if evidence.claim.ndim < 1:
        return None
    wrong, moved = rows(evidence.wrong), rows(evidence.known & ~evidence.still)
    for name, index in evidence.context.data.items():
        if index.dtype.kind not in "iu" or not index.size or index.min() < 0 or index.max() >= len(wrong):
            continue
        uses = np.bincount(index.ravel(), minlength=len(wrong))
        if np.count_nonzero(moved & (uses == 1)) > 1 and wrong.any() and np.array_equal(wrong, moved & (uses > 1)):
            return Cause(
                Slip.REPEATED_INDEX,
                evidence.name,
                f"wrong in the rows that {name} names more than once: only one use counts (np.add.at adds them all)",
            )
    return None
