"""Is the term through a mean, a variance or a norm missing? What is missing is then simple along some axes.

A normalisation's gradient has a term that is the same all along the axes of its mean, and one that is the input, a
factor of its own for each slice, along those of its variance. What is missing is fitted by such terms, slice by slice;
there have to be many more entries than factors.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import MATRIX, SEVERAL, SINGULAR, Evidence, Floats

LEFT_OUT = "is left out, or has a wrong factor"
SURPLUS = 3  # entries beyond the number of factors that were fitted


def along_axes(evidence: Evidence) -> Cause | None:
    """A missing term that is the same along some axes, or a known array times something that is."""
    if not evidence.whole or evidence.claim.size < SEVERAL * SURPLUS or np.count_nonzero(evidence.wrong) < SURPLUS:
        return None
    for axes in _sets(evidence.claim.ndim):
        if min(evidence.claim.shape[a] for a in axes) < SEVERAL:
            continue
        if _fits(evidence, [np.ones_like(evidence.claim)], axes):
            return Cause(Slip.SAME_ALONG_AXES, evidence.name, _same(evidence, axes))
        for name, shape in _shapes(evidence):
            for terms, words in _pulls(name, shape, axes):
                if _fits(evidence, terms, axes):
                    return Cause(
                        Slip.SAME_ALONG_AXES, evidence.name, f"what is missing {_along(axes, 'along')} is {words}"
                    )
    return None


def _pulls(name: str, shape: Floats, axes: tuple[int, ...]) -> Iterator[tuple[list[Floats], str]]:
    """Yield what a norm, a variance, or a mean and a variance pull with."""
    over = _along(axes)
    sum_over = f"a sum {over} times {name} {LEFT_OUT}, as in the derivative of a norm, a normalisation or a softmax"
    yield [shape], f"{name} times a constant: {sum_over}"
    c = shape - shape.mean(axes, keepdims=True)
    yield [c], f"{name}, less its mean, times a constant: the gradient through a variance {over} {LEFT_OUT}"
    both = f"the gradients through a mean and a variance {over} are left out, as if they were constants"
    yield [np.ones_like(shape), shape], f"a constant and {name} times a constant: {both}"


def cotangent_alone(evidence: Evidence) -> Cause | None:
    """What came from above, times a factor for each slice: all that other outputs ask is missing."""
    c = evidence.context.cotangent
    if c is None or c.shape != evidence.claim.shape or not evidence.whole or evidence.claim.ndim < MATRIX:
        return None
    for axes in _sets(c.ndim):
        if len(axes) < c.ndim and _explains(evidence, evidence.claim, [c], axes, factor=0.0):
            rest = [a for a in range(c.ndim) if a not in axes]
            each, shared = ", ".join(map(str, rest)), ", ".join(map(str, axes))
            return Cause(
                Slip.COTANGENT_ALONE,
                evidence.name,
                f"the cotangent, times a factor for each slice along axis {each}: the gradients through what all "
                f"entries along axis {shared} share, such as a mean or a variance, are left out, "
                "as if they were constants",
            )
    return None


def _sets(ndim: int) -> Iterator[tuple[int, ...]]:
    for count in range(ndim, 0, -1):
        yield from itertools.combinations(range(ndim), count)


def _along(axes: tuple[int, ...], how: str = "over") -> str:
    name = f"axis {axes[0]}" if len(axes) == 1 else f"axes {' and '.join(map(str, axes))}"
    return f"{how} {name}"


def _shapes(evidence: Evidence) -> Iterator[tuple[str, Floats]]:
    output = evidence.context.output
    if output is not None and output.shape == evidence.claim.shape:
        yield "the output", output.astype(np.float64)
    if evidence.value is not None and evidence.kind == "input":
        yield "the input", evidence.value


def _same(evidence: Evidence, axes: tuple[int, ...]) -> str:
    """Say of a term that is the same all along some axes whether it is left out, or should not be there."""
    size = PATTERN * float(np.max(np.abs(evidence.claim)))
    claimed, measured = (float(np.max(np.abs(a.mean(axes)))) for a in (evidence.claim, evidence.estimate))
    all_along = f"what is missing is the same all {_along(axes, 'along')}: a mean or a sum {_along(axes)} is "
    return all_along + ("subtracted that should not be" if claimed <= size < measured else "left out")


def _fits(evidence: Evidence, terms: list[Floats], axes: tuple[int, ...]) -> bool:
    return _explains(evidence, evidence.missing, terms, axes, factor=None)


def _explains(
    evidence: Evidence, what: Floats, terms: list[Floats], axes: tuple[int, ...], factor: float | None
) -> bool:
    """Fit terms to something, slice by slice, and return whether the claim is explained by it."""
    rest = tuple(a for a in range(what.ndim) if a not in axes)
    n = int(np.prod([what.shape[a] for a in axes]))

    def lines(a: Floats) -> Floats:
        return np.broadcast_to(a, what.shape).transpose(*rest, *axes).reshape(-1, n)

    if n <= len(terms) or what.size - lines(what).shape[0] * len(terms) < SURPLUS:
        return False
    A, d = np.stack([lines(t) for t in terms], axis=-1), lines(what)
    if np.count_nonzero(np.abs(d).max(axis=1) > PATTERN * np.abs(d).max()) * (n - len(terms)) < SURPLUS:
        return False
    fit = np.stack([a @ np.linalg.lstsq(a, b, rcond=SINGULAR)[0] for a, b in zip(A, d, strict=True)])
    shape = [what.shape[a] for a in (*rest, *axes)]
    back = fit.reshape(shape).transpose(*np.argsort((*rest, *axes)))
    prediction = evidence.estimate - back if factor is None else back
    fitted = lines(what).shape[0] * len(terms)
    return evidence.explained(prediction, 1.0 if factor is None else factor, least=SURPLUS, fitted=fitted)
