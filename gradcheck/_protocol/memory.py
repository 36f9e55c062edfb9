"""Does a pullback leave its cotangent unchanged, and is it independent of its memory layout?

Whatever comes after a function may hand it a slice of a larger array, or a transposed one; and may need it afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._protocol.deterministic import broken
from gradcheck._protocol.rounding import Claims, eps_of, measured_rounding, residue
from gradcheck._results.estimate import SMALLEST
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

GAPS = 2  # places of a larger array, of which one is used
LAYOUT = "the gradient of {} differs for a cotangent that is a transposed slice with gaps (not contiguous)"
RAISES = "the backward raises {}: {} for a cotangent that is a transposed slice with gaps (not contiguous)"
ADVICE = "; call np.ascontiguousarray(cotangent) first"
IN_PLACE = "the backward changes its cotangent in place, which others may still need; let it work on a copy"


def respected(subject: Subject, claims: Claims) -> list[Problem]:
    """Ask once more for the gradient, of a cotangent that lies elsewhere, and see what becomes of both."""
    if subject.oracle.laid is None:
        return []
    apart = _Apart()
    try:
        got = _asked(subject, apart)
    except Exception as error:  # the user's pullback may raise anything
        if ends(error):
            raise
        return [] if not apart.strange else [broken(RAISES.format(type(error).__name__, error) + ADVICE)]
    if apart.changed:
        return [broken(IN_PLACE)]
    other = [path for path in claims if apart.strange and not _same(subject, path, got, claims)]
    names = [subject.leaves[path].name for path in other[:1]]
    return [Problem(Verdict.WRONG, LAYOUT.format(name) + ADVICE, name) for name in names]


@dataclass(eq=False)
class _Apart:
    """Lays cotangents out as slices of larger arrays, and remembers them."""

    made: list[tuple[Array, Array]] = field(default_factory=list)  # each, and a copy
    strange: bool = False  # whether any lies in another way than an array by itself

    def __call__(self, piece: Array) -> Array:
        room = np.full(GAPS * piece.size + 1, np.nan, dtype=piece.dtype)  # what is not to be read
        there = room[1::GAPS].reshape(piece.shape[::-1]).T
        there[...] = piece
        self.made.append((there, piece.copy()))
        self.strange = self.strange or piece.size > 1
        return there

    @property
    def changed(self) -> bool:
        """Whether they are others now."""
        return not all(np.array_equal(there, before) for there, before in self.made)


def _asked(subject: Subject, layout: _Apart) -> dict[str, Array]:
    assert subject.oracle.laid is not None  # noqa: S101  or nobody would ask
    subject.tally.asked(1)
    subject.pins.pin()
    return subject.named(subject.oracle.laid(subject.tree, np.asarray(subject.cotangent), layout))


def _same(subject: Subject, path: str, got: Claims, expected: Claims) -> bool:
    """Whether two ways to compute a gradient differ by no more than rounding."""
    finite = np.isfinite(expected[path])
    off = np.abs(got[path][finite] - expected[path][finite]).max(initial=0.0)
    eps = max(eps_of(expected[path]), subject.eps)
    size = np.abs(expected[path][finite]).max(initial=0.0)
    slack = SMALLEST / 2 * size + residue(subject, expected, path, eps)
    if off <= slack:
        return True
    seen = measured_rounding(subject, path, lambda _: (_asked(subject, _Apart()), subject.claims()))
    return bool(off <= slack + seen)
