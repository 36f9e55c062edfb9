"""Is the gradient through a fixed point that of one step alone? y = f(y W + b) has (I - J)^-1 in its derivative.

The fixed point is the output, or what the gradients of W and b say that W met, or is computed again. These gradients
show what came to its last step, and that times I - J is what came from above, so that nothing has to be known of what
is made of y.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN, parallel
from gradcheck._diagnose.activation import BETWEEN_LAYERS, IDENTITY, Activation
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, MATRIX, Evidence, Floats

WIDTH = 64  # of y, at the most
TRIED = 100  # steps, at the most
STEPS = 500  # until y is fixed
ROUGHLY = 1e-3  # relative: what two pulls may differ by that are looked at more closely
FIXED = 1e-13  # relative: how little a step moves it then
TERMS = 8  # of the series of (I - J)^-1, that may be all that is taken
EXPLICIT = "(I - J)^-1 is left out, J being the derivative of a step by {}"


@dataclass(frozen=True)
class FixedPoint:
    """y = f(y W + rest), with what each tensor is multiplied with in it."""

    y: Floats  # (H,)
    J: Floats  # (H, H): of a step, by y; row k is that of y[k]
    slope: Floats
    met: Mapping[str, Floats]  # the tensors of the step, each with what it meets, (D,)
    left: frozenset[str]  # those that stand to the left
    words: str

    def gradient(self, name: str, pull: Floats) -> Floats:
        """Return the gradient of a tensor that a pull on what f is taken of makes."""
        met = self.met[name]
        if met.ndim == MATRIX or not met.size:
            return met @ pull if met.size else pull
        return np.outer(pull, met) if name in self.left else np.outer(met, pull)

    def pull(self, name: str, gradient: Floats) -> Floats | None:
        """Return the pull that makes a gradient, None if that of an input does not show all of it, or there is none."""
        return _pulled(self.met[name], gradient, left=name in self.left)


def _pulled(met: Floats, gradient: Floats, *, left: bool) -> Floats | None:
    if met.ndim == MATRIX:
        return None
    if not met.size:
        return gradient
    against = gradient @ met if left else met @ gradient
    return against / float(met @ met) if met.any() else None


def explicit(evidence: Evidence) -> Cause | None:
    """The claim is the gradient of one step of an iteration, or of a few, in the place of that of its fixed point."""
    known = evidence.context.measured
    if evidence.name not in known or not evidence.whole or np.count_nonzero(evidence.wrong) < ENOUGH:
        return None
    for point in _fixed_points(evidence):
        pull = _pull(point, known, evidence)
        if pull is None:
            continue
        above = pull / point.slope  # (I - J)^-T times what comes from above
        above = above - point.J.T @ above
        if not np.isfinite(above).all():
            continue
        for words, taken in _taken(point, above):
            if evidence.explained(point.gradient(evidence.name, point.slope * taken), 1.0, least=ENOUGH):
                return Cause(Slip.EXPLICIT, evidence.name, f"{words}, at the fixed point {point.words}")
    return None


def _pull(point: FixedPoint, known: Mapping[str, Floats], evidence: Evidence) -> Floats | None:
    """Return the pull that makes all measured gradients of the tensors of a step."""
    found = [(n, p) for n in point.met if n in known and (p := point.pull(n, known[n])) is not None]
    if not found:
        return None
    _, pull = found[0]
    for name in point.met.keys() & known.keys():
        off = np.abs(point.gradient(name, pull) - known[name])
        if not (off <= PATTERN * np.max(np.abs(known[name])) + np.max(evidence.slack)).all():
            return None
    return pull


def _taken(point: FixedPoint, above: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield what may be taken for (I - J)^-T times what comes from above."""
    yield f"the derivative of one step alone: {EXPLICIT.format('y')}", above
    eye = np.eye(len(above))
    yield "(I - J)^-1 is applied where its transpose is meant", _solved(eye - point.J, above)
    total = term = above
    for k in range(2, TERMS):
        term = point.J.T @ term
        total = total + term
        yield f"the derivative of {k} steps alone: {EXPLICIT.format('y')}", total
    yield "I - J is multiplied in where its inverse is meant", above - point.J.T @ above
    yield "I + J where I - J is meant", _solved(eye + point.J.T, above)


def _solved(A: Floats, b: Floats) -> Floats:
    return np.asarray(np.linalg.solve(A, b), dtype=np.float64)


@dataclass(frozen=True)
class Update:
    """What a step may be: f(W y + U x + b), by name, some matrices to the right of what they meet."""

    W: str
    left: frozenset[str]  # the matrices that stand to the left
    b: str = ""
    U: str = ""
    x: str = ""

    @property
    def used(self) -> set[str]:
        """The names of all arrays in it."""
        return {self.W, self.b, self.U, self.x} - {""}

    @property
    def words(self) -> str:
        """What f is taken of."""
        products = [f"{M} {v}" if M in self.left else f"{v} {M}" for M, v in ((self.W, "y"), (self.U, self.x)) if M]
        return " + ".join([*products, self.b] if self.b else products)


def _fixed_points(evidence: Evidence) -> Iterator[FixedPoint]:
    """Yield what the steps that tensors and data may make come to, W with a vector that is added, or U x, or both."""
    arrays = {**evidence.context.plain_data, **evidence.context.floats}
    known = evidence.context.measured
    steps = (step for n, W in arrays.items() if _may_be_met(evidence, n, W) for step in _steps(n, arrays, known))
    asked = (step for step in steps if (step.b or step.U) and evidence.name in step.used)
    for step in itertools.islice(asked, TRIED):
        yield from _of(step, arrays, known, evidence.context.output)


def _steps(W: str, arrays: Mapping[str, Floats], known: Mapping[str, Floats]) -> Iterator[Update]:
    n = len(arrays[W])
    for first, pulled in zip((True, False), _directions(known.get(W)), strict=True):
        added = (m for m, b in arrays.items() if b.shape == (n,) and m != W)
        vectors = ["", *(m for m in added if _alike(known.get(m), pulled))]
        products = [("", "", False)] + [
            (U, x, left)
            for U, x, left in _products(arrays, n)
            if U != W and _alike(None if U not in known else _pulled(arrays[x], known[U], left=left), pulled)
        ]
        for b, (U, x, left) in itertools.product(vectors, products):
            yield Update(W, frozenset({W} if first else ()) | ({U} if left else set()), b, U, x)


def _directions(gradient: Floats | None) -> tuple[Floats | None, Floats | None]:
    """Return which way a gradient of rank one says that the product was pulled, of a matrix to the left, and right."""
    if gradient is None:
        return None, None
    left, _, right = np.linalg.svd(gradient)
    return left[:, 0], right[0]


def _alike(pull: Floats | None, pulled: Floats | None) -> bool:
    """Whether two pulls may be one: what is added is pulled as what it is added to."""
    return pull is None or pulled is None or parallel(pull, pulled, ROUGHLY)


def _products(arrays: Mapping[str, Floats], n: int) -> Iterator[tuple[str, str, bool]]:
    """Yield matrices and vectors whose product is of a length, and whether the matrix is on the left."""
    vectors = [(name, len(v)) for name, v in arrays.items() if v.ndim == 1]
    matrices = [(name, U.shape) for name, U in arrays.items() if U.ndim == MATRIX]
    for (U, shape), (x, length) in itertools.product(matrices, vectors):
        if shape == (n, length):
            yield U, x, True
        if shape == (length, n):
            yield U, x, False


def _may_be_met(evidence: Evidence, name: str, W: Floats) -> bool:
    """Whether a matrix may be multiplied with y: its gradient, if it has one, is then of rank one."""
    if W.ndim != MATRIX or not 1 < W.shape[0] == W.shape[1] <= WIDTH:
        return False
    gradient = evidence.context.estimates.get(name)
    if gradient is None or np.isnan(gradient).any():
        return True
    first, second, *_ = np.linalg.svd(gradient, compute_uv=False)
    return bool(first > np.max(evidence.slack)) and bool(second <= PATTERN * first + np.max(evidence.slack))


def _of(
    step: Update, arrays: Mapping[str, Floats], measured: Mapping[str, Floats], output: Floats | None
) -> Iterator[FixedPoint]:
    """Yield the fixed points of a step, one for each f that has one."""
    turned = {n: arrays[n] if n in step.left else arrays[n].T for n in (step.W, step.U) if n}
    W, met = turned[step.W], {}
    rest = np.zeros(len(W))
    if step.U:
        rest, met = rest + turned[step.U] @ arrays[step.x], {step.U: arrays[step.x], step.x: turned[step.U].T}
    if step.b:
        rest, met[step.b] = rest + arrays[step.b], np.zeros(0)
    if output is None or output.size != len(W):
        known = _met_by(step, met, measured)
    else:
        known = np.ravel(output).astype(np.float64)
    for f in (*BETWEEN_LAYERS[:4], IDENTITY):
        y = _iterated(f, W, rest) if known is None else _if_fixed(f, W, rest, known)
        if y is not None:
            slope = f.slope(W @ y + rest)
            words = f"y = {f.of(step.words)}"
            yield FixedPoint(y, slope[:, np.newaxis] * W, slope, {**met, step.W: y}, step.left, words)


def _met_by(step: Update, met: Mapping[str, Floats], known: Mapping[str, Floats]) -> Floats | None:
    """Return what the gradient of W says that it met, if that of another tensor of the step shows the pull."""
    shown = (_pulled(met[name], known[name], left=name in step.left) for name in met if name in known)
    pull = next((p for p in shown if p is not None and p.any()), None)
    if pull is None or step.W not in known:
        return None
    return _pulled(pull, known[step.W], left=step.W not in step.left)


def _if_fixed(f: Activation, W: Floats, rest: Floats, y: Floats) -> Floats | None:
    """Return the output, if a step does not move it."""
    return y if np.max(np.abs(f.f(W @ y + rest) - y)) <= PATTERN * np.max(np.abs(y), initial=0.0) else None


def _iterated(f: Activation, W: Floats, rest: Floats) -> Floats | None:
    """Return where steps from zero come to, if they do."""
    y = np.zeros(len(W))
    for _ in range(STEPS):
        y, before = f.f(W @ y + rest), y
        if not np.isfinite(y).all():
            return None
        if np.max(np.abs(y - before)) <= FIXED * max(1.0, float(np.max(np.abs(y)))):
            return y
    return None
