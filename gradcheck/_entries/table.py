"""What is known of the entries of one tensor? Columns, filled in as it is found out; thin ones where they are long."""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._results.estimate import Estimate, Rung
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LARGE = 10_000  # entries above which a tensor is screened, not measured one by one


class Sparse:
    """A long column of which few entries are known: numbers by position, a filling elsewhere."""

    def __init__(self, filling: float, dtype: Any) -> None:  # noqa: ANN401
        """Know nothing yet."""
        self.filling, self.dtype = filling, dtype
        self.known: dict[int, Any] = {}

    def __getitem__(self, where: Any) -> Any:  # noqa: ANN401
        """Return what stands at a position, or at some."""
        if np.ndim(where) == 0:
            return self.known.get(int(where), self.filling)
        return np.array([self.known.get(int(k), self.filling) for k in where], dtype=self.dtype)

    def __setitem__(self, where: Any, what: Any) -> None:  # noqa: ANN401
        """Write down what stands at a position, or at some."""
        places = np.atleast_1d(where)
        self.known.update(zip(places.tolist(), np.broadcast_to(what, places.shape).tolist(), strict=True))


class Every:
    """The positions of a long column: each is that of the entry itself."""

    def __getitem__(self, where: Any) -> Any:  # noqa: ANN401
        """Return the entries at some positions."""
        return where


@dataclass
class Columns:
    """What is found out about the chosen entries of one tensor, filled in as it is found."""

    flat: Any  # Ints
    claims: Floats
    estimates: Any = field(init=False)  # Floats, as are the next three
    uncertainties: Any = field(init=False)
    lefts: Any = field(init=False)
    rights: Any = field(init=False)
    codes: Any = field(init=False)  # Verdict values
    rungs: dict[int, tuple[Rung, ...]] = field(default_factory=dict)
    sided: InitVar[bool] = True  # whether slopes from the left and the right may differ; else both are the estimates

    def __post_init__(self, sided: bool) -> None:
        """Begin with nothing known: UNDECIDED, and nan for numbers."""
        many = isinstance(self.flat, Every)
        for name in ("estimates", "uncertainties", *(("lefts", "rights") if sided else ())):
            setattr(self, name, Sparse(math.nan, np.float64) if many else np.full(len(self.flat), np.nan))
        if not sided:
            self.lefts = self.rights = self.estimates
        undecided = Verdict.UNDECIDED
        self.codes = Sparse(undecided, np.int8) if many else np.full(len(self.flat), undecided, dtype=np.int8)

    @classmethod
    def of(cls, claims: Floats) -> Columns:
        """Return columns for all claims of a tensor."""
        return cls(Every() if len(claims) > LARGE else np.arange(len(claims)), claims)

    def with_sides(self) -> None:
        """Let the slopes from the left and the right be others than the estimates, for those that are written next."""
        if self.lefts is self.estimates:
            self.lefts, self.rights = self.estimates.copy(), self.estimates.copy()

    def only(self, positions: Ints) -> Columns:
        """Return the columns of some of the entries; these themselves, without a copy, if that is all of them."""
        if not isinstance(self.flat, Every) and len(positions) == len(self.claims) and _rise(positions):
            return self
        part: Columns = object.__new__(Columns)  # complete: nothing will be filled in
        part.rungs = self.rungs
        for name in ("flat", "claims", "estimates", "uncertainties", "lefts", "rights", "codes"):
            setattr(part, name, getattr(self, name)[positions])
        return part

    def put(self, k: int, estimate: Estimate, verdict: Verdict) -> None:
        """Write down the result of a ladder; of what is wrong at a kink the slope that is nearest to the claim."""
        self.with_sides()
        # The rounding of a claim that passes is part of its uncertainty.
        unknown = estimate.uncertainty + estimate.residue * (verdict is Verdict.CORRECT)
        nearest = verdict is Verdict.WRONG and estimate.kink
        value = estimate.nearest(float(self.claims[k])) if nearest else estimate.value
        self.estimates[k], self.uncertainties[k] = value, unknown
        self.lefts[k], self.rights[k] = estimate.left, estimate.right
        self.codes[k] = verdict
        if verdict not in (Verdict.CORRECT, Verdict.UNTESTED):
            self.rungs[int(self.flat[k])] = estimate.rungs


def _rise(positions: Ints) -> bool:
    """Return whether positions are in order, and none twice."""
    return bool((positions[1:] > positions[:-1]).all())
