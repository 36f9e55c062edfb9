"""Is a function of numbers of one sign the same formula beyond 0? If not, its gradient need hold on their side only.

A length, a rate or a variance is positive, and so may be all that its gradient is written for. A leaky ReLU, whose
slope bends or jumps at 0, was written for both sides, and so must be its gradient. One number or two of a sign are more
likely the parameters of something: the concentration of a distribution, whose scaled Bessel functions have a kink at 0,
or the number whose root an iteration finds, which for one of the other sign would never end.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from gradcheck._entries.structure import domain_of
from gradcheck._measure.line import Line
from gradcheck._model.leaf import Leaf
from gradcheck._model.subject import Subject
from gradcheck._results.floating import DOUBLE

LOOKED_AT = 3  # entries that changed their sign
PARAMETERS = 2  # numbers, of one sign: where there are more, they are what a function is applied to
NEAR = 2.0**-10  # of the scale of an entry: steps on either side of 0
AGAIN = 4.0  # times, from where it is looked at again
FALLS = 2.0  # times at least, that what differs on both sides of 0 falls by from there, if f is smooth
LEAST = 2.0**-20  # of f: slopes and bends that differ by less are the same


def of_both_signs(subject: Subject, unseen: Collection[str]) -> frozenset[str]:
    """Return the inputs that take both signs at some neighbours: parameters only if nothing was seen of them here."""
    inputs = {path: leaf for path, leaf in subject.leaves.items() if leaf.kind == "input"}
    return frozenset(path for path, leaf in inputs.items() if path in unseen or not _are_parameters(leaf))


def _are_parameters(leaf: Leaf) -> bool:
    return leaf.array.size <= PARAMETERS and of_one_sign(leaf)


def of_one_sign(leaf: Leaf) -> bool:
    """Return whether a tensor is an input whose numbers have one sign."""
    return leaf.kind == "input" and domain_of(leaf.original).signed


def of_one_piece(subject: Subject) -> bool:
    """Return whether f goes on across 0 as it was, in entries that have another sign here than at the given point."""
    found = False
    for path, leaf in subject.leaves.items():
        if of_one_sign(leaf):
            crossed = np.flatnonzero((leaf.array * leaf.original < 0).ravel())[:LOOKED_AT]
            if not _are_parameters(leaf) and not all(_goes_on(subject, path, int(flat)) for flat in crossed):
                return False
            found = found or bool(crossed.size)
    return found


def _goes_on(subject: Subject, path: str, flat: int) -> bool:
    """Whether slope and bend of f along one entry meet at 0: from nearer they differ by less, as those of a cube."""
    leaf = subject.leaves[path]
    line, here = subject.entry(leaf, flat), float(leaf.array.flat[flat])
    far, near = (_apart(line, -here, step * float(leaf.scale[flat])) for step in (NEAR, NEAR / AGAIN))
    if not np.isfinite([*far, *near]).all():
        return True  # a pole, or no value at 0
    steep, bent = (abs(f) for f in far)
    least = LEAST * (abs(line(0.0)[1] - line(-here)[1]) + subject.rounding() / DOUBLE)
    return abs(near[0]) <= steep / FALLS + least and abs(near[1]) <= bent / FALLS + least


def _apart(line: Line, zero: float, h: float) -> tuple[float, float]:
    """Return by how much the slopes on both sides of 0, and the bends there, differ, in units of f over their scale."""
    at = [line(zero + n * h)[1] for n in (-2, -1, 0, 1, 2)]
    slopes, bends = (at[1] - at[2], at[3] - at[2]), (at[0] - 2 * at[1] + at[2], at[4] - 2 * at[3] + at[2])
    part = h / (abs(zero) or h)
    return (slopes[0] + slopes[1]) / part, (bends[1] - bends[0]) / part**2
