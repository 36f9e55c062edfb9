"""Is an input only compared with numbers, as labels and masks of floats are? Then it has no slope, here or nearby.

Zero is claimed for it beside others that move f, which is constant in pieces along it: at the given point and at
others, where dead units and layers of zeros, which stand still as well, do not. It is data that happens to be floats.
What is claimed for the others need hold for such numbers only, so it stays what it is at neighbours; and where f jumps
at the given point, as where a label is compared with itself, no slope of it is looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck._entries.neighbours import Place, somewhere_near
from gradcheck._entries.signs import of_both_signs
from gradcheck._entries.structure import Structure
from gradcheck._measure.line import Line
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject

NONE: frozenset[str] = frozenset()
STEPS = (2.0**-20, 2.0**-12, 2.0**-8, 2.0**-4)  # of the scale: where f has a slope, it differs between any two of them
VALUES = 2  # of f at them where it has none: a jump may lie on the way
PLACES = 2  # random points, those of the neighbours, with inputs of both signs at the second
SIGNS = (1.0, -1.0)  # of the steps by which a number is moved, up and down
FEW = 4  # numbers of which one entry each is moved
WAY = 0  # the direction through the tensor: random signs
STAYS = Structure("the given numbers", lambda *_: True, lambda numbers, _: numbers)
HELD = (
    "held fixed, as data: {}; zero is claimed, and the function has no slope there but jumps, as by labels and masks "
    "that are compared with numbers"
)
COTANGENTS = ("cotangent", "grad_output")  # what those are called in which a gradient, itself checked, is linear


@dataclass(frozen=True)
class Compared:
    """Tensors that are only compared, and those of them at which f jumps at the given point."""

    tensors: frozenset[str] = NONE
    jumping: frozenset[str] = NONE


def compared(subject: Subject, claims: Mapping[str, Array], seed: int) -> Compared:
    """Find the inputs along which f is constant in pieces, of those for which zero is claimed beside others."""
    if any(leaf.name.startswith(COTANGENTS) for leaf in subject.leaves.values()):
        return Compared()  # of a second order: inputs along which the gradient jumps are no labels
    silent = [path for path, claim in claims.items() if subject.leaves[path].kind == "input" and not claim.any()]
    if len(silent) in {0, len(claims)} or not any(np.isfinite(claims[p]).all() for p in claims if p not in silent):
        return Compared()
    sides = {path: _sides(subject, path) for path in silent}
    flat = [path for path, both in sides.items() if both is not None]
    rng = np.random.default_rng(seed)
    for number in range(PLACES if flat else 0):
        flip = of_both_signs(subject, silent) if number % 2 == 1 else ()
        with somewhere_near(subject, rng, sets={}, flip=flip) as place:
            moves = bool(place.claims)
            flat = [p for p in flat if not moves or _still_flat(place, p)]
        if flat and not moves:  # where the labels are others, f has no value
            with somewhere_near(subject, rng, sets=dict.fromkeys(flat, STAYS)) as place:
                flat = [p for p in flat if place.claims and _still_flat(place, p)]
    return Compared(frozenset(flat), frozenset(path for path in flat if any(sides[path] or ())))


def _still_flat(place: Place, path: str) -> bool:
    return not place.claims[path].any() and _sides(place.subject, path, STEPS[:2]) is not None


def _sides(subject: Subject, path: str, steps: tuple[float, ...] = STEPS) -> list[float] | None:
    """Return by how much f jumps on either side of where the subject stands; None where it does anything else.

    Along all entries at once or, where f has no value there, along one of each number that is among them.
    """
    line = subject.through([path], WAY)
    if np.isfinite(line(STEPS[0])[1]):
        return _jumps(line, 1.0, steps)
    leaf = subject.leaves[path]
    _, first = np.unique(leaf.original, return_index=True)
    found = [_jumps(subject.entry(leaf, int(k)), float(leaf.scale[k]), steps) for k in first[:FEW]]
    return None if None in found else [jump for jumps in found for jump in jumps or ()]


def _jumps(line: Line, scale: float, steps: tuple[float, ...]) -> list[float] | None:
    jumps = []
    for sign in SIGNS:
        nearest, *further = (line(sign * step * scale)[1] for step in steps[:2])
        if not np.isfinite(nearest) or further != [nearest]:
            return None
        if len({nearest, *(line(sign * step * scale)[1] for step in steps[2:])}) > VALUES:
            return None
        jumps.append(nearest)
    return jumps
