"""Is a gradient right along one direction? A Taylor test: few evaluations, the remainders and how fast they fall.

The remainder |f(x + h d) - f(x) - h <g, d>| of a right gradient falls like h^2, that of a wrong one like h. Five steps
on either side give the slope with its uncertainty; if the claim agrees, that is all. Before anything is called wrong,
the noise is measured and the second opinions on an entry are asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from gradcheck._diagnose.undecided import counted
from gradcheck._judge.tolerance import Standard
from gradcheck._judge.verdict import judge
from gradcheck._measure import derivative
from gradcheck._measure.extrapolate import RATIO
from gradcheck._measure.line import Line, power_of_two
from gradcheck._measure.slopes import Slopes
from gradcheck._model import trees
from gradcheck._model.movable import detached
from gradcheck._model.oracle import Array, Oracle, Tree
from gradcheck._model.precision import opened
from gradcheck._model.subject import Subject
from gradcheck._model.tally import Spent
from gradcheck._protocol import deterministic
from gradcheck._results.errors import InputError
from gradcheck._results.estimate import Estimate, Rung
from gradcheck._results.floating import DOUBLE
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict

Closely = Callable[[Oracle], Report]
RUNGS = 5
COARSEST = 2.0**-4  # the first step, relative to what the direction is as long as x is
SETTLED = (Verdict.CORRECT, Verdict.UNTESTED)
NAME = "along"
RANDOM = "random"
SIMPLE = {-1.0: "minus", 2.0: "twice", 0.5: "half"}
ALIKE = 1e-4  # relative: a ratio that is one of those


def examined(  # noqa: PLR0917  what the caller says of it
    oracle: Oracle,
    direction: Tree,
    precision: str,
    seed: int,
    most: int | None,
    rtol: float | None,
    closely: Closely,
) -> Report:
    """Check the claim along a direction, which is as the gradient is; `closely` checks a function of one number."""
    with oracle.guard():
        subject = opened(oracle, precision)
        subject.tally.most = most or subject.tally.most
        try:
            return _examined(subject, direction, seed, rtol, closely)
        finally:
            subject.pins.restore()


def _examined(subject: Subject, direction: Tree, seed: int, rtol: float | None, closely: Closely) -> Report:
    moves = _moves(subject, direction, seed)
    subject = deterministic.pinned(subject.settled())
    claims = subject.claims()
    with np.errstate(all="ignore"):  # of numbers near the largest; what the user's own code warns of was heard
        return _compared(subject, moves, claims, seed, rtol, closely)


def _compared(  # noqa: PLR0917  what the caller says of it
    subject: Subject,
    moves: dict[str, Array],
    claims: dict[str, Array],
    seed: int,
    rtol: float | None,
    closely: Closely,
) -> Report:
    """Compare the claimed slope along the moves with the measured one."""
    terms = {path: claims[path].astype(np.float64)[move != 0] * move[move != 0] for path, move in moves.items()}
    claim = float(sum(np.sum(part) for part in terms.values()))
    scale = _scale(subject, moves)
    line = _remembering(subject.direction(moves))
    notes: tuple[str, ...] = ()
    done = True
    estimate = Estimate(math.nan, math.inf, math.nan, math.nan)
    largest = float(sum(np.sum(np.abs(part)) for part in terms.values()))
    standard = Standard(rtol=rtol, rounding=max(DOUBLE, subject.tally.eps), largest=largest)
    verdict = Verdict.UNDECIDED
    try:
        rungs = _rungs(line, scale)
        notes = _table(rungs, claim)
        estimate = _quick(subject, rungs, scale)
        verdict = judge(standard, claim, estimate)
        if verdict not in SETTLED:
            _, problem = deterministic.settled(subject)
            if problem is not None:
                return Report(subject.oracle.name, seed, {}, (problem,), evaluations=subject.tally.evaluations)
            estimate, verdict = _measured(line, float(np.sum(subject.base)), claim, scale / COARSEST, closely)
    except Spent:
        done = False
        verdict = Verdict.UNDECIDED
    tensor = _tensor(claim, estimate, verdict)
    left = () if done else (f"left undone: the rest; max_evaluations={subject.tally.most} allows no more calls",)
    return Report(
        subject.oracle.name,
        seed,
        {NAME: tensor},
        diagnosis=_why(claim, estimate) if verdict is Verdict.WRONG else (),
        notes=(*subject.oracle.notes, *subject.notes, *notes, *left, *filter(None, [counted(subject.tally)])),
        evaluations=subject.tally.evaluations,
        gradients=subject.tally.gradients,
    )


def _moves(subject: Subject, direction: Tree, seed: int) -> dict[str, Array]:
    """Return the direction by the names of the tensors; raises InputError where it does not fit the point."""
    if isinstance(direction, str) and direction == RANDOM:
        rng = np.random.default_rng(seed)
        return _checked({p: leaf.scale.reshape(leaf.array.shape) * rng.standard_normal(leaf.array.shape)
                         for p, leaf in subject.leaves.items()})  # fmt: skip
    point = subject.oracle.point
    named = {leaf.name: path for path, leaf in subject.leaves.items()}
    if isinstance(direction, Mapping) and direction.keys() <= named.keys():
        moves = {named[name]: np.asarray(move, dtype=np.float64) for name, move in direction.items()}
        if all(move.shape == subject.leaves[path].array.shape for path, move in moves.items()):
            return _checked(moves)
    if isinstance(point, Mapping) and not isinstance(direction, Mapping):
        alone = isinstance(direction, tuple) and len(direction) == 1 and np.ndim(direction[0]) > 0
        several = isinstance(direction, (tuple, list)) and (len(point) > 1 or alone)
        parts = direction if several else [direction]
        if len(parts) != len(point):
            names = ", ".join(f"d{name}" for name in point)
            msg = f"along= has {len(parts)} parts, and there are {len(point)} tensors; write along=({names})"
            raise InputError(msg)
        direction = dict(zip(point, parts, strict=True))
    direction = trees.rebuild(direction, lambda _, part: _numbers(part), numbers=True)
    try:
        moves = {p: np.asarray(m, dtype=np.float64) for p, m in subject.named(direction).items()}
    except InputError as error:
        msg = f"along= is a direction in the shape of the point: {str(error).replace('gradient', 'direction')}"
        raise InputError(msg) from None
    return _checked(moves)


def _numbers(part: Any) -> Any:  # noqa: ANN401
    """Return a tensor of a framework as an array, anything else as it is."""
    return np.asarray(detached(part)) if hasattr(type(part), "__array__") else part


def _checked(moves: dict[str, Array]) -> dict[str, Array]:
    if not any(move.any() for move in moves.values()) or not all(np.isfinite(m).all() for m in moves.values()):
        msg = "along= is zero or not finite; write a direction such as rng.standard_normal(x.shape), or 'random'"
        raise InputError(msg)
    return moves


def _scale(subject: Subject, moves: Mapping[str, Array]) -> float:
    """Return the coarsest step: a small part of that which moves the point by its own size."""
    sizes = [
        float(np.sqrt(np.mean(subject.leaves[p].scale ** 2)) / np.sqrt(np.mean(m**2)))
        for p, m in moves.items()
        if m.any()
    ]
    return power_of_two(COARSEST * min(sizes))


def _remembering(line: Line) -> Line:
    known: dict[float, tuple[float, float]] = {}

    def remembered(t: float) -> tuple[float, float]:
        if t not in known:
            known[t] = line(t)
        return known[t]

    return remembered


def _rungs(line: Line, scale: float) -> list[tuple[float, float, float, float]]:
    found = []
    for k in range(RUNGS):
        up, right = line(scale * RATIO**-k)
        down, left = line(-scale * RATIO**-k)
        found.append((up, right, -down, left))
    return found


def _quick(subject: Subject, rungs: list[tuple[float, float, float, float]], scale: float) -> Estimate:
    """Return the estimate from five steps, assuming that rounding is the only noise."""
    sigma = subject.rounding()
    slopes = Slopes.of(rungs, RUNGS - 1, sigma=sigma, scale=scale, relative=DOUBLE)
    return derivative.summarise(slopes, sigma)


def _measured(line: Line, base: float, claim: float, unit: float, closely: Closely) -> tuple[Estimate, Verdict]:
    """Measure the line as a function of one number, with all second opinions; in units of x's size."""
    claims = np.array([claim * unit])
    found = closely(Oracle(np.zeros(1), lambda c: base + line(float(c[0]) * unit)[1], lambda _: claims))
    if not found.tensors or any("left undone" in note for note in found.notes):
        raise Spent
    result = next(iter(found.tensors.values()))
    columns = (result.estimates, result.uncertainties, result.lefts, result.rights)
    value, uncertainty, left, right = (float(column[0]) / unit for column in columns)
    return Estimate(value, uncertainty, left, right), Verdict(int(result.codes[0]))


def _table(rungs: list[tuple[float, float, float, float]], claim: float) -> tuple[str, ...]:
    """Return the Taylor remainders, and the powers of the step that they fall with."""
    steps = [up for up, *_ in rungs]
    changes = [abs(right) for _, right, *_ in rungs]
    remainders = [abs(right - up * claim) for up, right, *_ in rungs]
    rates = [math.nan, *(_rate(a, b) for a, b in pairwise(remainders))]
    head = "step h, |f(x + h d) - f(x)|, remainder |f(x + h d) - f(x) - h <g, d>|, rate: 2 where g is right"
    rows = [
        f"{h:.1e}  {change:.3e}  {remainder:.3e}" + (f"  {rate:.2f}" if math.isfinite(rate) else "")
        for h, change, remainder, rate in zip(steps, changes, remainders, rates, strict=True)
    ]
    return (head, *rows)


def _rate(before: float, after: float) -> float:
    return math.log(before / after) / math.log(RATIO) if before > 0 and after > 0 else math.nan


def _tensor(claim: float, estimate: Estimate, verdict: Verdict) -> TensorResult:
    rungs: dict[int, tuple[Rung, ...]] = {0: estimate.rungs} if verdict not in SETTLED else {}
    seen = estimate.uncertainty / abs(estimate.value) if estimate.value else math.nan
    one: Any = lambda number: np.array([number], dtype=np.float64)  # noqa: E731
    return TensorResult(
        name=NAME,
        kind="direction",
        shape=(),
        dtype="float64",
        flat=np.zeros(1, dtype=np.int64),
        claims=one(claim),
        estimates=one(estimate.value),
        uncertainties=one(estimate.uncertainty),
        lefts=one(estimate.left),
        rights=one(estimate.right),
        codes=np.array([verdict], dtype=np.int8),
        rungs=rungs,
        means="a Taylor test along one direction",
        resolution=max(seen, 1e-6) if math.isfinite(seen) else math.nan,
    )


def _why(claim: float, estimate: Estimate) -> tuple[str, ...]:
    ratio = claim / estimate.value if estimate.value else math.inf
    simple = next((word for value, word in SIMPLE.items() if abs(ratio / value - 1) < ALIKE), f"{ratio:.6g} times")
    return (
        f"the claimed slope <g, d> is {simple} the measured one; one direction tells that, and not which entry it is",
    )
