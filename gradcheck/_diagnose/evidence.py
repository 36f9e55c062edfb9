"""What is known of one wrong tensor? Claims and estimates in its shape, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._diagnose.acceptance import NEGLIGIBLE, PATTERN, TRIED, UNEXPLAINED, Supposition, parallel
from gradcheck._diagnose.laboratory import Laboratory
from gradcheck._diagnose.size import Size, of_tensors
from gradcheck._results.estimate import Rung
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
Array = NDArray[Any]

SINGULAR = 1e-12  # relative to the largest singular value: below it is rounding, a few thousand times that of float64
UNCERTAINTIES = 2  # that a claim and what it is compared with may be apart: those of both

AGREE = (Verdict.CORRECT, Verdict.KINK)
MATRIX = 2  # axes
SEVERAL = 2  # entries, rows or examples: any pattern holds for a single one
ENOUGH = 3  # entries that follow one free number: it is fitted to one of them, and both others agree
EPS = {"bfloat16": 2.0**-7}  # of the formats that NumPy does not know
COARSEST = 2.0**-2  # of the formats of eight bits

PLENTY = 4  # entries that follow one of many arrays at hand: one more than enough, since many are tried


@dataclass(frozen=True)
class Context:
    """What is known beside the results: where the gradient was taken, what the function sees and returns."""

    values: Mapping[str, Array] = field(default_factory=dict)  # the tensors of the point
    sizes: tuple[Size, ...] = ()  # numbers that factors may equal
    data: Mapping[str, Array] = field(default_factory=dict)  # what the function sees besides
    inputs: tuple[str, ...] = ()  # the names of those values that are inputs
    cotangent: Array | None = None  # in the shape of the output, if there is one
    output: Array | None = None
    earlier: Mapping[str, Array] = field(default_factory=dict)  # claims from another point, right there, by name
    estimates: Mapping[str, Floats] = field(default_factory=dict)  # of all tensors, by name
    claims: Mapping[str, Floats] = field(default_factory=dict)  # likewise
    lab: Laboratory | None = None  # where experiments can be made
    numbers: Mapping[str, float] = field(default_factory=dict)  # plain numbers that a layer holds, by name

    @cached_property
    def measured(self) -> dict[str, Floats]:
        """The estimates of those tensors of which every entry was measured, by name."""
        return {name: estimate for name, estimate in self.estimates.items() if not np.isnan(estimate).any()}

    @cached_property
    def floats(self) -> dict[str, Floats]:
        """The tensors of the point, in double precision, by name."""
        return {name: value.astype(np.float64) for name, value in self.values.items() if value.dtype.kind == "f"}

    @cached_property
    def plain_data(self) -> dict[str, Floats]:
        """What the function sees besides, if it is plain numbers, likewise."""
        return {name: array.astype(np.float64) for name, array in self.data.items() if array.dtype.kind in "fiu"}


@dataclass(frozen=True)
class Evidence:
    """One wrong tensor: claims, estimates and uncertainties in its shape, nan where nothing was measured."""

    name: str
    kind: str
    claim: Floats
    estimate: Floats
    slack: Floats
    wrong: NDArray[np.bool_]
    right: NDArray[np.bool_]  # found to agree, not only measured
    endless: NDArray[np.bool_]  # where the slope is infinite: patterns ignore these
    value: Floats | None
    context: Context
    given: Context  # at the given point, which is another one where all that is wrong was seen elsewhere
    dtype: str = "float64"  # of the claims
    rungs: Mapping[int, tuple[Rung, ...]] = field(default_factory=dict)  # flat index -> its ladder, of those kept

    @classmethod
    def of(cls, tensor: TensorResult, context: Context) -> Evidence:
        """Spread the columns of a tensor over its shape."""
        claim, estimate = (spread(tensor, column) for column in (tensor.claims, tensor.estimates))
        given, context = context, _elsewhere(context) if _wrong_elsewhere(tensor) else context
        value = context.values.get(tensor.name)
        wrong, endless = mask(tensor, tensor.codes == Verdict.WRONG), np.isinf(estimate)
        finite = wrong & ~endless
        return cls(
            name=tensor.name,
            kind=tensor.kind,
            claim=np.where(endless & ~wrong, np.nan, claim) if endless.any() else claim,
            estimate=np.where(endless, np.nan, estimate) if endless.any() else estimate,
            slack=UNCERTAINTIES * spread(tensor, tensor.uncertainties),
            wrong=finite if finite.any() else wrong,
            right=mask(tensor, (tensor.codes == AGREE[0]) | (tensor.codes == AGREE[1])),
            endless=endless,
            value=None if value is None else np.asarray(value, dtype=np.float64),
            context=context,
            given=given,
            dtype=tensor.dtype,
            rungs=tensor.rungs,
        )

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """Numbers that factors may equal, those of this tensor and of the others among them."""
        shapes = {self.name: self.claim.shape, **{name: value.shape for name, value in self.given.values.items()}}
        output = self.given.output
        return self.given.sizes + of_tensors(shapes, () if output is None else output.shape)

    @property
    def eps(self) -> float:
        """The relative rounding of a claim, whatever the order of its bytes."""
        try:
            return float(np.finfo(np.dtype(self.dtype)).eps)
        except (TypeError, ValueError):
            return EPS.get(self.dtype, COARSEST)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which entries were measured."""
        return ~np.isnan(self.estimate)

    @cached_property
    def clearest(self) -> list[int]:
        """A few wrong entries, flat, with the largest slopes and claims: a pattern must hold there."""
        size = np.where(self.wrong & self.known, np.abs(self.estimate) + np.abs(self.claim), np.nan).ravel()
        order = np.argsort(np.where(np.isfinite(size), size, -1.0), kind="stable")[::-1][:ENOUGH]
        return [int(k) for k in order if np.isfinite(size[k])]

    @property
    def whole(self) -> bool:
        """Whether every entry was measured, and claimed to be a number."""
        return bool(self.known.all() and np.isfinite(self.claim).all())

    @property
    def still(self) -> NDArray[np.bool_]:
        """Where the function does not move, compared with the largest slope, or with a wrong claim."""
        largest = float(np.nanmax(np.abs(self.estimate), initial=0.0))
        beside = np.where(self.wrong & np.isfinite(self.claim), np.minimum(np.abs(self.claim), largest), largest)
        return np.abs(self.estimate) <= self.slack + NEGLIGIBLE * beside

    @cached_property
    def of_one_number(self) -> bool:
        """Whether all entries, several, are one number."""
        return self.value is not None and self.value.size > 1 and not np.ptp(self.value)

    @cached_property
    def alike(self) -> bool:
        """Whether all entries are one number, and all slopes another: any mistake is a factor there, or an amount."""
        if not self.of_one_number:
            return False
        slopes = self.estimate[self.known]
        return bool(np.ptp(slopes) <= PATTERN * np.max(np.abs(slopes))) if slopes.size > 1 else False

    @property
    def missing(self) -> Floats:
        """What has to be added to the claim to correct it."""
        return self.estimate - self.claim

    def explained(
        self,
        prediction: Floats,
        factor: float | Floats = 1.0,
        least: int = 1,
        *,
        fitted: int = 0,
        tried: int = TRIED,
    ) -> bool:
        """Return whether the claim is what a mistake would have made of the estimate, in every measured entry.

        `factor` is what that mistake multiplied estimates by: their uncertainty grows with it. It is 0 for a
        prediction that does not depend on them. `fitted`: how many numbers of the prediction were fitted. `tried`: how
        many such predictions are looked at.
        """
        if self._denied(prediction) or (fitted and self.alike):
            return False
        compared = self._compared(prediction, factor)
        return len(compared.claim) >= least and compared.accepted(fitted, tried)

    def _denied(self, prediction: Floats) -> bool:
        """Return whether a prediction leaves more of what is wrong than any may, in a few entries that show it best."""
        for k in self.clearest:
            claim, slope = float(self.claim.flat[k]), float(self.estimate.flat[k])
            if abs(claim - float(prediction.flat[k])) > abs(slope - claim) / UNEXPLAINED:
                return True
        return False

    def restored(self, corrected: Floats) -> bool:
        """Return whether a corrected claim is what was measured; the correction must explain as much as was wrong."""
        known = self.known & np.isfinite(corrected)
        compared = Supposition(
            corrected[known], self.estimate[known], self.missing[known], self.slack[known], self.wrong[known], self.eps
        )
        return bool(known[self.wrong].all()) and compared.accepted(int(np.count_nonzero(self.wrong)) // 2)

    def multiple(self, term: Floats) -> bool:
        """Return whether a term is the whole gradient except for a factor, which is a plainer thing to be wrong."""
        return parallel(term[self.known], self.estimate[self.known], PATTERN)

    def reproduced(self, claim: Floats) -> bool:
        """Return whether another claim is what was measured, which may be zero, and not by chance."""
        known = self.known
        if not np.isfinite(claim[known]).all():
            return False
        supposed = Supposition(
            claim[known], self.estimate[known], self.missing[known], self.slack[known], self.wrong[known], self.eps
        )
        return supposed.comes_out(0)

    def unseen(self, claim: Floats) -> bool:
        """Return whether another claim would have passed as well."""
        if self._contradicted(claim):
            return False
        compared = self._compared(claim, 1.0)
        return len(compared.claim) > 0 and bool((compared.off <= compared.room).all())

    @cached_property
    def _plainest(self) -> int | None:
        """The entry, flat, of the largest claim, where everything agrees: it alone contradicts most mistakes."""
        if not self.claim.size or not self.whole or self.wrong.any():
            return None
        return max(int(self.claim.argmax()), int(self.claim.argmin()), key=lambda k: abs(self.claim.flat[k]))

    def _contradicted(self, claim: Floats) -> bool:
        """Whether the largest claim alone would have contradicted another one, as `unseen` has it, looked at first."""
        k = self._plainest
        if k is None:
            return False
        made, other = float(self.claim.flat[k]), float(claim.flat[k])
        room = float(self.slack.flat[k]) + PATTERN * max(abs(made), abs(other))
        largest = max(float(np.max(claim)), -float(np.min(claim)))
        return abs(made - other) > room + NEGLIGIBLE * largest

    def _compared(self, prediction: Floats, factor: float | Floats) -> Supposition:
        known = ~np.isnan(prediction) & ~np.isnan(self.claim) & self.known
        grown = np.where(np.equal(factor, 0), 0.0, np.maximum(np.abs(factor), 1.0))
        slack = np.broadcast_to(grown, known.shape)[known] * self.slack[known]
        return Supposition(
            self.claim[known], prediction[known], self.missing[known], slack, self.wrong[known], self.eps
        )

    def measured(self, prediction: Floats) -> bool:
        """Return whether a prediction is what was measured, in every entry."""
        slack = self.slack + PATTERN * float(np.nanmax(np.abs(self.estimate), initial=0.0))
        return bool((np.abs(prediction - self.estimate) <= slack)[self.known].all())

    def matrices(self, rows: int | None = None, columns: int | None = None) -> Iterator[tuple[str, Floats]]:
        """Yield the inputs and the data that are matrices of so many rows or columns, examples along axis 0."""
        given = {name: self.context.values[name] for name in self.context.inputs if name != self.name}
        for name, array in {**given, **self.context.data}.items():
            if array.ndim == MATRIX and array.dtype.kind in "fiub" and len(array) > 1:
                fits = (rows is None or len(array) == rows) and (columns is None or array.shape[1] == columns)
                if fits:
                    yield name, array.astype(np.float64)


def _wrong_elsewhere(tensor: TensorResult) -> bool:
    """Whether all that is wrong with a tensor was seen at other points than the given one."""
    wrong = tensor.flat[tensor.codes == Verdict.WRONG]
    return len(wrong) > 0 and all(int(flat) in tensor.places for flat in wrong)


def _elsewhere(context: Context) -> Context:
    """Leave out what is known of the given point alone."""
    return replace(context, values={}, inputs=(), output=None, lab=None)


def spread(tensor: TensorResult, column: Floats) -> Floats:
    """Return a column in the shape of its tensor, nan where nothing was measured; itself if everything was."""
    if len(column) == tensor.size and (tensor.flat[1:] > tensor.flat[:-1]).all():
        return column.reshape(tensor.shape)
    full = np.full(tensor.size, np.nan)
    full[tensor.flat] = column
    return full.reshape(tensor.shape)


def mask(tensor: TensorResult, column: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return in the shape of a tensor of which of its entries something is true; of none that was not measured."""
    full = np.zeros(tensor.size, dtype=np.bool_)
    full[tensor.flat] = column
    return full.reshape(tensor.shape)


def rows(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return in which slices along axis 0 something is true."""
    found: NDArray[np.bool_] = np.array([bool(part.any()) for part in mask], dtype=np.bool_)
    return found


def where(evidence: Evidence) -> str:
    """Return where the wrong entries are: at an entry, in a row, a column, a slice or a block; '' if anywhere."""
    index = np.argwhere(evidence.wrong)
    if len(index) == 1:
        return f"in one entry, [{','.join(map(str, index[0]))}]"
    for axis in range(evidence.wrong.ndim):
        values = np.unique(index[:, axis])
        if len(values) == 1 and evidence.wrong.shape[axis] > 1:
            name = (
                {0: "row", 1: "column"}.get(axis, "slice")
                if evidence.wrong.ndim == MATRIX
                else f"slice of axis {axis},"
            )
            return f"in {name} {values[0]} alone"
    low, high = index.min(axis=0), index.max(axis=0) + 1
    box = ",".join(f"{a}:{b}" for a, b in zip(low, high, strict=True))
    if np.prod(high - low) < evidence.wrong.size and np.prod(high - low) == len(index):
        return f"in the block [{box}] alone"
    return ""
