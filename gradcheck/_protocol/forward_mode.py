"""Does forward mode say the same? <u, J v> must be <J^T u, v>, and linear in the tangent v."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gradcheck._measure import derivative
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.subject import DIRECTION_FINEST, Subject
from gradcheck._protocol.rounding import residue
from gradcheck._results.estimate import SMALLEST, entry_name, index_of
from gradcheck._results.report import Problem, TensorResult
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]

TANGENTS = 3  # random ones, for each tensor
ROUNDINGS = 2.0**17  # relative to the terms: how far the two modes may differ
STILL = 64.0  # roundings of f, that both may make of a derivative of zero, as of the sum of a softmax


def agrees(subject: Subject, claims: Mapping[str, Array], results: Mapping[str, TensorResult]) -> list[Problem]:
    """Push random tangents of each tensor forward, and compare with its gradient, or the measured slope."""
    if subject.oracle.push is None or subject.cotangent is None:
        return []
    try:
        broken = _not_linear(subject)
        found = [] if broken else [_compared(subject, path, claims, results[path]) for path in results]
    except Exception as error:  # the user's forward mode may raise anything
        if ends(error):
            raise
        text = f"forward mode raised {type(error).__name__}: {error}; leave out jvp= if it is not meant to work"
        return [Problem(Verdict.BROKEN, text)]
    return broken or [problem for problem in found if problem is not None]


def _pushed(subject: Subject, tangents: Mapping[str, Array]) -> Floats:
    """Return J v for tangents of some tensors, zero in the others."""
    assert subject.oracle.push is not None  # noqa: S101  asked of those alone that have it
    subject.tally.gradients += 1
    subject.pins.pin()
    every = {
        path: np.asarray(tangents.get(path, np.zeros(leaf.array.shape)), dtype=leaf.array.dtype)
        for path, leaf in subject.leaves.items()
    }
    return np.asarray(subject.oracle.push(subject.tree, every), dtype=np.float64)


def _along(subject: Subject, path: str, rng: np.random.Generator, members: Array) -> Floats:
    """Draw a tangent of a tensor, of the size of its entries, zero outside of some members (flat)."""
    leaf = subject.leaves[path]
    tangent = np.zeros(leaf.array.size)
    tangent[members] = leaf.scale[members] * rng.choice([-1.0, 1.0], len(members))
    if leaf.held is not None:
        tangent[leaf.held.ravel()] = 0.0
    return np.asarray(leaf.rounded(tangent.reshape(leaf.array.shape)), dtype=np.float64)


def _not_linear(subject: Subject) -> list[Problem]:
    rng = np.random.default_rng(0)
    one, other = (
        {path: _along(subject, path, rng, np.arange(leaf.array.size)) for path, leaf in subject.leaves.items()}
        for _ in range(2)
    )
    first, second = _pushed(subject, one), _pushed(subject, other)
    tests: tuple[tuple[str, float, float, Floats], ...] = (
        ("a zero tangent must give a zero derivative", 0.0, 0.0, 0 * first),
        ("twice the tangent must give twice the derivative", 2.0, 0.0, 2 * first),
        ("the opposite tangent must give the opposite derivative", -1.0, 0.0, -first),
        ("the derivatives along two tangents must add up", 1.0, 1.0, first + second),
    )
    size = float(np.max(np.abs([first, second]), initial=0.0))
    for sentence, a, b, expected in tests:
        got = _pushed(subject, {path: a * one[path] + b * other[path] for path in one})
        room = ROUNDINGS * subject.eps * size + STILL * subject.rounding()
        if not np.max(np.abs(got - expected), initial=0.0) <= room:
            return [Problem(Verdict.WRONG, f"forward mode is not linear in its tangent: {sentence}")]
    return []


def _compared(subject: Subject, path: str, claims: Mapping[str, Array], result: TensorResult) -> Problem | None:
    rng = np.random.default_rng(1)
    members = np.arange(result.size)
    if result.verdict is Verdict.KINK:  # the two modes may take different slopes of the two
        members = result.flat[result.codes == Verdict.CORRECT]
    if not len(members) or result.verdict in (Verdict.BROKEN, Verdict.UNDECIDED):
        return None
    known = result.verdict is not Verdict.WRONG

    def ask(tangent: Floats) -> tuple[float, float, float]:
        terms = np.asarray(subject.cotangent) * _pushed(subject, {path: tangent})
        expected, slack = _reverse(subject, path, claims, tangent) if known else _measured(subject, path, tangent)
        slack += _unseen(result, tangent)
        return float(terms.sum()), expected, slack + ROUNDINGS * subject.eps * float(np.abs(terms).sum())

    if not any(_apart(*ask(_along(subject, path, rng, members))) for _ in range(TANGENTS)):
        return None
    entry = _located(subject, path, ask, members, rng)
    index = index_of(entry, result.shape)
    unit = np.zeros(result.shape)
    unit[index] = 1.0
    got, expected, _ = ask(unit)
    source = "reverse mode, which agrees with the function, says" if known else "the function's own slope is"
    name = entry_name(result.name, index)
    text = f"forward mode says {got:.9g} for {name} where {source} {expected:.9g}"
    return Problem(Verdict.WRONG, text, result.name)


def _unseen(result: TensorResult, tangent: Floats) -> float:
    """Return what entries that move nothing, as far as can be seen, may move f by along a tangent."""
    still = (result.codes == Verdict.UNTESTED) & np.isfinite(result.uncertainties)
    return float(np.abs(tangent.ravel()[result.flat[still]]) @ result.uncertainties[still])


def _apart(got: float, expected: float, slack: float) -> bool:
    return not abs(got - expected) <= slack


def _reverse(subject: Subject, path: str, claims: Mapping[str, Array], tangent: Floats) -> tuple[float, float]:
    """Return <J^T u, v>, and how far rounding of its terms, or what it leaves of a zero, may put it from <u, J v>."""
    terms = claims[path].astype(np.float64) * tangent
    eps = max(subject.eps, float(np.finfo(claims[path].dtype).eps))
    left = residue(subject, claims, path, eps) * subject.leaves[path].typical + STILL * subject.rounding()
    return float(terms.sum()), ROUNDINGS * eps * float(np.abs(terms).sum()) + left


def _measured(subject: Subject, path: str, tangent: Floats) -> tuple[float, float]:
    line = subject.direction({path: tangent})
    finest = DIRECTION_FINEST * subject.leaves[path].eps
    slope = derivative.slope(line, subject.rounding(), finest)
    return slope.value, slope.uncertainty + SMALLEST * abs(slope.value)


def _located(
    subject: Subject,
    path: str,
    ask: Callable[[Floats], tuple[float, float, float]],
    members: Array,
    rng: np.random.Generator,
) -> int:
    """Halve the entries until one is left along which the two disagree."""
    while len(members) > 1:
        halves = np.array_split(members, 2)
        apart = [any(_apart(*ask(_along(subject, path, rng, half))) for _ in range(TANGENTS)) for half in halves]
        members = halves[0] if apart[0] else halves[1]
    return int(members[0])
