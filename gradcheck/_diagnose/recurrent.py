"""Was a sequence followed back wrongly: truncated, overwritten, not transposed? A plain recurrence, tested as a whole.

In h[t] = f(x[t] W + h[t-1] U + b) neither the cotangents of the states nor f is known. But the gradients of W, U and b
are linear in the same cotangents, of the last state or of all, and a mistake is another way back.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.activation import BETWEEN_LAYERS, IDENTITY, Activation
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import MATRIX, Evidence, Floats
from gradcheck._diagnose.linear_pull import EQUATIONS, solve

OPERATIONS = 2e7  # of one way back, for each of the unknown cotangents
UNKNOWN = 400  # cotangents
LEAST_STEPS = 3  # of a sequence
READINGS = 16  # that are tried, with every f
LINES = 64  # steps of which each number is taken for those that are followed


@dataclass(frozen=True)
class Back:
    """A way back through a sequence."""

    words: str
    steps: int | None = None  # that each cotangent is followed
    counted: frozenset[int] | None = None  # the steps that add to the gradients, all where it is None
    slope: Callable[[Activation, Floats, Floats], Floats] = lambda f, z, _: f.slope(z)
    turned: bool = True  # whether U is transposed
    late: bool = False  # whether U meets h[t] where it met h[t-1]


@dataclass(frozen=True)
class Names:
    """What a recurrence may be made of."""

    x: str
    at: str  # [t], or where the place in time stands
    W: str
    U: str
    b: str  # "" where there is none
    left: bool  # whether W and U stand to the left

    def words(self, f: Activation) -> str:
        """As a formula."""
        x, h = f"{self.x}{self.at}", "h[t-1]"
        products = [f"{self.W} {x}", f"{self.U} {h}"] if self.left else [f"{x} {self.W}", f"{h} {self.U}"]
        inside = " + ".join([*products, self.b] if self.b else products)
        return f"h[t] = {f.of(inside)}"


@dataclass(frozen=True)
class Sequence:
    """A recurrence, run."""

    x: Floats  # (T, N, D)
    h: Floats  # (T + 1, N, H)
    z: Floats  # (T, N, H)
    U: Floats
    f: Activation
    names: Names

    def gradients(self, cotangents: Floats, back: Back) -> dict[str, Floats]:
        """Return the gradients that cotangents of all states (..., T, N, H) make, by name."""
        steps, lead = len(self.z), cotangents.shape[:-3]
        slope = back.slope(self.f, self.z, self.h[1:])
        U = self.U.T if back.turned else self.U
        dW = np.zeros((*lead, self.x.shape[2], len(U)))
        dU, db = np.zeros((*lead, len(U), len(U))), np.zeros((*lead, len(U)))
        ahead: list[Floats] = []  # what is followed back, of the cotangent of each later step
        for t in range(steps - 1, -1, -1):
            ahead = [*ahead, cotangents[..., t, :, :]]
            ahead = [dh * slope[t] for dh in (ahead[-back.steps :] if back.steps else [sum(ahead)])]
            dz = np.sum(ahead, axis=0)
            if back.counted is None or t in back.counted:
                dW += np.einsum("nd,...nh->...dh", self.x[t], dz)
                dU += np.einsum("ng,...nh->...gh", self.h[t + 1 if back.late else t], dz)
                db += dz.sum(axis=-2)
            ahead = [dh @ U for dh in ahead]
        made = [np.swapaxes(d, -1, -2) if self.names.left else d for d in (dW, dU)]
        tensors = (self.names.W, self.names.U, self.names.b)
        return {name: d for name, d in zip(tensors, (*made, db), strict=True) if name}


RIGHT = Back("")


def way_back(evidence: Evidence) -> Cause | None:
    """The claim is what another way back makes of the cotangents that make what was measured."""
    known = evidence.context.measured
    if evidence.name not in known or not evidence.whole or not evidence.claim.any():
        return None
    for sequence, last in ((s, last) for s in _sequences(evidence) for last in (True, False)):
        found = _taken(evidence, sequence, known, last=last)
        if found:
            return Cause(Slip.WAY_BACK, evidence.name, f"{found} (in {sequence.names.words(sequence.f)})")
    return None


def _taken(evidence: Evidence, sequence: Sequence, known: Mapping[str, Floats], *, last: bool) -> str | None:
    """Return which wrong way back makes the claim, of cotangents of the last state alone, or of all."""
    cotangents = _unit(sequence, last=last)
    if cotangents is None:
        return None
    made = sequence.gradients(cotangents, RIGHT)
    blocks = [(_columns(d), known[n].ravel()) for n, d in made.items() if n in known]
    if evidence.name not in made or sum(len(g) for _, g in blocks) < len(cotangents) + EQUATIONS:
        return None
    solved, claim = solve(blocks), evidence.claim.ravel()
    if solved is None or solved.agrees(_columns(made[evidence.name]), claim):
        return None
    for back in _ways(sequence, last=last):
        if solved.agrees(_columns(sequence.gradients(cotangents, back)[evidence.name]), claim):
            return back.words
    return None


def _columns(gradients: Floats) -> Floats:
    return gradients.reshape(len(gradients), -1).T


def _unit(sequence: Sequence, *, last: bool) -> Floats | None:
    """Return a basis of the cotangents, of the last state alone or of all; None if it is too large."""
    steps, n, width = sequence.z.shape
    count = n * width if last else steps * n * width
    if count > UNKNOWN or count * sequence.z.size * (width + sequence.x.shape[2]) > OPERATIONS:
        return None
    unit = np.eye(count).reshape(count, -1, n, width)
    return np.concatenate([np.zeros((count, steps - 1, n, width)), unit], axis=1) if last else unit


def _ways(sequence: Sequence, *, last: bool) -> Iterator[Back]:
    """Yield wrong ways back."""
    steps = len(sequence.z)
    f = sequence.f.name
    if f:
        yield Back(f"the derivative of {f} is missing on the way back", slope=lambda _, z, __: np.ones_like(z))
        yield Back(f"the derivative of {f} is taken at the output", slope=lambda f, _, h: f.slope(h))
    yield Back(f"{sequence.names.U} is not transposed on the way back", turned=False)
    yield Back(f"{sequence.names.U} meets h[t] where h[t-1] is meant", late=True)
    for k in range(1, min(steps, LINES)):
        of = "" if last else ", from each state"
        yield Back(f"only {k} of {steps} steps are followed back{of}: truncated backpropagation through time", steps=k)
    for k, word in ((0, "first"), (steps - 1, "last")):
        yield Back(f"only the {word} of {steps} steps counts: the sum over all is meant", counted=frozenset({k}))
        yield Back(f"the {word} of {steps} steps is left out", counted=frozenset(range(steps)) - {k})


def _sequences(evidence: Evidence) -> Iterator[Sequence]:
    """Yield the recurrences that tensors and data may make."""
    values = evidence.context.floats
    for names, x in itertools.islice(_named(evidence, values), READINGS):
        yield from _run(x, names, values)


def _named(evidence: Evidence, values: Mapping[str, Floats]) -> Iterator[tuple[Names, Floats]]:
    """Yield what a recurrence with the tensor may be made of, and its inputs (T, N, D)."""
    given = {**evidence.context.plain_data, **{n: values[n] for n in evidence.context.inputs if n in values}}
    weights = [n for n in values if n not in evidence.context.inputs or n == evidence.name]
    for U, W, left in itertools.product(weights, weights, (False, True)):
        if W == U or not _fit(values[W].T if left else values[W], values[U]):
            continue
        width, of = len(values[U]), values[W].shape[left]
        biases = [n for n in weights if values[n].shape == (width,)] or [""]
        inputs = [n for n, a in given.items() if n not in (U, W) and a.shape[-1:] == (of,)]
        for x, b in itertools.product(inputs, biases):
            for steps, at in _in_time(given[x]) if evidence.name in (W, U, b) else ():
                yield Names(x, at, W, U, b, left), steps


def _fit(W: Floats, U: Floats) -> bool:
    return W.ndim == U.ndim == MATRIX and U.shape[0] == U.shape[1] == W.shape[1] > 1


def _in_time(x: Floats) -> Iterator[tuple[Floats, str]]:
    """Yield readings of an array as a sequence (T, N, D)."""
    if x.ndim == MATRIX and len(x) >= LEAST_STEPS:
        yield x[:, np.newaxis], "[t]"
    for axis, place in ((1, "[:,t]"), (0, "[t]")) if x.ndim > MATRIX else ():
        if x.ndim == MATRIX + 1 and x.shape[axis] >= LEAST_STEPS:
            yield np.moveaxis(x, axis, 0), place


def _run(x: Floats, names: Names, values: Mapping[str, Floats]) -> Iterator[Sequence]:
    """Yield the states, from zero, with each f."""
    W, U = (values[n].T if names.left else values[n] for n in (names.W, names.U))
    b = values[names.b] if names.b else np.zeros(len(U))
    for f in (*BETWEEN_LAYERS[:3], IDENTITY):
        h, z = [np.zeros((x.shape[1], len(U)))], []
        for step in x:
            z.append(step @ W + h[-1] @ U + b)
            h.append(f.f(z[-1]))
        if np.isfinite(h[-1]).all():
            yield Sequence(x, np.stack(h), np.stack(z), U, f, names)
