"""What else may be asked than of a gradient? A matrix of derivatives, or a linear map and its adjoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

REAL, IMAGINARY = ".real", ".imag"  # of the outputs
BY_IMAGINARY = " by .imag"  # of the inputs
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Entries:
    """What is claimed of a matrix: numbers at rows and columns; all that is not `listed` is claimed to be zero."""

    rows: Ints
    columns: Ints
    values: Floats
    shape: tuple[int, int]
    listed: bool = True  # whether it is a pattern; False where every entry is there

    @classmethod
    def full(cls, matrix: Floats) -> Entries:
        """Return the entries of a dense matrix, in the order of C."""
        rows, columns = np.indices(matrix.shape).reshape(2, -1)
        return cls(rows, columns, matrix.ravel(), (matrix.shape[0], matrix.shape[1]), listed=False)

    @cached_property
    def flat(self) -> Ints:
        """Where each entry lies in the matrix, flat."""
        return np.asarray(self.rows * self.shape[1] + self.columns)

    def times(self, move: Floats) -> Floats:
        """Return the product with a vector."""
        return np.bincount(self.rows, self.values * move[self.columns], self.shape[0]).astype(np.float64)

    def sizes(self, move: Floats) -> Floats:
        """Return the product of the absolute values, by which the rounding of a product is judged."""
        terms = np.abs(np.nan_to_num(self.values) * move[self.columns])
        return np.bincount(self.rows, terms, self.shape[0]).astype(np.float64)

    def largest(self) -> Floats:
        """Return the largest claim of each row."""
        found = np.zeros(self.shape[0])
        np.maximum.at(found, self.rows, np.nan_to_num(np.abs(self.values), posinf=0.0))
        return found

    def without(self, columns: NDArray[np.bool_]) -> Entries:
        """Return the entries with zero claimed in some columns, which are held where they are."""
        if not columns.any():
            return self
        return Entries(
            self.rows, self.columns, np.where(columns[self.columns], 0.0, self.values), self.shape, self.listed
        )

    def row(self, row: int, columns: Sequence[int]) -> Floats:
        """Return what is claimed in some columns of a row."""
        here = self.rows == row
        known = dict(zip(self.columns[here].tolist(), self.values[here].tolist(), strict=True))
        return np.array([known.get(int(c), 0.0) for c in columns])


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix of derivatives: of each output of f by each input."""

    name: str  # of the tensor that the report names: J, or H
    title: str  # of the function
    f: Callable[[Floats], Floats]
    claim: Callable[[Floats], Entries]
    here: Floats
    outputs: tuple[int, ...]  # their shape
    inputs: tuple[int, ...]
    labels: tuple[str, str]  # of the outputs, and of the inputs, in the user's words
    dtype: str = "float64"
    eps: float = 2.0**-52  # relative rounding of the outputs
    constant: bool = False  # whether it was given as a matrix: then it is claimed at the given point alone
    symmetric: bool = False
    notes: tuple[str, ...] = ()
    reach: tuple[object, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)  # plain ones that f sees, by name
    columns: tuple[str, ...] = ()  # what the inputs are called, where they have names of their own
    first: Floats | None = None  # the outputs at the given point, where they were asked for already

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the tensor that the report names."""
        return self.outputs + self.inputs


@dataclass(frozen=True, eq=False)
class LinearMap:
    """A linear map and what is claimed to be its adjoint, from vectors to vectors, real or complex."""

    title: str
    forward: Callable[[NDArray[Any]], NDArray[Any]]
    adjoint: Callable[[NDArray[Any]], NDArray[Any]]
    here: NDArray[Any]  # a vector that it takes: as many, and real or complex
    labels: tuple[str, str]  # what the map and its adjoint are called
    name: str = "A"  # of the tensor that the report names
    notes: tuple[str, ...] = field(default=())
    reach: tuple[object, ...] = ()
    real: bool = False  # whether it is linear over the reals only, by what it says of itself
    halved: tuple[bool, bool] = (False, False)  # rows, columns: whether real parts come first, then imaginary ones

    def place(self, row: int, column: int, height: int) -> tuple[str, int, int]:
        """Return what an entry is called where some of `height` rows, or the columns, are imaginary parts."""
        name, tall, wide = self.name, height // 2, self.here.size // 2
        if self.halved[0]:
            name, row = name + (IMAGINARY if row >= tall else REAL), row % tall
        if self.halved[1]:
            name, column = name + (BY_IMAGINARY if column >= wide else ""), column % wide
        return name, row, column
