"""What is f a step up and down for many entries, evaluated at once? Trusted where values taken one by one agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.leaf import VAST
from gradcheck._model.subject import Subject
from gradcheck._results.floating import REORDERED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST = 12  # entries from which on values taken at once cost less than those one by one
HELD = 6  # evaluations against which values that were taken at once are held
ROWS = 128  # size of a stack: larger ones gain nothing, and each member needs memory for its intermediate results
SAME = 1e-7  # of an increment, by which values taken at once and one by one may differ besides
TOGETHER = 1e-3  # relative to the sum of all increments: how far the joint increment may differ, because of curvature


def at_once(subject: Subject, path: str, flat: Ints, steps: Floats) -> Floats | None:
    """Return what `both_ways` does, from values that were taken at once; None where that cannot be, or is not so."""
    leaf = subject.leaves[path]
    if subject.oracle.values is None or subject.cotangent is None or len(flat) < FEWEST:
        return None
    if subject.tally.left < 2 * len(flat) + HELD:
        return None  # as many as may still be evaluated are, one by one
    rows = min(ROWS, VAST // sum(each.array.size for each in subject.leaves.values()))
    if leaf.array.dtype != np.float64 or leaf.digits or rows <= 2 * FEWEST:
        return None
    taken = np.empty((4, len(flat)))
    for part in np.array_split(np.arange(len(flat)), -(-2 * len(flat) // rows)):
        found = _taken(subject, path, flat[part], steps[part])
        if found is None:
            return None
        taken[:, part] = found
    if not _as_one_by_one(subject, path, flat, steps, taken):
        return None
    subject.tally.call(2 * len(flat))
    return taken


def _taken(subject: Subject, path: str, flat: Ints, steps: Floats) -> Floats | None:
    array, count = subject.leaves[path].array, len(flat)
    here = array.ravel()[flat]
    moved = np.concatenate([here + steps, here - steps])
    stack = np.repeat(array.reshape(1, -1), 2 * count + 1, axis=0)
    stack[np.arange(1, 2 * count + 1), np.tile(flat, 2)] = moved
    subject.pins.pin()
    assert subject.oracle.values is not None  # noqa: S101  or nobody would ask
    with np.errstate(all="ignore"):
        values = subject.oracle.values(subject.tree, path, stack.reshape(-1, *array.shape))
        u = np.ravel(np.asarray(subject.cotangent))
        if values is None or values.shape != (2 * count + 1, u.size):
            return None
        increments = (values[1:] - values[0]).astype(np.float64) @ u
    up, down = np.split(moved - np.tile(here, 2), 2)
    plus, minus = np.split(increments, 2)
    return np.stack([up, plus, down, minus])


def _as_one_by_one(subject: Subject, path: str, flat: Ints, steps: Floats, taken: Floats) -> bool:
    """Whether it is the same for two of the entries by themselves, and, roughly, for all of them moved together."""
    _, plus, _, minus = taken
    if not (plus.any() or minus.any()) or not (np.isfinite(plus).all() and np.isfinite(minus).all()):
        return False  # the model may not depend on this tensor alone, or its domain may end nearby
    leaf, slack = subject.leaves[path], REORDERED * subject.rounding()
    for n in {int(np.argmax(np.abs(plus - minus))), len(flat) // 2}:
        line = subject.entry(leaf, int(flat[n]))
        for step, value in ((steps[n], plus[n]), (-steps[n], minus[n])):
            single = line(float(step))[1]
            if not abs(single - value) <= slack + SAME * abs(single):
                return False
    signs = np.random.default_rng(0).choice([-1.0, 1.0], len(flat))
    move = np.zeros(leaf.array.size)
    move[flat] = signs * steps
    line = subject.direction({path: move.reshape(leaf.array.shape)})
    odd = (line(1.0)[1] - line(-1.0)[1]) / 2
    size = float(np.sum(np.abs(plus - minus))) / 2
    return bool(abs(odd - float(signs @ (plus - minus)) / 2) <= slack * len(flat) ** 0.5 + TOGETHER * size)
