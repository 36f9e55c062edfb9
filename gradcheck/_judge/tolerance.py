"""Which error does not matter, and which uncertainty is small enough to decide?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck._results.estimate import SMALLEST
from gradcheck._results.floating import DOUBLE, HALF, SINGLE

Floats = NDArray[np.float64]
Number = TypeVar("Number", float, Floats, float | Floats)

COARSE = 1e-2  # relative: nothing is decided with a larger uncertainty, unless the user says otherwise
SMALL_ENTRY = 0.01  # of the tensor's largest: entries below it may be known that much less well
COARSE_ENTRY = 0.1  # the same where the claim was computed in less than double precision
HALF_SEES = 1.0  # relative: in half precision or less, the smallest error that must be seen for a claim to be right
HALF_DOUBTS = 1 / 4  # of an uncertainty: a claim in half precision that is off by more of it is not right as it stands
GROSS = 1 / 8  # relative: an error above this matters in any precision
GROSS_OF_SUM = 1 / 32  # likewise, of the tensor's largest: twice what bfloat16 leaves of a claim in eight layers
OWN_ROUNDINGS = 32.0  # roundings of its dtype that a claim may be off by, of itself
SUM_ROUNDINGS = 16.0  # likewise, of the tensor's largest, since the claim may be what is left of a sum
NOTHING = 1e-9  # of what moves f elsewhere: a claim below it claims zero
PIECE = 65_536  # claims that are looked at at once
ZERO_ROUNDINGS = 64.0  # roundings of what moves f elsewhere, below which a claim claims zero


@dataclass(frozen=True)
class Slack:
    """An error that a caller allows besides: atol, and rtol times the measured slope."""

    atol: float = 0.0
    rtol: float = 0.0

    def of(self, *slopes: float) -> float:
        """Return what is allowed beside slopes between some numbers."""
        return self.atol + self.rtol * max(map(abs, slopes))


NONE = Slack()


def largest_of(claims: Floats) -> float:
    """Return the size of the largest claim that is finite; piece by piece, as they may be very many."""
    flat, largest = claims.reshape(-1), 0.0
    for first in range(0, flat.size, PIECE):
        size = np.abs(flat[first : first + PIECE])
        largest = max(largest, float(np.max(size, where=np.isfinite(size), initial=0.0)))
    return largest


@dataclass(frozen=True)
class Standard:
    """The standard of a claim: the errors that matter, and the sizes they are compared with."""

    rtol: float | None = None  # the user's smallest relative error that matters
    rounding: float = DOUBLE  # of the dtype in which the claim was computed
    largest: float = 0.0  # the largest claim of the tensor
    stretch: float = 1.0  # how many times a tensor's typical step an entry's own is
    elsewhere: float = 0.0  # the largest claim of other tensors, in units of this one
    slack: Slack = NONE
    rough: float = 0.0  # how far right claims of the tensor were found to be off, in units of its typical entries
    half: bool = False  # whether f was given half precision, and is as noisy as that though it takes more
    single: bool = False  # whether a part of f is computed in single precision, and so a part of what its claims leave
    hollow: bool = False  # whether the claims of the tensor are zero except for their rounding, as that was measured

    def tolerance(self, size: float | Floats) -> float | Floats:
        """Return the error that does not matter in an entry of a given size: half of what does."""
        relative = max((self.rtol or SMALLEST) / 2, min(OWN_ROUNDINGS * self.rounding, GROSS))
        coarse = self.rounding > DOUBLE  # in double the rounding of a claim is measured where it could matter
        return relative * size + min(SUM_ROUNDINGS * self.rounding, GROSS_OF_SUM) * self.largest * coarse

    def sharp(
        self,
        uncertainty: float | Floats,
        size: float | Floats,
        stretch: float | Floats | None = None,
        largest: float | None = None,
    ) -> bool | NDArray[np.bool_]:
        """Return whether an uncertainty is small enough to matter for an entry of a given size.

        An entry that is taken in larger steps than others moves f as much as they do with a smaller slope. The tensor's
        largest claim stands for its largest slope, unless that is said.
        """
        if self.coarse and not self.rtol:  # however much its stairs make f seem to move
            return self.seen(uncertainty, size) <= HALF_SEES * self.against(size, stretch)
        enough = GROSS if self.half else COARSE
        return uncertainty <= (self.rtol or enough) * self.against(size, stretch, largest)

    @property
    def coarse(self) -> bool:
        """Whether claims and slopes are those of half precision or less."""
        return self.rounding >= HALF

    def doubted(self, uncertainty: Number) -> Number:
        """Return by how much a claim may be off and still be called right, besides what does not matter.

        In half precision the uncertainty allows for kinks that the noise hides. What is off by a part of it is no
        error yet, but looked at again, with many more values.
        """
        return HALF_DOUBTS * uncertainty if self.coarse else uncertainty

    def seen(self, uncertainty: float | Floats, size: float | Floats, stretch: float | Floats = 1.0) -> float | Floats:
        """Return the smallest error that would have been seen in an entry."""
        if self.coarse:
            return self.doubted(uncertainty) + self.tolerance(size)
        return uncertainty + self.rounded(np.asarray(size), stretch)

    def against(
        self, size: float | Floats, stretch: float | Floats | None = None, largest: float | None = None
    ) -> float | Floats:
        """Return what an uncertainty is relative to: the entry, or a small part of its tensor's largest."""
        least = SMALL_ENTRY if self.rounding <= DOUBLE and not self.half else COARSE_ENTRY
        slope = self.largest if largest is None else largest
        part = least * slope / (self.stretch if stretch is None else stretch)
        if isinstance(size, float) and isinstance(part, float):
            return max(size, part)
        return np.maximum(size, part)

    def rounded(self, size: Floats, stretch: float | Floats = 1.0) -> Floats:
        """Return what rounding may have made of claims of some sizes, in the dtype that they were computed in."""
        return np.asarray(self.rounding * (OWN_ROUNDINGS * size + SUM_ROUNDINGS * self.largest / stretch))

    def nothing(self, uncertainty: float | Floats) -> bool | NDArray[np.bool_]:
        """Return whether an entry of a tensor that is said not to move f is known to move it no more than that."""
        return (uncertainty <= self.negligible) & (self.largest <= self.negligible)

    @property
    def negligible(self) -> float:
        """Claims that are zero up to rounding, beside tensors that do move f: such as the bias before a batch norm."""
        return max(NOTHING, ZERO_ROUNDINGS * max(self.rounding, SINGLE * self.single)) * self.elsewhere
