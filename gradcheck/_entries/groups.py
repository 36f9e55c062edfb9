"""Which outputs are of another order of magnitude than the largest? Groups of similar size, each with its cotangent.

The size of an output is how much it was seen to move from point to point, or what its noise hides of the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure.line import power_of_two
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._model.tally import Spans
from gradcheck._results.floating import REORDERED
from gradcheck._results.names import few_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

APART = 1e3  # times: outputs that move f so much less than the largest are looked at alone
NOISY = 2.0**30  # roundings of an output, to compare the noise it adds to the others with a move of the point
STEEPEST = 2.0**20  # how many times more weight than another an output of a group may have
QUIET = 2.0**-20  # noise relative to the move of an output: a noisier one is not looked at alone
LEAST = 2.0**-38  # relative to the largest number: anything smaller may be rounding
ALONG = 12  # of the line along which the noise of outputs is measured
SPACING = 2.0**-10  # of its points, of the scale of each entry
ORDER = 4  # of the differences that show noise
GAIN = math.sqrt(70)  # how many times the noise of values such a difference shows
PASSES = 3  # groups at most, beside the largest; all that is smaller still belongs to the last


@dataclass(frozen=True, eq=False)
class Group:
    """Outputs of about one size, and a cotangent of these alone, each weighted by one over its size."""

    name: str
    cotangent: Array
    smaller: float  # how many times less than the largest of all they move f
    noise: float  # standard deviation of that of their sum
    known: bool = True  # whether they can be looked at alone


def groups(subject: Subject) -> list[Group]:
    """Return the outputs in groups of similar size, the largest first; nothing where all are alike.

    The last holds those that are known too badly to be looked at alone, if there are any.
    """
    spans, u = subject.tally.seen, subject.cotangent
    if spans is None or u is None or not subject.oracle.drawn or np.size(u) != spans.low.size:
        return []
    flat = np.asarray(u, dtype=np.float64).ravel()
    moves = np.where(flat != 0, spans.high - spans.low, 0.0)
    rounding = subject.eps * np.maximum(np.abs(spans.low), np.abs(spans.high))
    if not _apart(np.where(moves > REORDERED * rounding, np.maximum(moves, NOISY * rounding), 0.0)):
        return []
    table = _line(subject)
    moves = np.where(flat != 0, np.ptp(table, axis=0) / (SPACING * (ALONG - 1)), 0.0)  # where it stands
    noise = np.maximum(rounding, np.abs(np.diff(table, ORDER, axis=0)).max(axis=0) / GAIN)
    size = np.where(moves > REORDERED * noise, np.maximum(moves, NOISY * noise), 0.0)
    largest = float(size.max())
    worth = (noise <= QUIET * moves) & (moves > LEAST * _around(subject, spans)) | (size > largest / APART)
    known = np.flatnonzero((size > 0) & worth)
    if not _apart(size):
        return []
    bins = np.minimum(np.log(largest / size[known]) // math.log(APART), PASSES)
    found = [_group(subject, size, noise, known[bins == number]) for number in np.unique(bins)]
    left = np.flatnonzero((size > 0) & ~worth)
    return [*found, replace(_group(subject, size, noise, left), known=False)] if len(left) else found


def _apart(size: Floats) -> bool:
    """Return whether some sizes, of those that are not nothing, are of another magnitude than the largest."""
    some = size[size > 0]
    return bool(len(some)) and bool(some.max() > APART * some.min())


def _around(subject: Subject, spans: Spans) -> Floats:
    """Return for each output the largest number that the function is given, or move of those in its array."""
    given = max(float(np.max(np.abs(leaf.known), initial=0.0)) for leaf in subject.leaves.values())
    around = spans.high - spans.low
    for where in _places(subject).values():
        around[where] = np.max(around[where], initial=given)
    return around


def _places(subject: Subject) -> Mapping[str, slice]:
    """Return where each output lies in all of them, flat."""
    return subject.oracle.outputs or {"output": slice(0, np.asarray(subject.cotangent).size)}


def _line(subject: Subject) -> Floats:
    """Return the outputs along a short line through the whole point: of its fourth differences only noise is left."""
    rng = np.random.default_rng(0)
    signs = {path: rng.choice([-1.0, 1.0], leaf.array.shape) for path, leaf in subject.leaves.items()}
    values = []
    for n in range(-ALONG // 2 + 1, ALONG // 2 + 1):
        moves = {
            path: n * SPACING * sign * subject.leaves[path].scale.reshape(sign.shape) for path, sign in signs.items()
        }
        with subject.at((path, subject.leaves[path].rounded(move)) for path, move in moves.items()):
            values.append(np.asarray(subject.output(), dtype=np.float64).ravel())
    table: Floats = np.array(values)
    return table if np.isfinite(table).all() else np.zeros_like(table)


def _group(subject: Subject, size: Floats, noise: Floats, places: Ints) -> Group:
    u = np.asarray(subject.cotangent)
    largest, top = float(size.max()), float(size[places].max())
    shares = [power_of_two(min(top / s, STEEPEST)) for s in size[places]]  # what is rounded stays so
    weights = np.zeros(u.size)
    weights[places] = u.astype(np.float64).ravel()[places] * shares
    return Group(
        _name(subject, places),
        weights.reshape(u.shape),
        largest / top,
        float(np.linalg.norm(weights[places] * noise[places])),
    )


def _name(subject: Subject, places: Ints) -> str:
    """Return what the outputs at some places are called: `output[1]`, `output[0][7]`, `loss`."""
    names = []
    for name, where in _places(subject).items():
        mine = places[(places >= where.start) & (places < where.stop)]
        whole = f"output{name}" if name.startswith("[") else name
        every = len(mine) == where.stop - where.start
        names += [whole] if every else [f"{whole}[{_index(subject, int(at - where.start))}]" for at in mine]
    return few_of(names)


def _index(subject: Subject, at: int) -> str:
    """Return the index of an entry of an output; of one among several outputs the shape is not known."""
    lone = subject.oracle.output
    return str(at) if lone is None else ",".join(map(str, map(int, np.unravel_index(at, lone.shape))))


def alone(subject: Subject, group: Group) -> Subject:
    """Return the subject whose scalar is a sum of the outputs of a group alone."""
    plain = subject.plain and replace(subject.plain, cotangent=group.cotangent)
    return replace(subject, cotangent=group.cotangent, plain=plain, jitter=max(subject.jitter, group.noise)).settled()
