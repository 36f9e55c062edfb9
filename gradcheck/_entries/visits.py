"""Does the gradient hold nearby too? It is screened at some neighbours of the given point.

What is wrong only outside of the set that the given point lies in is a note, and not called wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.compared import STAYS
from gradcheck._entries.constant import constant, judged
from gradcheck._entries.direction import TELLING, Slope, agrees, along
from gradcheck._entries.glance import agreeing, bands
from gradcheck._entries.located import locate
from gradcheck._entries.neighbours import Place, sets_of, somewhere_near
from gradcheck._entries.signs import of_both_signs, of_one_piece, of_one_sign
from gradcheck._entries.structure import MATRIX, RISING, Structure
from gradcheck._entries.table import Columns
from gradcheck._entries.under_test import Floats, Ints, UnderTest
from gradcheck._judge.tolerance import COARSE, Standard, largest_of
from gradcheck._model.filed import rest
from gradcheck._model.leaf import VAST
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.estimate import SMALLEST
from gradcheck._results.floating import REORDERED
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

SHOWN = 2  # tensors whose numbers are told of a neighbour
MANY = 9  # numbers that are told in full
FIRST = 3  # numbers that are told of more
DIGITS = 4  # that are told of each such number
NONE = "no nearby point could be checked, where more mistakes would show"

NOBODY = np.zeros(0, dtype=np.int64)
FAR = 16.0  # times what would be noticed, that directions must show where no entry is looked at
WILD = 2.0**20  # times f itself, that it moves by where it is chaotic


@dataclass(frozen=True)
class Known:
    """What the measurement at the given point says of one tensor, for others nearby."""

    standard: Standard
    sigma: float  # standard deviation of the noise of f
    verdicts: frozenset[Verdict]  # on its entries
    untested: Ints  # those of which nothing is known there, flat


@dataclass(frozen=True)
class Nearby:
    """What a neighbour says of one tensor: wrong entries located there, or which untested ones it exercised."""

    path: str
    where: str
    point: str  # its numbers, as they are told
    columns: Columns
    exercised: Ints  # of those that the given point does not test, flat: the claim agrees, and an error would be seen
    sizes: Floats  # of the claims of those there
    note: str = ""  # what else is to be said of the tensor


def visit(
    subject: Subject,
    given: Mapping[str, Array],
    count: int,
    rng: np.random.Generator,
    known: Mapping[str, Known],
    *,
    seed: int,
    held: frozenset[str] = frozenset(),
) -> Iterator[Nearby]:
    """Screen the gradient at some neighbours of the given point; `seed` draws them, and `rng` the directions there.

    The tensors `held` stay where they are.

    What is to be said of them besides is left with the subject's tally.
    """
    if not known:
        return
    tour = _Tour(subject, given, known, rng, np.random.default_rng(seed), dict.fromkeys(held, STAYS))
    for number in range(1, count + 1):
        yield from tour.stop(number)
        if tour.over:
            break
    if count and tour.sets and tour.seen and not tour.wrong and not tour.notes:
        tour.leave_the_sets()
    if count and not tour.seen:
        tour.notes.append(f"{NONE}: {tour.missed}")
    subject.tally.said = tuple(dict.fromkeys((*subject.tally.said, *tour.notes)))


@dataclass
class _Tour:
    """A tour of the neighbours: what is known at the given point, and what was met so far."""

    subject: Subject
    given: Mapping[str, Array]  # the claims at the given point
    known: Mapping[str, Known]  # of the tensors that are looked at: those that are not wrong there
    rng: np.random.Generator  # draws directions
    places: np.random.Generator  # draws neighbours
    held: Mapping[str, Structure]  # what stays where it is
    seen: int = 0  # neighbours
    missed: str = ""  # why the last one that was not looked at was none
    wrong: bool = False  # whether any showed something
    over: bool = False  # whether further ones need not be looked at
    notes: list[str] = field(default_factory=list)

    @cached_property
    def sets(self) -> dict[str, Structure]:
        """The sets that tensors of the given point lie in."""
        sets = sets_of(self.subject, self.given)
        return {path: s for path, s in sets.items() if s is not RISING or _order_matters(self.subject, path)}

    def stop(self, number: int) -> list[Nearby]:
        """Return what one neighbour shows; every other of them has inputs of both signs."""
        unseen = [path for path, verdicts in self._verdicts.items() if Verdict.UNTESTED in verdicts]
        flip = of_both_signs(self.subject, unseen) if number % 2 == 0 else ()
        sets = {**self.sets, **self.held}
        for claim in self.given.values():
            rest(claim)
        with somewhere_near(self.subject, self.places, sets=sets, flip=flip) as place:
            if not place.claims:
                self.missed = place.why
                return []
            screened = self._screened([*self._tested(place)])
            off = [tested for tested, fine, _ in screened if not fine]
            typed = bool(off) and constant(self.given, place.claims) and not self._nothing(place)
            same = judged(off, self._verdicts) if typed else None
            if same is not None:
                screened = [each for each in screened if each[1] or each[0].path in same.wrong]
            self.seen += 1
            point = told(place.subject) if off else ""
            met = [
                _met(tested, self.known[tested.path].untested, f"neighbour {number}", point, seen if fine else None)
                for tested, fine, seen in screened
            ]
            alone = bool(flip) and not self.wrong and any(len(nearby.columns.flat) for nearby in met)
            if alone and (of_one_piece(place.subject) or _wild(place.subject, met)):
                met = self._one_sided(met, point)
            if any(len(nearby.columns.flat) for nearby in met):
                self.wrong = True
                self._remember(f"neighbour {number}", place.subject)
            if same is None:
                return met
            if not same.wrong:
                self.notes.append(same.note)
                self.over = True
            return [replace(nearby, note=same.note * bool(len(nearby.columns.flat))) for nearby in met]

    def _remember(self, where: str, there: Subject) -> None:
        """Keep the way to a neighbour at which something is wrong, for those who look for the cause."""
        leaves = there.leaves
        if sum(leaf.array.size for leaf in leaves.values()) <= VAST:
            away = {path: np.subtract(leaf.array, leaf.original, dtype=np.float64) for path, leaf in leaves.items()}
            self.subject.tally.strays[where] = away

    def _one_sided(self, met: list[Nearby], point: str) -> list[Nearby]:
        """Note what is wrong where numbers that all had one sign have both, without calling it wrong."""
        wrong = [self.subject.leaves[nearby.path].name for nearby in met if len(nearby.columns.flat)]
        signed = [leaf.name for leaf in self.subject.leaves.values() if of_one_sign(leaf)]
        self.notes.append(
            f"{', '.join(wrong)}: right where {', '.join(signed)} has one sign, wrong where signs are mixed: {point}"
        )
        return [replace(nearby, columns=nearby.columns.only(NOBODY)) for nearby in met]

    def _screened(self, tensors: list[UnderTest]) -> list[tuple[UnderTest, bool, float]]:
        """Return whether tensors agree here, and the error that could hide in one entry: at once, or one by one.

        What the given point did not exercise, or not well enough to tell, is looked at by itself.
        """
        right = [self.known[tested.path].verdicts <= {Verdict.CORRECT} for tested in tensors]
        plain = [tested for tested, fine in zip(tensors, right, strict=True) if fine]
        others = [[tested] for tested, fine in zip(tensors, right, strict=True) if not fine]
        seen: dict[str, float] = {}
        for band in [*bands(plain), *others]:
            seen |= agreeing(band)
        return [
            (tested, True, seen[tested.path]) if tested.path in seen else (tested, *agrees(tested, None, directions=1))
            for tested in tensors
        ]

    @property
    def _verdicts(self) -> dict[str, frozenset[Verdict]]:
        return {path: known.verdicts for path, known in self.known.items()}

    def _nothing(self, place: Place) -> bool:
        """Whether a framework's backward returns nothing at a kink nor here: it computes that where it is asked."""
        kinks = [path for path in place.claims if Verdict.KINK in self._verdicts.get(path, ())]
        nothing = not any(claim.any() for claim in place.claims.values())
        return nothing and bool(kinks) and self.subject.oracle.undone is not None

    def leave_the_sets(self) -> None:
        """Look at one more neighbour, outside of the sets; what is wrong there alone is a note."""
        with somewhere_near(self.subject, self.places, sets=self.held) as place:
            inside = {path: claim for path, claim in place.claims.items() if path in self.sets}
            for tested in self._tested(replace(place, claims=inside)):
                if all(_far_off(along(tested, None)) for _ in range(TELLING)):
                    name = f"{tested.leaf.name}: right among {self.sets[tested.path].name}, wrong outside of them"
                    self.notes.append(f"{name}, such as at {told(place.subject)}")

    def _tested(self, place: Place) -> Iterator[UnderTest]:
        rounding = place.subject.rounding()  # f may be larger there
        for path in [p for p in place.claims if p in self.known]:
            flat = place.claims[path].astype(np.float64, copy=False).ravel()
            standard = replace(self.known[path].standard, largest=largest_of(flat))
            sigma = max(self.known[path].sigma, rounding)
            yield UnderTest.of(place.subject, path, flat, standard, self.rng, sigma=sigma)


def _far_off(slope: Slope) -> bool:
    """Whether a slope clearly differs from the claim, where f moves on both sides."""
    moves = slope.estimate.left != 0 != slope.estimate.right
    return slope.known and moves and not abs(slope.claim - slope.estimate.value) <= FAR * slope.limit


def _wild(subject: Subject, met: list[Nearby]) -> bool:
    """Return whether f moves by far more than it is along all that is wrong: beyond 0 an iteration may be chaotic."""
    size = float(np.max(np.abs(subject.base)))
    return all(
        float(np.min(np.abs(nearby.columns.estimates) * subject.leaves[nearby.path].scale[nearby.columns.flat]))
        > WILD * size
        for nearby in met
        if len(nearby.columns.flat)
    )


def _order_matters(subject: Subject, path: str) -> bool:
    """Return whether f minds the order of rising numbers; a sum or a sorted list does not, and takes them anyhow."""
    numbers = subject.leaves[path].original
    order = np.random.default_rng(0).permutation(numbers.shape[-1])
    with subject.at([(path, numbers[..., order] - numbers)]) as there:
        return not abs(there.increment()) <= REORDERED * subject.rounding()


def told(subject: Subject) -> str:
    """Return the numbers of the point where a subject stands: `x = [0.131, -0.27]`, of large tensors the first."""
    parts = [f"{leaf.name} = {numbers_told(leaf.array)}" for leaf in [*subject.leaves.values()][:SHOWN]]
    return ", ".join(parts) + (", ..." if len(subject.leaves) > SHOWN else "")


def numbers_told(array: Array) -> str:
    """Return the numbers of an array as they are told, of a large one the first."""
    if array.size <= MANY:
        whole = np.array2string(np.asarray(array, dtype=np.float64), formatter={"float_kind": _short}, separator=", ")
        return " ".join(whole.split())
    first = ", ".join(_short(number) for number in array.flat[:FIRST])
    return "[" * array.ndim + first + ", ...]" + ", ...]" * (array.ndim - 1)


def _short(number: Any) -> str:  # noqa: ANN401  a number of NumPy's
    return f"{number:.{DIGITS}g}"


def _met(tested: UnderTest, untested: Ints, where: str, point: str, seen: float | None) -> Nearby:
    """Return what a neighbour says of one tensor: `seen` is the error that could hide there in one entry.

    None where a direction did not agree; then what is wrong is located.
    """
    columns = tested.columns
    wrong = np.zeros(0, dtype=np.int64)
    if seen is None:
        measured = locate(tested)
        # Where f stands still it was clipped: nearby is outside of what the claim was written for.
        moves = (columns.lefts[measured] != 0) | (columns.rights[measured] != 0)
        off = columns.codes[measured] == Verdict.WRONG
        still = measured[off & ~moves]
        wrong = measured[off & moves]
        read_instead = np.isin(_mirrored(columns.flat[still], tested.leaf.array.shape), columns.flat[wrong])
        wrong = np.sort(np.concatenate([wrong, still[read_instead]]))

    exercised = NOBODY if seen is None else _exercised(tested, untested, seen)
    return Nearby(tested.path, where, point, columns.only(wrong), exercised, np.abs(columns.claims[exercised]))


def _mirrored(flat: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return the entries [j,i] of some [i,j] of square matrices, of which f may read one alone; else the same."""
    n = shape[-1] if len(shape) >= MATRIX and shape[-1] == shape[-2] else 1
    row, column = np.divmod(flat, n)
    matrix, row = np.divmod(row, n)
    return (matrix * n + column) * n + row


def _exercised(tested: UnderTest, untested: Ints, seen: float) -> Ints:
    """Return of which untested entries an error would be seen; one of another order is moved by so much less."""
    least = seen * tested.scale(untested) / tested.spread(untested)
    exercised: Ints = untested[COARSE * np.abs(tested.columns.claims[untested]) > least]
    return exercised


def untested(result: TensorResult) -> NDArray[np.bool_]:
    """Return which entries the given point says nothing of: they are zero there, or are not known."""
    zero = (result.claims == 0) & (result.estimates == 0) & (result.codes == Verdict.CORRECT)
    unknown: NDArray[np.bool_] = zero | (result.codes == Verdict.UNTESTED) | (result.codes == Verdict.UNDECIDED)
    return unknown


def _at_rest(result: TensorResult, finding: Nearby) -> NDArray[np.bool_]:
    """Return which of the exercised are zero at the given point, as at a minimum: at all, or beside what is there."""
    rest = np.isin(result.flat, finding.exercised) & untested(result)
    unsure = np.flatnonzero(rest & (result.codes == Verdict.UNDECIDED))
    nearby = finding.sizes[np.searchsorted(finding.exercised, result.flat[unsure])]
    here = np.abs(result.claims[unsure]) + np.abs(result.estimates[unsure]) + result.uncertainties[unsure]
    rest[unsure] = here <= SMALLEST * nearby
    return rest


def merged(result: TensorResult, finding: Nearby) -> TensorResult:
    """Add to the result at the given point what a neighbour showed: wrong entries, and entries it exercised."""
    if not (len(finding.exercised) or len(finding.columns.flat)):
        return result
    codes = result.codes.copy()
    seen = _at_rest(result, finding)
    codes[seen] = Verdict.CORRECT
    places = {int(flat): f"{finding.where} (zero at the given point)" for flat in result.flat[seen]}
    result = replace(result, codes=codes, places={**places, **result.places})  # the first that showed it
    known = result.flat[codes == Verdict.WRONG]
    news = finding.columns.only(np.flatnonzero(~np.isin(finding.columns.flat, known)))
    if not len(news.flat):
        return result
    kept = ~np.isin(result.flat, news.flat)
    joined: dict[str, Any] = {
        field: np.concatenate([getattr(result, field)[kept], getattr(news, field)])
        for field in ("flat", "claims", "estimates", "uncertainties", "lefts", "rights", "codes")
    }
    places = {int(flat): finding.where for flat in news.flat}
    points = {**result.points, finding.where: finding.point}
    rungs = {**result.rungs, **news.rungs}
    note = result.note if finding.note in result.note else "; ".join(filter(None, [result.note, finding.note]))
    return replace(result, rungs=rungs, places={**result.places, **places}, points=points, note=note, **joined)
