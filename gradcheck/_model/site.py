"""Where is a weight used? In z = x W + b with independent rows, where the effect of a shift of z can be isolated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHIFTS = 4  # of each unit
GAINS = 2  # evaluations of an entry one by one: shifts are used where they cost no more
PATCHES = 2**24  # size of all patches of an image together above which they are not laid out
Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class WeightSite:
    """A use of a weight W, and of a bias b beside it, in z = x W + b, or of an input, where z is x.

    Where there are several, their slopes add up. The scalar is a sum of terms, one for each row of z, and what is
    done to a row shows in its own term alone.
    """

    weight: str | None  # path of W
    bias: str | None  # path of b
    given: str | None  # path of x, where it is a tensor of the point itself
    matrix: Array | None  # W, as (I, O); where z is x itself, none
    rows: Floats  # (R, I): x; or (R, P, I), where each row of z is P of them, one after the other
    before: Floats  # (R, O), or (R, P O): z, the pre-activations
    terms: Floats  # (R,): what each row adds to the scalar
    turned: bool  # whether W is stored as (O, I), not (I, O)
    at_once: int  # shifts that are best taken at once
    # shifted(units (K,), shifts (K, R)): what the terms (K, R) change by where each of those units is shifted
    shifted: Callable[[Ints, Floats], Floats]

    @property
    def paths(self) -> list[str]:
        """The tensors that are met here."""
        return [path for path in (self.weight, self.bias, self.given) if path is not None]
