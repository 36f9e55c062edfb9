"""Is a pull on a mean, on a variance or on a norm missing? What is missing is then simple along some axes.

A normalisation's gradient has a term that is the same all along the axes of its mean, and one that is the input, a
factor of its own for each slice, along those of its variance. What is missing is fitted by such terms, slice by slice;
there have to be many more entries than factors.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.evidence import RELATIVE, Case, Floats

SURPLUS = 3  # entries beyond the number of factors that were fitted


def along_axes(case: Case) -> str | None:
    """A missing term that is the same along some axes, or a known array times something that is."""
    if not case.whole or case.claim.size < 2 * SURPLUS or np.count_nonzero(case.wrong) < SURPLUS:
        return None
    for axes in _sets(case.claim.ndim):
        if min(case.claim.shape[a] for a in axes) < 2:
            continue
        if _fits(case, [np.ones_like(case.claim)], axes):
            return _same(case, axes)
        for name, shape in _shapes(case):
            for terms, words in _pulls(name, shape, axes):
                if _fits(case, terms, axes):
                    return f"what is missing is, {_along(axes, 'along')}, {words}"
    return None


def _pulls(name: str, shape: Floats, axes: tuple[int, ...]) -> Iterator[tuple[list[Floats], str]]:
    """Yield what a norm, a variance, or a mean and a variance pull with."""
    over = _along(axes)
    sum_over = f"a sum {over} times {name} is left out, as of a norm, a normalisation or a softmax"
    yield [shape], f"{name} times a constant: {sum_over}"
    c = shape - shape.mean(axes, keepdims=True)
    yield [c], f"{name}, less its mean, times a constant: the pull on a variance {over} is left out"
    both = f"the pulls on a mean and on a variance {over} are left out, as if they were constants"
    yield [np.ones_like(shape), shape], f"a constant and {name} times a constant: {both}"


def cotangent_alone(case: Case) -> str | None:
    """What came from above, times a factor for each slice: all that other outputs ask is missing."""
    c = case.context.cotangent
    if c is None or c.shape != case.claim.shape or not case.whole or case.claim.ndim < 2:
        return None
    for axes in _sets(c.ndim):
        if len(axes) < c.ndim and _explains(case, case.claim, [c], axes, factor=0.0):
            rest = [a for a in range(c.ndim) if a not in axes]
            each, shared = ", ".join(map(str, rest)), ", ".join(map(str, axes))
            return (
                f"what came from above, times a factor for each slice along axis {each}: the pulls on what all entries "
                f"along axis {shared} share, such as a mean or a variance, are left out, as if they were constants"
            )
    return None


def _sets(ndim: int) -> Iterator[tuple[int, ...]]:
    for count in range(ndim, 0, -1):
        yield from itertools.combinations(range(ndim), count)


def _along(axes: tuple[int, ...], how: str = "over") -> str:
    name = f"axis {axes[0]}" if len(axes) == 1 else f"axes {' and '.join(map(str, axes))}"
    return f"{how} {name}"


def _shapes(case: Case) -> Iterator[tuple[str, Floats]]:
    output = case.context.output
    if output is not None and output.shape == case.claim.shape:
        yield "the output", output.astype(np.float64)
    if case.value is not None and case.kind == "input":
        yield "the input", case.value


def _same(case: Case, axes: tuple[int, ...]) -> str:
    """Say of a term that is the same all along some axes whether it is left out, or should not be there."""
    size = RELATIVE * float(np.max(np.abs(case.claim)))
    claimed, measured = (float(np.max(np.abs(a.mean(axes)))) for a in (case.claim, case.estimate))
    all_along = f"what is missing is the same all {_along(axes, 'along')}: a mean or a sum {_along(axes)} is "
    return all_along + ("taken off that should not be" if claimed <= size < measured else "left out")


def _fits(case: Case, terms: list[Floats], axes: tuple[int, ...]) -> bool:
    return _explains(case, case.missing, terms, axes, factor=None)


def _explains(case: Case, what: Floats, terms: list[Floats], axes: tuple[int, ...], factor: float | None) -> bool:
    """Fit terms to something, slice by slice, and return whether the claim is explained by it."""
    rest = tuple(a for a in range(what.ndim) if a not in axes)
    n = int(np.prod([what.shape[a] for a in axes]))

    def lines(a: Floats) -> Floats:
        return np.broadcast_to(a, what.shape).transpose(*rest, *axes).reshape(-1, n)

    if n <= len(terms) or what.size - lines(what).shape[0] * len(terms) < SURPLUS:
        return False
    A, d = np.stack([lines(t) for t in terms], axis=-1), lines(what)
    if np.count_nonzero(np.abs(d).max(axis=1) > RELATIVE * np.abs(d).max()) * (n - len(terms)) < SURPLUS:
        return False
    fit = np.stack([a @ np.linalg.lstsq(a, b, rcond=1e-12)[0] for a, b in zip(A, d, strict=True)])
    shape = [what.shape[a] for a in (*rest, *axes)]
    back = fit.reshape(shape).transpose(*np.argsort((*rest, *axes)))
    prediction = case.estimate - back if factor is None else back
    return case.explained(prediction, 1.0 if factor is None else factor, least=SURPLUS)
