"""What did the backward do with the cotangent? Patterns that know the cotangent, the output and the inputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, SEVERAL, Evidence, Floats, rows

SOFTMAX = (
    "the diagonal of the Jacobian alone, y (1 - y): the terms -y_i y_j of a softmax, from each output to the other "
    "inputs, are missing"
)


def handed_on(evidence: Evidence) -> Cause | None:
    """The cotangent itself, or what a softmax makes of it except for its sum, in the place of a derivative."""
    c, y = evidence.context.cotangent, evidence.context.output
    if c is None or c.shape != evidence.claim.shape or evidence.claim.size < SEVERAL:
        return None
    if evidence.explained(c, 0, least=SEVERAL):
        return Cause(
            Slip.HANDED_ON,
            evidence.name,
            "the cotangent passed on unchanged: the derivative of the function is missing",
        )
    if y is not None and _is_softmax(y) and np.count_nonzero(c * y) >= ENOUGH:
        for sentence, taken in (
            (SOFTMAX, y * (1 - y)),
            ("the cotangent times y: the sum over the outputs that a softmax takes off is missing", y),
        ):
            if evidence.explained(c * taken, 0, least=ENOUGH):
                return Cause(Slip.HANDED_ON, evidence.name, sentence)
    return None


def times_cotangent(evidence: Evidence) -> Cause | None:
    """A multiple of the cotangent, in the place of a derivative."""
    c = evidence.context.cotangent
    if c is None or c.shape != evidence.claim.shape or not evidence.whole or not c.any():
        return None
    times = float(np.sum(evidence.claim * c)) / float(np.sum(c * c))
    if not times or not evidence.explained(times * c, 0, least=ENOUGH, fitted=1):
        return None
    said = f"{times:.6g} times the cotangent: the derivative of the function is missing, or is taken for a constant"
    return Cause(Slip.HANDED_ON, evidence.name, said)


def of_output(evidence: Evidence) -> Cause | None:
    """The cotangent times something of the output, for whatever reason."""
    c, y = evidence.context.cotangent, evidence.context.output
    if c is None or y is None or c.shape != evidence.claim.shape or np.count_nonzero(c * y) < ENOUGH:
        return None
    for words, taken in (
        ("y (1 - y) of the output", y * (1 - y)),
        ("1 - y^2 of the output", 1 - y * y),
        ("the cotangent times the output", y),
        ("the cotangent where the output is positive", (y > 0).astype(np.float64)),
    ):
        if evidence.explained(c * taken, 0, least=ENOUGH):
            return Cause(Slip.OF_OUTPUT, evidence.name, f"{words}, which is not the derivative of this function")
    return None


def _is_softmax(y: Floats) -> bool:
    return bool(y.ndim and np.allclose(y.sum(axis=-1), 1, rtol=0, atol=PATTERN) and (y >= 0).all())


def last_only(evidence: Evidence) -> Cause | None:
    """Zero except for the last, or the first, along axis 0."""
    if evidence.claim.ndim < 1 or len(evidence.claim) < ENOUGH or not evidence.whole:
        return None
    full, moves = rows(evidence.claim != 0), rows(~evidence.still)
    for index, word in ((-1, "last"), (0, "first")):
        if (
            full[index]
            and np.count_nonzero(full) == 1
            and min(ENOUGH, len(full) - 1) <= np.count_nonzero(moves & ~full)  # fewer have a reason of their own
            and not evidence.wrong[index].any()
        ):
            what = "example or step" if evidence.kind in ("input", "parameter") else "row"
            return Cause(
                Slip.LAST_ONLY,
                evidence.name,
                f"zero except for [{index}], the {word} along axis 0: only the {word} {what} is counted",
            )
    return None


def bias(evidence: Evidence) -> Cause | None:
    """The cotangent of one example, or its sum over the wrong axis, in the place of its sum over the batch."""
    c = evidence.context.cotangent
    if c is None or c.ndim < MATRIX or len(c) < SEVERAL or evidence.claim.size < SEVERAL or not evidence.whole:
        return None
    if evidence.claim.shape == c.shape[1:]:
        for index, word in ((-1, "last"), (0, "first")):
            if evidence.explained(c[index], 0, least=SEVERAL):
                return Cause(
                    Slip.BIAS_OF_ONE_EXAMPLE,
                    evidence.name,
                    f"the sum over the batch is missing: only the {word} example's cotangent is taken",
                )
    if c.ndim == MATRIX and evidence.claim.shape == c.shape[:1] and evidence.explained(c.sum(axis=1), 0, least=SEVERAL):
        return Cause(
            Slip.BIAS_OF_ONE_EXAMPLE,
            evidence.name,
            "the cotangent is summed over axis 1 where the sum over the batch, axis 0, is meant",
        )
    return None


def weight(evidence: Evidence) -> Cause | None:
    """The product of the input and the cotangent of one example alone."""
    c = evidence.context.cotangent
    if c is None or c.ndim != MATRIX or len(c) < SEVERAL or evidence.claim.ndim != MATRIX or not evidence.whole:
        return None
    for name, x in evidence.matrices(rows=len(c)):
        for index, word in ((-1, "last"), (0, "first")):
            outer = np.outer(x[index], c[index])
            for product in (outer, outer.T):
                if product.shape == evidence.claim.shape and evidence.explained(product, 0, least=SEVERAL):
                    return Cause(
                        Slip.WEIGHT_OF_ONE_EXAMPLE,
                        evidence.name,
                        f"the sum over the batch is missing: only the {word} example, {name}[{index}], counts",
                    )
    return None


def untransposed(evidence: Evidence) -> Cause | None:
    """The cotangent times a square matrix whose transpose is meant."""
    c = evidence.context.cotangent
    if c is None or c.ndim < 1 or not evidence.whole:
        return None
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        if array.ndim == MATRIX and array.dtype.kind == "f" and min(array.shape) > 1:
            for words, meant, taken in _misread(name, array.astype(np.float64)):
                fits = meant.shape[0] == c.shape[-1] and (*c.shape[:-1], meant.shape[1]) == evidence.claim.shape
                right = fits and evidence.measured(c @ meant)
                if right and evidence.explained(c @ taken, 0, least=SEVERAL):
                    return Cause(Slip.UNTRANSPOSED, evidence.name, f"the cotangent is multiplied by {words} is meant")
    return None


def _misread(name: str, W: Floats) -> Iterator[tuple[str, Floats, Floats]]:
    turned = W.T
    if W.shape == turned.shape:
        yield f"{name} where its transpose", turned, W
        yield f"the transpose of {name} where {name} itself", W, turned
    yield f"{name} reshaped where its transpose", turned, W.reshape(turned.shape)
