"""Can the derivatives of all outputs explain a claim at all? A few of them tell, before all are measured.

A claim c J, with another cotangent c than u, has that form along every direction, and a mistake in using the
derivatives themselves shows in any of their columns. Each costs two calls; all of them cost six calls an entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.evidence import Evidence, Floats
from gradcheck._diagnose.laboratory import Laboratory

WAYS = 3  # random directions, and columns: each refutes all but one in a thousand of what is not so
FEW = 8  # entries: their derivatives are measured in full for about the price
NEAR = 1e-4  # relative to the terms: how close the prediction along a direction comes to the claim


@dataclass(frozen=True)
class Shadow:
    """What the derivatives show along a few directions, and of a few entries, as far as these can be trusted."""

    evidence: Evidence
    flat: Floats  # the cotangent
    moves: tuple[tuple[Floats, Floats], ...] = ()  # of the tensor, with what each does to the outputs
    columns: tuple[tuple[int, Floats], ...] = ()  # entries, with what each does to the outputs
    turned: Floats | None = None  # what a move by the cotangent does to them, where that has the shape

    @classmethod
    def of(cls, evidence: Evidence, lab: Laboratory, flat: Floats) -> Shadow:
        """Measure along random directions, and along a few of the wrong entries."""
        if evidence.claim.size <= FEW or evidence.value is None:
            return cls(evidence, flat)
        size = np.abs(evidence.value).ravel()
        scale = np.maximum(size, np.median(size[size > 0]) if size.any() else 1.0)
        rng = np.random.default_rng(0)
        wrong = np.flatnonzero(evidence.wrong.ravel())
        known = cls(evidence, flat)
        moves = known._seen(lab, [scale * rng.choice([-1.0, 1.0], scale.shape) for _ in range(WAYS)])
        entries = rng.choice(wrong, min(WAYS, len(wrong)), replace=False)
        single = known._seen(lab, [np.where(np.arange(len(scale)) == k, scale, 0.0) for k in entries])
        columns = tuple((k, y / move[k]) for move, y in single for k in [int(np.argmax(move))])
        return cls(evidence, flat, moves, columns, known._turned(lab, scale))

    def _seen(self, lab: Laboratory, moves: list[Floats]) -> tuple[tuple[Floats, Floats], ...]:
        pushed = ((move, lab.pushed(self.evidence.name, move)) for move in moves)
        return tuple((move, y) for move, y in pushed if y is not None and self._trusted(move, y))

    def _trusted(self, move: Floats, y: Floats) -> bool:
        """Whether the measured gradient is seen along a move: a kink, or noise, may be in its way."""
        terms = move * self.evidence.estimate.ravel()
        known = np.abs(move) * self.evidence.slack.ravel()
        return y.size == self.flat.size and _near(float(self.flat @ y), terms, float(np.sum(known)))

    def _turned(self, lab: Laboratory, scale: Floats) -> Floats | None:
        if self.flat.size != scale.size or not self.flat.any():
            return None
        by = float(np.median(scale)) / float(np.max(np.abs(self.flat)))
        y = lab.pushed(self.evidence.name, by * self.flat)
        return None if y is None else y / by

    def may_be(self, other: Floats) -> bool:
        """Whether the claim may be the right gradient for another pull."""
        claim = self.evidence.claim.ravel()
        return all(_near(float(other @ y), move * claim, 0.0) for move, y in self.moves)

    def may_be_of_matrix(self, u: list[Floats]) -> bool:
        """Whether the claim may be something that is done with the derivatives themselves."""
        claim = self.evidence.claim.ravel()
        if not self.columns or (self.turned is not None and _alike(self.turned, claim)):
            return True
        alone = self.flat.size > 1 and all(_any(self.flat * y, claim[k]) for k, y in self.columns)
        return alone or any(self._diagonal(slice_, c) for slice_, c in _blocks(u, self.evidence))

    def _diagonal(self, block: slice, c: Floats) -> bool:
        """Whether the slope of each entry's own output is all that the claim has, or all that it lacks."""
        claim, estimate = self.evidence.claim.ravel(), self.evidence.estimate.ravel()
        slopes = [(k, float(y[block][k])) for k, y in self.columns]
        handed = all(_any(np.array([c[k] * slope]), claim[k]) for k, slope in slopes)
        return handed or all(_any(np.array([claim[k] * slope]), estimate[k]) for k, slope in slopes)


def _blocks(u: list[Floats], evidence: Evidence) -> list[tuple[slice, Floats]]:
    ends = np.cumsum([0, *(c.size for c in u)])
    blocks = [(slice(ends[k], ends[k + 1]), np.ravel(c)) for k, c in enumerate(u)]
    return [(block, c) for block, c in blocks if c.size == evidence.claim.size]


def _near(found: float, terms: Floats, known: float) -> bool:
    return bool(abs(found - float(np.sum(terms))) <= NEAR * float(np.sum(np.abs(terms))) + known)


def _any(candidates: Floats, wanted: float) -> bool:
    """Whether one of some numbers is what is wanted."""
    size = np.maximum(np.abs(candidates), abs(wanted))
    return bool((np.abs(candidates - wanted) <= NEAR * size).any())


def _alike(a: Floats, b: Floats) -> bool:
    return bool(
        (np.abs(a - b) <= NEAR * np.maximum(np.abs(a), np.abs(b)) + NEAR * np.max(np.abs(b), initial=0.0)).all()
    )
