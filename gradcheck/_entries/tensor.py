"""What is found out about one tensor? All of its entries, or a sample, or random directions: how, and the result."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries import directions, joint, one_by_one, still
from gradcheck._entries.as_one import judge_as_one
from gradcheck._entries.direction import TELLING
from gradcheck._entries.known import known_to
from gradcheck._entries.one_by_one import FEW
from gradcheck._entries.table import LARGE, Columns, Sparse
from gradcheck._entries.ties import judge_ties
from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._model.leaf import Leaf
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Evaluator
from gradcheck._model.tally import Spent
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
NOT_AT_ALL = "no evaluation"  # by what means it was measured of which nothing was

NONE = np.zeros(0, dtype=np.int64)  # entries


def whole(tested: UnderTest, entries: str | int, source: Evaluator) -> tuple[TensorResult, float]:
    """Measure all entries of a tensor, or a sample of them, or screen it and measure a sample besides.

    Returns what came of it, and how rough its right claims are.
    """
    size = len(tested.columns.claims)
    means, note, seen = "one by one", "", 0.0
    quick = entries == "directions" and tested.leaf.moving > FEW
    if quick or (entries == "auto" and size > LARGE):
        screened = _screened(tested, quick=quick)
        chosen, note, seen = screened.measured, screened.note, screened.seen
        means = f"{screened.directions} random directions, and {len(chosen)} entries one by one"
    else:
        moved = tested.leaf.moved
        few = not isinstance(entries, str) and entries < len(moved)
        chosen = np.sort(tested.rng.choice(moved, int(entries), replace=False)) if few else moved
        _one_by_one(tested, chosen, source)
    return finished(tested, chosen, means, note, seen)


def by_itself(tested: UnderTest) -> tuple[TensorResult, float] | None:
    """Look along directions through a tensor; None where they do not tell enough, and it is to be measured again."""
    chosen, seen = joint.by_itself(tested)
    if chosen is None:
        return None
    if not len(chosen):
        return agreed(tested.leaf, f"{TELLING} random directions", seen, tested.standard.largest), 0.0
    known = known_to(tested, chosen)
    means = f"random directions, and {len(chosen)} entries one by one"
    return _result(tested.leaf, tested.columns.only(chosen), means, known.said, known.resolution), known.rough


def agreed(leaf: Leaf, means: str, seen: float, largest: float) -> TensorResult:
    """Return the result of a tensor that agrees along directions, of which no entry was measured by itself."""
    note = f"an error above {seen:.1g} in any single entry would have been seen"
    return _result(leaf, Columns(NONE, NONE.astype(np.float64)), means, note, seen / largest)


def unmeasured(leaf: Leaf, claim: Array, verdict: Verdict = Verdict.UNDECIDED) -> TensorResult:
    """Return the result of a tensor of which nothing was measured: its first entries, or all, are undecided."""
    columns = Columns.of(claim.astype(np.float64, copy=False).ravel()).only(leaf.moved[:LARGE])
    columns.codes[:] = verdict
    return _result(leaf, columns, NOT_AT_ALL, "")


def finished(
    tested: UnderTest, chosen: Ints, means: str, note: str = "", seen: float = 0.0
) -> tuple[TensorResult, float]:
    """Return what came of the entries of a tensor, and how rough its right claims are."""
    columns, known = tested.columns, known_to(tested, chosen)
    if known.rough and not _single(columns.claims[chosen]):
        _excuse(tested, chosen, known.rough)
    largest = tested.standard.largest
    resolution = max(known.resolution, seen / largest if largest else 0.0)
    said = "; ".join(filter(None, [note, known.said]))
    return _result(tested.leaf, columns.only(chosen), means, said, resolution), known.rough


def _single(claims: Floats) -> bool:
    """Return whether claims are numbers of single precision: of those it is known why they are off, and it is said."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool((claims.astype(np.float32) == claims).all())


def _excuse(tested: UnderTest, chosen: Ints, rough: float) -> None:
    """Call entries right that are off by no more than right ones are: a backward in single precision rounds all.

    What is taken in larger steps than others moves f as much with a smaller slope, and may be off by so much less.
    """
    columns = tested.columns
    with np.errstate(invalid="ignore"):
        off = np.abs(columns.claims[chosen] - columns.estimates[chosen])
        near = off <= columns.uncertainties[chosen] + rough / tested.stretch(columns.flat[chosen])
    columns.codes[chosen[near & (columns.codes[chosen] == Verdict.WRONG)]] = Verdict.CORRECT


def _one_by_one(tested: UnderTest, chosen: Ints, source: Evaluator) -> None:
    """Measure entries as far as evaluations may be made; the others stay undecided."""
    try:
        one_by_one.measure(tested, chosen, source)
        judge_ties(tested, chosen)
        judge_as_one(tested, chosen)
        still.look_again(tested, chosen)
    except Spent:
        left, name = int(np.count_nonzero(tested.columns.codes[chosen] == Verdict.UNDECIDED)), tested.leaf.name
        tested.tally.leave(f"{left} of {len(chosen)} entries of {name}" if left else f"closer looks at {name}")


def _screened(tested: UnderTest, *, quick: bool) -> directions.Screened:
    """Screen a tensor; what was right of it before no more evaluations could be made says nothing of the rest."""
    try:
        return directions.screen(tested, quick=quick)
    except Spent:
        columns = tested.columns
        tested.tally.leave(tested.leaf.name)
        looked_at = list(columns.codes.known) if isinstance(columns.codes, Sparse) else tested.leaf.moved
        known = np.union1d(tested.leaf.moved[:1], looked_at).astype(np.int64)
        columns.codes[known[columns.codes[known] != Verdict.WRONG]] = Verdict.UNDECIDED
        return directions.Screened(known, "", 0)


def _result(leaf: Leaf, columns: Columns, means: str, note: str, resolution: float = math.nan) -> TensorResult:
    return TensorResult(
        name=leaf.name,
        kind=leaf.kind,
        shape=leaf.array.shape,
        dtype=str(leaf.dtype),
        flat=columns.flat,
        claims=columns.claims,
        estimates=columns.estimates,
        uncertainties=columns.uncertainties,
        lefts=columns.lefts,
        rights=columns.rights,
        codes=columns.codes,
        rungs=columns.rungs,
        means=means,
        note=note,
        resolution=resolution,
    )
