"""Which entry represents a block of a tensor? A wrong one, else the largest, so that no wrong entry is hidden."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradcheck._render.rows import GUILTY
from gradcheck._results.report import Floats, Ints, TensorResult

CELLS = 90  # along either side at most: three pixels each

NOTHING = -1  # stands where no entry of a block was checked


@dataclass(frozen=True)
class Grid:
    """A tensor laid flat: its first axis down, all others across; a cell stands for one entry or for a block."""

    size: tuple[int, int]  # of the tensor
    cells: tuple[int, int]
    claims: Floats  # (rows, columns), nan where nothing was checked
    estimates: Floats
    differences: Floats
    checked: NDArray[np.bool_]
    guilty: NDArray[np.bool_]  # whether the cell stands for an entry that is wrong or broken

    @property
    def pooled(self) -> bool:
        """Whether a cell may stand for several entries."""
        return self.cells != self.size


def laid_flat(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the size of a tensor laid flat: a vector lies across."""
    return (1, math.prod(shape)) if len(shape) < 2 else (shape[0], math.prod(shape[1:]))


def cell_of(flat: Ints, size: tuple[int, int], cells: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the row and the column of the cell in which entries lie."""
    row, column = np.divmod(flat, size[1])
    return row * cells[0] // size[0], column * cells[1] // size[1]


def grid(tensor: TensorResult) -> Grid:
    """Return a tensor, of which something was checked, laid flat and made small enough to be looked at."""
    size = laid_flat(tensor.shape)
    cells = (min(size[0], CELLS), min(size[1], CELLS))
    row, column = cell_of(tensor.flat, size, cells)
    place = row * cells[1] + column
    with np.errstate(invalid="ignore", over="ignore"):
        differences = tensor.claims - tensor.estimates
    guilty = np.isin(tensor.codes, GUILTY)
    # In the block of a guilty entry all three pictures show that one.
    culprit = _largest(place[guilty], differences[guilty], cells)
    culprit[culprit != NOTHING] = np.flatnonzero(guilty)[culprit[culprit != NOTHING]]

    def drawn(values: Floats) -> Floats:
        chosen = np.where(culprit == NOTHING, _largest(place, values, cells), culprit)
        return np.where(chosen == NOTHING, np.nan, values[chosen]).reshape(cells)

    checked = np.zeros(cells, dtype=bool)
    checked[row, column] = True
    return Grid(
        size=size,
        cells=cells,
        claims=drawn(tensor.claims),
        estimates=drawn(tensor.estimates),
        differences=drawn(differences),
        checked=checked,
        guilty=(culprit != NOTHING).reshape(cells),
    )


def _largest(place: Ints, values: Floats, cells: tuple[int, int]) -> Ints:
    """Return for each cell the number of the largest of the values in it; what is not finite is larger than all."""
    chosen = np.full(math.prod(cells), NOTHING)
    size = np.where(np.isfinite(values), np.abs(values), np.inf)
    order = np.argsort(size, kind="stable")
    chosen[place[order]] = order  # of several in one cell the last stays, and the last is the largest
    return chosen
