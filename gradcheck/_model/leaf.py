"""What is one tensor of a point? Its numbers, how large each is, and how it is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.filed import BLOCK, Filed, blocks_of
from gradcheck._model.forms import Form, Plain
from gradcheck._model.oracle import Array
from gradcheck._results.middle import median

DIGITS = {"bfloat16": 8, "float8_e4m3fn": 4, "float8_e4m3fnuz": 4, "float8_e5m2": 3, "float8_e5m2fnuz": 3}
FEWEST = 4  # binary digits of an eight-bit number that is not in the table
ANOTHER_ORDER = 2.0**-30  # of a typical entry: smaller ones, unless zero, are in units of their own
FAR_SMALLER = 2.0**-10  # likewise, if many are that small
OFTEN = 1 / 16  # of the entries other than zero are many: of evenly drawn ones one in a thousand is that small

VAST = 1_000_000  # entries, beyond which nothing that is as long as they are is kept to be quicker
HELD = 1e30  # numbers between this and its reciprocal are held by single precision, and so are products with others
EVERY = slice(None)

Floats = NDArray[np.float64]
Draw = Callable[[slice], Floats]  # the coefficients of a block of entries
Stored = Array | Filed  # of all entries; in a file where they are too many


@dataclass(frozen=True)
class Leaf:
    """One tensor of the point."""

    name: str
    kind: str
    array: Array  # private; changed in place along a line, and put back by assignment
    original: Array
    dtype: np.dtype[Any] | str  # what the user gave; a name where NumPy has none such
    form: Form  # in which the function must be given it
    digits: int = 0  # binary digits of a number, where the array's dtype is wider; 0 where it is its own
    held: NDArray[np.bool_] | None = None  # entries that are not finite, and stay where they are

    @property
    def scalar(self) -> bool:
        """Whether it is a number, and no array."""
        return self.form.scalar

    def handed(self, array: Array) -> Any:  # noqa: ANN401
        """Return what the function is given for such an array: in the form in which the user gave it."""
        return array if type(self.form) is Plain else self.form.like(array)

    @property
    def scale(self) -> Floats:
        """The natural step of each entry, flat: its own size, or that of a typical entry of the tensor."""
        return self.scale_of(EVERY)

    @property
    def spread(self) -> Floats:
        """How far each entry goes where all of them move: its natural step, or its size if of quite another order."""
        return self.spread_of(EVERY)

    def reach_of(self, which: Any) -> Floats:  # noqa: ANN401  likewise
        """Return how far from the point some entries may be put, flat: by their size, where magnitudes are mixed."""
        far = self.spread_of(which)
        if not self._of_many_orders:
            return far
        size = self.sizes(which)
        return np.where((size > 0) & (size < FAR_SMALLER * self.unit), size, far)

    @cached_property
    def _of_many_orders(self) -> bool:
        """Whether many entries are far smaller than a typical one, as of a list of constants in units of their own."""
        size = self.sizes(slice(None, None, self.array.size // VAST | 1))
        small = size < FAR_SMALLER * self.unit
        return bool(small.any() and np.count_nonzero(small & (size > 0)) > OFTEN * np.count_nonzero(size))

    @cached_property
    def typical(self) -> float:
        """The natural step of a typical entry."""
        return median(self.scale) if self._few else self.unit

    def scale_of(self, which: Any) -> Floats:  # noqa: ANN401  what NumPy takes entries by
        """Return the natural steps of some entries, flat; those of a large tensor are not kept."""
        if not self._few:
            return self._steps_of(which)[0]
        kept: Floats = self._steps[0][which]
        return kept

    def spread_of(self, which: Any) -> Floats:  # noqa: ANN401  likewise
        """Return how far some entries go where all of them move, flat."""
        if not self._few:
            return self._steps_of(which)[1]
        kept: Floats = self._steps[1][which]
        return kept

    @cached_property
    def _few(self) -> bool:
        return self.array.size <= VAST

    @cached_property
    def unit(self) -> float:
        """The size of a typical entry other than zero, and so the least natural step; of a large tensor, among some."""
        size = self.sizes(slice(None, None, self.array.size // VAST | 1))
        if not size.any():
            size = self.sizes()
        nonzero = size[size > 0]
        return median(nonzero) if nonzero.size else 1.0

    def _of_another_order(self, size: Floats) -> NDArray[np.bool_]:
        return np.asarray((size > 0) & (size < ANOTHER_ORDER * self.unit))

    @cached_property
    def _mixed(self) -> bool:
        """Whether some entries are of another order of magnitude."""
        return any(self._of_another_order(self.sizes(block)).any() for block in self.blocks())

    @cached_property
    def _steps(self) -> tuple[Floats, Floats]:
        """Those of all entries, kept."""
        steps = self._steps_of(EVERY)
        for each in steps:
            each.flags.writeable = False
        return steps

    def _steps_of(self, which: Any) -> tuple[Floats, Floats]:  # noqa: ANN401  likewise
        """Return natural steps, and how far entries go: the same array where none is of another order."""
        size = self.sizes(which)
        scale, another = np.maximum(size, self.unit), self._of_another_order(size)
        return scale, np.where(another, size, scale) if another.any() else scale

    def sizes(self, which: Any = EVERY) -> Floats:  # noqa: ANN401  likewise
        """Return how large entries are, flat; those that are not finite stay where they are, and count as zero."""
        size = np.abs(self.numbers(which))
        return size if self.held is None else np.where(_flat(self.held, which), 0.0, size)

    def numbers(self, which: Any) -> Floats:  # noqa: ANN401  likewise
        """Return the numbers of some entries, flat."""
        return _flat(self.original, which).astype(np.float64, copy=False)

    def blocks(self) -> Iterator[slice]:
        """Yield all entries, block by block: what takes as much as a large tensor is made a piece at a time."""
        yield from blocks_of(self.array.size, BLOCK)

    @cached_property
    def vast(self) -> bool:
        """Whether it is so large that another array like it is too much; then what is needed once more is in a file."""
        in_order = self.array.flags.c_contiguous and self.original.flags.c_contiguous
        return not self._few and in_order and not self.digits

    def nowhere(self) -> Stored:
        """Return a move of all entries, flat, to be written: in single precision where they are many."""
        make = Filed if self.vast else np.empty
        return make(self.array.size, self._coefficients)

    def here(self) -> Stored:
        """Return the numbers that stand in the array now."""
        return Filed.of(self.array) if self.vast else self.array.copy()

    def put(self, numbers: Stored) -> None:
        """Put numbers into the array as they are, such as those from which it was moved away."""
        if isinstance(numbers, Filed):
            numbers.put(self.array)
        else:
            self.array[...] = numbers

    def shaped(self, move: Stored) -> Stored:
        """Return a flat move in the shape of the array; one in a file has none."""
        return move if isinstance(move, Filed) else move.reshape(self.array.shape)

    def leave_behind(self) -> None:
        """Leave the array to whoever keeps it, and move another with the same numbers from now on."""
        object.__setattr__(self, "array", self.array.copy())

    def whole(self, move: Stored) -> Array:
        """Return a move as an array in the shape of this, wherever it stands."""
        return move[:].reshape(self.array.shape) if isinstance(move, Filed) else move

    def drawn(self, draw: Draw, far: Callable[[Any], Floats], weight: float = 1.0) -> Stored:
        """Return a move of all entries: coefficients, drawn block by block, of how far each goes."""
        move = self.nowhere()
        for block in self.blocks():
            move[block] = draw(block) * far(block) * weight
        return self.shaped(move)

    @cached_property
    def _coefficients(self) -> type[np.floating]:
        """The precision of what entries are moved by: any number of single precision is as good a coefficient.

        Double where they are few, and where single could not hold them.
        """
        if self._few or self._mixed or self.unit < 1 / HELD:
            return np.float64
        return np.float32 if max(float(self.sizes(block).max()) for block in self.blocks()) < HELD else np.float64

    @property
    def given(self) -> float:
        """The relative rounding of what the user gave."""
        return (
            2.0 ** (1 - DIGITS.get(self.dtype, FEWEST))
            if isinstance(self.dtype, str)
            else float(np.finfo(self.dtype).eps)
        )

    @property
    def eps(self) -> float:
        """The relative rounding of the numbers in the array."""
        return 2.0 ** (1 - self.digits) if self.digits else float(np.finfo(self.array.dtype).eps)

    @property
    def known(self) -> Array:
        """What the user gave, with zeros where that is not finite."""
        return self.original if self.held is None else np.where(self.held, 0, self.original)

    @property
    def moved(self) -> NDArray[np.int64]:
        """The places of the entries that are moved, flat."""
        return self.moved_in(EVERY)

    @property
    def moving(self) -> int:
        """How many entries are moved."""
        return self.array.size - (0 if self.held is None else int(np.count_nonzero(self.held)))

    def moved_in(self, block: slice) -> NDArray[np.int64]:
        """Return which entries of a block are moved, counted from its beginning."""
        if self.held is None:
            return np.arange(*block.indices(self.array.size)) - (block.start or 0)
        return np.flatnonzero(~_flat(self.held, block))

    @property
    def at_rest(self) -> bool:
        """Whether the array holds the numbers of the given point."""
        if not self.vast:
            return np.array_equal(self.array, self.original, equal_nan=True)
        here, there = in_line(self.array), in_line(self.original)
        return all(np.array_equal(here[block], there[block], equal_nan=True) for block in self.blocks())

    def move(self, numbers: Array) -> None:
        """Put other numbers in the place of those that are finite."""
        self.array[...] = self.rounded(numbers) if self.digits else numbers
        if self.held is not None:
            self.array[self.held] = self.original[self.held]

    def shift(self, start: Stored, move: Stored, by: float = 1.0) -> None:
        """Put the sum of a start and so many times a move in their place; of a large tensor without a copy of it."""
        wide = np.result_type(self.array.dtype, move.dtype)  # a move may be in single precision
        if not isinstance(start, Filed) and not isinstance(move, Filed):
            if self.array.size <= BLOCK:
                self.move(start + by * move)
                return
            if not self.array.flags.c_contiguous:
                self.move(start + np.multiply(move, by, dtype=wide))
                return
        numbers, start, move = self.array.reshape(-1), in_line(start), in_line(move)
        for block in self.blocks():
            there = start[block] + np.multiply(move[block], by, dtype=wide)
            numbers[block] = self.rounded(there) if self.digits else there
        if self.held is not None:
            self.array[self.held] = self.original[self.held]

    def as_move(self, move: Stored) -> Stored:
        """Return a move of whole steps of what the array can hold; one that is thinner than that is one."""
        if isinstance(move, Filed):
            return move
        return self.rounded(move) if self.digits or move.dtype.itemsize >= self.array.itemsize else move

    def rounded(self, numbers: Any) -> Any:  # noqa: ANN401
        """Return numbers as the array holds them."""
        if self.digits:
            numbers = to_digits(numbers, self.digits)
        return np.asarray(numbers).astype(self.array.dtype, copy=False)[()]


def to_digits(numbers: Any, digits: int) -> NDArray[np.float64]:  # noqa: ANN401
    """Round numbers to some binary digits."""
    mantissa, exponent = np.frexp(np.asarray(numbers, dtype=np.float64))
    return np.asarray(np.ldexp(np.round(np.ldexp(mantissa, digits)), exponent - digits))


def _flat(array: NDArray[Any], which: Any) -> NDArray[Any]:  # noqa: ANN401  what NumPy takes entries by
    """Return some entries of an array, flat; no copy of all of them is made for that."""
    some: NDArray[Any] = array.reshape(-1)[which] if array.flags.c_contiguous else array.flat[which]
    return some


def in_line(numbers: Stored) -> Stored:
    """Return numbers so that a block of them can be taken."""
    return numbers if isinstance(numbers, Filed) else numbers.reshape(-1)


def signs(rng: np.random.Generator) -> Draw:
    """Return what draws random signs."""
    return lambda block: rng.choice([-1.0, 1.0], block.stop - block.start)
