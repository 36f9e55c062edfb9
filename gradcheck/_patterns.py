"""What does a wrong tensor look like? Patterns that either recognise a mistake or say nothing.

Each is a function of one wrong tensor that recognises its mistake to within the measured uncertainty, or returns
None; nothing is guessed. The most specific stand first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._report import TensorResult, Verdict

Floats = NDArray[np.float64]

RELATIVE = 1e-6  # what two gradients that follow a pattern may differ by, beside the uncertainty


@dataclass(frozen=True)
class Context:
    """What is known beside the results: where the gradient was taken, and numbers that factors may equal."""

    values: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Case:
    """One wrong tensor: claims, estimates and uncertainties in its shape, nan where nothing was measured."""

    name: str
    kind: str
    claim: Floats
    estimate: Floats
    slack: Floats
    wrong: NDArray[np.bool_]
    value: NDArray[Any] | None
    sizes: Mapping[str, int]
    dtype: str

    @classmethod
    def of(cls, tensor: TensorResult, context: Context) -> Case:
        """Spread the columns of a tensor over its shape."""

        def spread(column: Floats) -> Floats:
            full = np.full(tensor.size, np.nan)
            full[tensor.flat] = column
            return full.reshape(tensor.shape)

        claim, estimate = spread(tensor.claims), spread(tensor.estimates)
        wrong = spread((tensor.codes == Verdict.WRONG).astype(float)) == 1
        slack = 2 * spread(tensor.uncertainties) + RELATIVE * np.fmax(np.abs(claim), np.abs(estimate))
        value = context.values.get(tensor.name)
        return cls(
            tensor.name,
            tensor.kind,
            claim,
            estimate,
            slack,
            wrong,
            value,
            {**context.sizes, **_widths(tensor)},
            tensor.dtype,
        )

    @property
    def whole(self) -> bool:
        """Whether every entry was measured."""
        return not np.isnan(self.estimate).any()

    def explained(self, prediction: Floats, factor: float = 1.0) -> bool:
        """Return whether the claim is what a mistake would have made of the estimate, in every entry."""
        known = ~np.isnan(prediction) & ~np.isnan(self.claim)
        off = np.abs(self.claim - prediction)[known]
        size = float(np.max(np.abs(prediction[known]), initial=0.0))
        slack = max(abs(factor), 1.0) * self.slack[known] + 1e-9 * size
        return bool(known.any()) and bool((off <= slack).all())


def _widths(tensor: TensorResult) -> dict[str, int]:
    return {f"a width of {tensor.name}": n for n in tensor.shape if n > 2}


def not_finite(case: Case) -> str | None:
    """Nan or inf among the claims."""
    bad = ~np.isfinite(case.claim) & case.wrong
    if not bad.any():
        return None
    count = f"{np.count_nonzero(bad)} of {bad.size} claims are not finite"
    return f"{count} although the function is: a 0/0 or an overflow in the backward"


def zero(case: Case) -> str | None:
    """A claim of zero where the function moves."""
    if (case.claim[case.wrong] != 0).any():
        return None
    if (case.claim[~np.isnan(case.claim)] == 0).all():
        return "claimed zero throughout although the function moves: not computed, or cut off on the way"
    return f"zero {_where(case)}: a part that is skipped, or masked by mistake"


def factor(case: Case) -> str | None:
    """One constant factor between claim and estimate."""
    ratio = _ratio(case, ~np.isnan(case.estimate))
    if ratio is None:
        return None
    return f"every entry is {_number(ratio)} the measured value: {_meaning(ratio, case.sizes)}"


def factor_in_part(case: Case) -> str | None:
    """One constant factor in the wrong entries alone."""
    ratio = _ratio(case, case.wrong)
    if ratio is None or np.count_nonzero(case.wrong) < 2:
        return None
    return f"the wrong entries ({_where(case)}) are {_number(ratio)} the measured value: {_meaning(ratio, case.sizes)}"


def decay(case: Case) -> str | None:
    """A term proportional to the weight itself: weight decay."""
    if case.value is None or case.kind == "input" or np.count_nonzero(case.wrong) < 2:
        return None
    weight = np.asarray(case.value, dtype=np.float64)
    known = ~np.isnan(case.estimate)
    scale = float(np.sum(weight[known] ** 2))
    if scale == 0:
        return None
    rate = float(np.sum(((case.claim - case.estimate) * weight)[known])) / scale
    if not np.isfinite(rate) or not case.explained(case.estimate + rate * weight):
        return None
    if rate < 0:
        return f"what is missing is {-rate:.6g} times the weight itself: weight decay forgotten in the gradient"
    return f"what is too much is {rate:.6g} times the weight itself: weight decay that the cost does not have, or twice"


def permuted(case: Case) -> str | None:
    """The right numbers in the wrong places: transposed, flipped, shifted."""
    if not case.whole or case.estimate.size < 2:
        return None
    for sentence, prediction in _arrangements(case.estimate):
        if case.explained(prediction):
            return sentence
    return None


def _arrangements(right: Floats) -> Iterator[tuple[str, Floats]]:
    axes = range(right.ndim)
    for order in itertools.permutations(axes):
        turned = right.transpose(order)
        if order == tuple(axes):
            continue
        if turned.shape == right.shape:
            yield (f"the transpose of the measured gradient (axes {order})", turned)
        yield (
            f"the entries of the transpose, axes {order}, reshaped back: a reshape where a transpose is meant",
            turned.reshape(right.shape),
        )
    for axis in axes:
        for shift in (1, -1):
            rolled = np.roll(right, shift, axis)
            yield (f"the measured gradient shifted by {shift} along axis {axis}: an index off by one", rolled)
            edge = rolled.copy()
            edge[(slice(None),) * axis + (slice(0, 1) if shift > 0 else slice(-1, None),)] = 0
            yield (
                f"the measured gradient shifted by {shift} along axis {axis}, zero at the edge: an index off by one",
                edge,
            )
    for count in range(1, right.ndim + 1):
        for flipped in itertools.combinations(axes, count):
            name = ", ".join(map(str, flipped))
            yield (
                f"the measured gradient flipped along axis {name}: a kernel or a sequence the wrong way round",
                np.flip(right, flipped),
            )


def float32(case: Case) -> str | None:
    """Errors of the size of single precision in a claim of double precision."""
    off = np.abs(case.claim - case.estimate)[case.wrong]
    size = float(np.nanmax(np.abs(case.estimate)))
    claims = case.claim[~np.isnan(case.claim)]
    single = bool((claims == claims.astype(np.float32)).all())
    if size > 0 and float(off.max()) <= 3e-5 * size and (single or float(off.max()) <= 2e-6 * size):
        cast = "its values are exact float32 numbers" if single else "the errors have the size of its rounding"
        return f"float32 in the middle of a float64 gradient: {cast}"
    return None


def located(case: Case) -> str | None:
    """Only some entries are wrong: one, a row, a column, a block."""
    where = _where(case)
    right = np.count_nonzero(~case.wrong & ~np.isnan(case.estimate))
    if not right or not where:
        return None
    return f"wrong {where}; the other {right} agree"


PATTERNS: tuple[Callable[[Case], str | None], ...] = (
    not_finite,
    zero,
    factor,
    permuted,
    decay,
    float32,
    factor_in_part,
    located,
)


def _ratio(case: Case, part: NDArray[np.bool_]) -> float | None:
    """Return the factor between claim and estimate over a part of the entries, None if there is not one."""
    c, e = case.claim[part], case.estimate[part]
    if not np.isfinite(c).all() or not len(e) or not float(np.sum(e * e)) > 0:
        return None
    ratio = float(np.sum(c * e) / np.sum(e * e))
    if abs(ratio) < 1e-9:
        return None
    prediction = np.where(part, ratio * case.estimate, np.nan)
    return ratio if case.explained(prediction, ratio) else None


def _number(ratio: float) -> str:
    if abs(ratio + 1) < RELATIVE:
        return "minus"
    if abs(ratio - 2) < RELATIVE:
        return "exactly twice"
    if abs(ratio - 0.5) < RELATIVE:
        return "exactly half"
    rounded = round(ratio)
    return f"{rounded} times" if rounded and abs(ratio / rounded - 1) < RELATIVE else f"{ratio:.6g} times"


def _meaning(ratio: float, sizes: Mapping[str, int]) -> str:
    """Return what a factor usually comes from."""
    simple = {
        -1.0: "the sign is wrong",
        2.0: "a term counted twice, or the 2 of a square too many",
        0.5: "the 2 of a square is forgotten, or half of the uses",
    }
    for value, sentence in simple.items():
        if abs(ratio / value - 1) < RELATIVE:
            return sentence
    for sign, prefix in ((1, ""), (-1, "wrong sign, and ")):
        for name, n in sizes.items():
            batch = "batch" in name
            if n > 1 and abs(sign * ratio / n - 1) < RELATIVE:
                return f"{prefix}{n} is {name}: " + (
                    "a sum where the mean over the batch is meant" if batch else "a sum where a mean is meant"
                )
            if n > 1 and abs(sign * ratio * n - 1) < RELATIVE:
                return f"{prefix}1/{n} with {n} {name}: " + (
                    "the mean over the batch taken twice" if batch else "a mean taken once too often"
                )
    return "a constant factor wrong or forgotten"


def _where(case: Case) -> str:
    """Return where the wrong entries are: at an entry, in a row, a column, a slice or a block; '' if anywhere."""
    index = np.argwhere(case.wrong)
    if len(index) == 1:
        return f"in one entry, [{','.join(map(str, index[0]))}]"
    for axis in range(case.wrong.ndim):
        values = np.unique(index[:, axis])
        if len(values) == 1 and case.wrong.ndim > 1:
            name = {0: "row", 1: "column"}.get(axis, "slice") if case.wrong.ndim == 2 else f"slice of axis {axis},"
            return f"in {name} {values[0]} alone"
    low, high = index.min(axis=0), index.max(axis=0) + 1
    box = ",".join(f"{a}:{b}" for a, b in zip(low, high, strict=True))
    if np.prod(high - low) < case.wrong.size and np.prod(high - low) == len(index):
        return f"in the block [{box}] alone"
    return ""
