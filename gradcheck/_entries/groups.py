"""Which outputs are of another order of magnitude than the largest? Groups of like size, each with its cotangent.

The size of an output is how much it was seen to move from point to point, or what its noise hides of the others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure.line import power_of_two
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Spans, Subject

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

APART = 1e3  # times: outputs that move f so much less than the largest are looked at alone
NOISY = 2.0**30  # roundings of an output that hide about as much of the others as a move of that size
STEEPEST = 2.0**20  # how many times more weight than another an output of a group may have
STILL = 64.0  # roundings of an output: what moves no more than that stands still
PASSES = 3  # groups at most, beside the largest; all that is smaller still belongs to the last
NAMED = 3  # outputs of a group that are named


@dataclass(frozen=True, eq=False)
class Group:
    """Outputs of about one size, and a cotangent that holds them alone, each by its size."""

    name: str
    cotangent: Array
    smaller: float  # how many times less than the largest of all they move f


def groups(subject: Subject) -> list[Group]:
    """Return the outputs in groups of like size, the largest first; nothing where all are alike."""
    spans, u = subject.tally.seen, subject.cotangent
    if spans is None or u is None or not subject.oracle.drawn or np.size(u) != spans.low.size:
        return []
    flat = np.asarray(u, dtype=np.float64).ravel()
    size = np.where(flat != 0, _sizes(spans, subject.eps), 0.0)
    known = np.flatnonzero(size)
    largest = float(size.max())
    if largest <= APART * float(size[known].min(initial=largest)):
        return []
    bins = np.minimum(np.log(largest / size[known]) // math.log(APART), PASSES)
    return [_group(subject, np.asarray(u), size, known[bins == number]) for number in np.unique(bins)]


def _sizes(spans: Spans, eps: float) -> Floats:
    """Return how much each output moves, or as much as its noise hides; 0 where it stands still."""
    rounding = eps * np.maximum(np.abs(spans.low), np.abs(spans.high))
    moves = spans.high - spans.low
    return np.where(moves > STILL * rounding, np.maximum(moves, NOISY * rounding), 0.0)


def _group(subject: Subject, u: Array, size: Floats, places: Ints) -> Group:
    largest, top = float(size.max()), float(size[places].max())
    shares = [power_of_two(min(top / s, STEEPEST)) for s in size[places]]  # what is rounded stays so
    weights = np.zeros(u.size)
    weights[places] = u.astype(np.float64).ravel()[places] * shares
    return Group(_name(subject, places), weights.reshape(u.shape), largest / top)


def _name(subject: Subject, places: Ints) -> str:
    """Return what the outputs at some places are called: `output[1]`, `output[0][7]`, `loss`."""
    outputs = subject.oracle.outputs or {"output": slice(0, np.asarray(subject.cotangent).size)}
    names = []
    for name, where in outputs.items():
        mine = places[(places >= where.start) & (places < where.stop)]
        whole = f"output{name}" if name.startswith("[") else name
        every = len(mine) == where.stop - where.start
        names += [whole] if every else [f"{whole}[{_index(subject, int(at - where.start))}]" for at in mine]
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _index(subject: Subject, at: int) -> str:
    """Return the index of an entry of an output; of one among several outputs the shape is not known."""
    lone = subject.oracle.output
    return str(at) if lone is None else ",".join(map(str, map(int, np.unravel_index(at, lone.shape))))


def alone(subject: Subject, group: Group) -> Subject:
    """Return the subject whose scalar is a sum of the outputs of a group alone."""
    plain = subject.plain and replace(subject.plain, cotangent=group.cotangent)
    return replace(subject, cotangent=group.cotangent, plain=plain).settled()
