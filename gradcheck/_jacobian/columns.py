"""Which entries of a matrix are right? Two evaluations for each group of columns; what disagrees is looked at again.

An entry that agrees with a slope to six digits is right, whatever the noise, since that is not chance. So no noise is
measured here. Nothing is called wrong on two evaluations: such entries are measured with ladders (suspects).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradcheck._entries.under_test import FAR, OTHERS
from gradcheck._jacobian.probe import CUBE_ROOT, Probe, scales, steps
from gradcheck._judge.tolerance import COARSE, SMALL_ENTRY
from gradcheck._model.questions import Entries, Floats, Ints
from gradcheck._model.subject import ROUNDED
from gradcheck._results.estimate import DEVIATIONS, SMALLEST
from gradcheck._results.floating import DOUBLE
from gradcheck._results.verdict import Verdict

BENDS = 32.0  # third derivatives, of the slope, at which the truncation of two evaluations is that of the tolerance
BENT = 0.02  # relative: a gap between the sides that may be mere curvature; a kink shows more
OTHER_STEPS = (
    0.5,
    1.0,
)  # random factors on the step of each column: the effects of two columns then change differently
ARGUMENT = 1 / 4  # roundings of the argument that a slope is off by at most


@dataclass
class Swept:
    """What is known of the claimed entries of a matrix, in their order, and of others that are not zero."""

    estimates: Floats
    uncertainties: Floats
    lefts: Floats
    rights: Floats
    codes: NDArray[np.int8]
    outside: set[tuple[int, int]] = field(default_factory=set)  # suspects beside the pattern

    @classmethod
    def nothing(cls, count: int) -> Swept:
        """Return a state in which nothing is known."""
        nan = np.full(count, np.nan)
        codes = np.full(count, Verdict.UNDECIDED, dtype=np.int8)
        return cls(nan, nan.copy(), nan.copy(), nan.copy(), codes)


@dataclass(frozen=True)
class Taken:
    """What two evaluations on either side show of some columns that are moved at once."""

    up: Floats  # the step of each column of the matrix; zero where it stands still
    down: Floats
    plus: Floats
    minus: Floats
    noise: Floats  # bound of what rounding makes of a difference of two outputs

    @classmethod
    def of(cls, probe: Probe, x: Floats, columns: Ints, times: float | Floats = 1.0) -> Taken:
        """Move some columns at once, there and back."""
        move = np.zeros_like(x)
        move[columns] = times * steps(x, probe.eps, columns)
        up, down = x + move, x - move
        here, plus, minus = probe(x), probe.tried(up), probe.tried(down)
        size = np.fmax(np.abs(here), np.fmax(np.abs(plus), np.abs(minus)))
        return cls(
            up - x,
            x - down,
            plus - here,
            here - minus,
            DEVIATIONS * np.fmax(ROUNDED * probe.matrix.eps * size, probe.sigma),
        )

    @property
    def steps(self) -> Floats:
        """The mean step of each column."""
        return np.asarray((self.up + self.down) / 2)

    def central(self) -> Floats:
        """Return the mean increment of both sides."""
        return np.asarray((self.plus + self.minus) / 2)


def tolerance(eps: float, rtol: float | None = None) -> float:
    """Return the relative error that two evaluations at the usual step leave unknown, or that never matters."""
    return float(max((rtol or SMALLEST) / 2, BENDS * eps ** (2 * CUBE_ROOT)))


def comparable(claimed: Entries, x: Floats) -> Floats:
    """Return for each entry the largest claim of its row, or what moves the output as far where that is less.

    An entry of x that is taken in larger steps than others moves it as much with a smaller slope.
    """
    scale, size, largest = scales(x), np.abs(x), claimed.largest()[claimed.rows]
    reach = np.where((size > 0) & (size < scale / FAR), size, scale)
    moves = np.zeros(claimed.shape[0])
    with np.errstate(over="ignore", invalid="ignore"):
        moved = np.nan_to_num(np.abs(claimed.values) * reach[claimed.columns], posinf=0.0)
        np.maximum.at(moves, claimed.rows, moved)
        return np.asarray(np.minimum(largest, OTHERS * moves[claimed.rows] / scale[claimed.columns]))


def sweep(probe: Probe, x: Floats, claimed: Entries, groups: list[Ints], known: Swept) -> None:
    """Take two evaluations for each group of columns, and write down what agrees; the rest stays undecided."""
    order = np.argsort(claimed.columns, kind="stable")
    starts = np.searchsorted(claimed.columns[order], np.arange(claimed.shape[1] + 1))
    largest, beside = claimed.largest(), comparable(claimed, x)
    for group in groups:
        which = np.concatenate([order[starts[j] : starts[j + 1]] for j in group])
        taken = Taken.of(probe, x, group)
        suspects = _settle(claimed, which, taken, beside[which], known, tolerance(probe.eps, probe.rtol))
        if claimed.listed:
            hidden = _not_alone(probe, x, claimed, suspects, taken, group)
            rows = np.union1d(_beside(claimed, which, taken, largest), hidden)
            if len(rows):
                known.outside |= set(_located(probe, x, claimed, group, rows))


def _settle(  # noqa: PLR0917
    claimed: Entries, which: Ints, taken: Taken, beside: Floats, known: Swept, unknown: float
) -> Ints:
    """Write down what a group of columns shows of its entries; return those that do not agree."""
    rows, step, claims = claimed.rows[which], taken.steps[claimed.columns[which]], claimed.values[which]
    with np.errstate(all="ignore"):
        right, left, slope = taken.plus[rows] / step, taken.minus[rows] / step, taken.central()[rows] / step
        noise = taken.noise[rows] / step + ARGUMENT * DOUBLE * np.abs(slope)
        size = np.fmax(np.abs(claims), np.abs(slope))
        against = np.fmax(size, SMALL_ENTRY * beside)
        agrees = np.abs(claims - slope) <= noise + unknown * against
        bent = np.abs(right - left) > 2 * noise + BENT * against
        still = (claims == 0) & (taken.plus[rows] == 0) & (taken.minus[rows] == 0)
        fine = (agrees & ~bent & (noise <= COARSE * against)) | still
    known.estimates[which], known.lefts[which], known.rights[which] = slope, left, right
    known.uncertainties[which] = np.fmax(noise, np.abs(claims - slope))
    known.codes[which] = np.where(still, Verdict.UNTESTED, np.where(fine, Verdict.CORRECT, Verdict.UNDECIDED))
    return np.asarray(which[~fine])


def _not_alone(probe: Probe, x: Floats, claimed: Entries, suspects: Ints, taken: Taken, group: Ints) -> Ints:  # noqa: PLR0917
    """Return the rows of suspects in which more moves than the column that is claimed: other steps tell, all at once.

    What is claimed may be wrong by itself: then the row moves as far as its column does, whatever the others do.
    """
    rows, columns = claimed.rows[suspects], claimed.columns[suspects]
    if len(group) == 1 or not len(suspects):
        return rows
    again = Taken.of(probe, x, group, np.random.default_rng(0).uniform(*OTHER_STEPS, len(group)))
    with np.errstate(invalid="ignore"):
        expected = taken.central()[rows] * (again.steps[columns] / taken.steps[columns])
        room = taken.noise[rows] + again.noise[rows] + tolerance(probe.eps, probe.rtol) * np.abs(expected)
        alone = np.abs(again.central()[rows] - expected) <= room
    return np.asarray(rows[~alone])


def _beside(claimed: Entries, which: Ints, taken: Taken, largest: Floats) -> Ints:
    """Return the rows without an entry in a group of columns, that move nevertheless."""
    empty = np.ones(claimed.shape[0], dtype=bool)
    empty[claimed.rows[which]] = False
    longest = float(np.max(np.abs(taken.steps)))
    move = np.fmax(np.abs(taken.plus), np.abs(taken.minus))
    with np.errstate(invalid="ignore"):
        moves = ~(move <= taken.noise + SMALLEST * SMALL_ENTRY * largest * longest)
    return np.flatnonzero(empty & moves)


def _located(probe: Probe, x: Floats, claimed: Entries, group: Ints, rows: Ints) -> Iterator[tuple[int, int]]:
    """Yield in which columns of a group some rows move that are said not to: halves of it are moved alone."""
    pattern = set(claimed.flat.tolist())
    largest = claimed.largest()
    queue = [(group, rows)]
    while queue:
        columns, left = queue.pop()
        taken = Taken.of(probe, x, columns)
        mine = np.isin(claimed.columns, columns)
        expected = np.bincount(
            claimed.rows[mine], claimed.values[mine] * taken.steps[claimed.columns[mine]], claimed.shape[0]
        )
        longest = float(np.max(np.abs(taken.steps)))
        with np.errstate(invalid="ignore"):
            room = taken.noise + SMALLEST * SMALL_ENTRY * (largest * longest) + SMALLEST * np.abs(expected)
            off = left[~(np.abs(taken.central() - expected) <= room)[left]]
        if not len(off):
            continue
        if len(columns) == 1:
            width = claimed.shape[1]
            yield from ((int(i), int(columns[0])) for i in off if i * width + columns[0] not in pattern)
        else:
            queue += [(half, off) for half in np.array_split(columns, 2)]
