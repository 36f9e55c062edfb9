"""Which scores do tensors and data make together: z = X w + b, or one hidden layer more?

The gradient of each tensor is then linear in the pull on z, whatever loss is taken of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.activation import BETWEEN_LAYERS
from gradcheck._diagnose.evidence import MATRIX, Evidence, Floats
from gradcheck._diagnose.linear_pull import EQUATIONS, solve

READINGS = 16  # that are tried
SOON = 1e7  # operations


@dataclass(frozen=True)
class Way:
    """How a tensor moves the scores; its gradient is A.T ((P V.T) slope), P being the pull on z."""

    A: Floats | None  # (N, D): what the tensor is multiplied with; None for an input
    slope: Floats  # (N, H), of what is made of it
    V: Floats  # (H, K)
    shape: tuple[int, ...]  # of the tensor
    turned: bool = False
    by: str = ""  # the name of A

    def gradient(self, pull: Floats) -> Floats:
        """Return the gradient, in the shape of the tensor, that a pull on the scores makes."""
        made = (pull @ self.V.T) * self.slope
        found = made if self.A is None else self.A.T @ made
        return (found.T if self.turned else found).reshape(self.shape)

    def weights(self, entry: int) -> Floats:
        """Return what each part of a pull is multiplied with, and added up, in one entry of the gradient."""
        rows, units = (len(self.slope) if self.A is None else self.A.shape[1]), self.slope.shape[1]
        unit, row = divmod(entry, rows) if self.turned else divmod(entry, units)[::-1]
        first = np.eye(1, rows, row).ravel() if self.A is None else self.A[:, row]
        return np.outer(first * self.slope[:, unit], self.V[unit])


@dataclass(frozen=True)
class Scores:
    """Scores of N examples, and how each tensor moves them."""

    z: Floats  # (N, K)
    ways: Mapping[str, Way]
    words: str  # "z = X w + b"

    def contradicts(self, measured: Mapping[str, Floats]) -> bool:
        """Whether no pull on the scores makes the measured gradients, where that is soon seen."""
        known = {n: e for n, e in measured.items() if n in self.ways}
        count = sum(e.size for e in known.values())
        if count < self.z.size + EQUATIONS or count * self.z.size**2 > SOON:
            return False
        blocks = [
            (np.stack([self.ways[n].weights(k).ravel() for k in range(e.size)]), e.ravel()) for n, e in known.items()
        ]
        return solve(blocks) is None


@dataclass(frozen=True)
class _Layer:
    z: Floats
    A: Floats
    W: Floats
    turned: bool
    weight: str
    bias: str
    by: str

    @property
    def words(self) -> str:
        return f"{self.by} {self.weight}{'.T' * self.turned}{f' + {self.bias}' if self.bias else ''}"

    def ways(self, evidence: Evidence, slope: Floats, V: Floats) -> Iterator[tuple[str, Way]]:
        """Yield how the tensors of the layer move the scores, V and the slope being what stands above it."""
        shapes = {n: v.shape for n, v in evidence.context.values.items()}
        yield self.weight, Way(self.A, slope, V, shapes[self.weight], self.turned, self.by)
        if self.bias:
            yield self.bias, Way(np.ones((len(self.A), 1)), slope, V, shapes[self.bias], by="(a column of ones)")


def scores_of(evidence: Evidence) -> Iterator[Scores]:
    """Yield the scores in which a tensor may stand, the plain ones first."""
    measured = evidence.context.measured
    fit = (s for s in _every(evidence) if evidence.name in s.ways and not s.contradicts(measured))
    return itertools.islice(fit, READINGS)


def _every(evidence: Evidence) -> Iterator[Scores]:
    x = evidence.value
    if x is not None and 0 < x.ndim <= MATRIX:
        z = x.reshape(len(x), -1)
        yield Scores(
            z, {evidence.name: Way(None, np.ones_like(z), np.eye(z.shape[1]), x.shape)}, f"z = {evidence.name}"
        )
    first = list(_first(evidence))
    for layer in first:
        z = layer.z
        ways = dict(layer.ways(evidence, np.ones_like(z), np.eye(z.shape[1])))
        if layer.by == evidence.name:
            ways[layer.by] = Way(None, np.ones_like(layer.A), layer.W, layer.A.shape)
        yield Scores(z, ways, f"z = {layer.words}")
    for below in first:
        for a in BETWEEN_LAYERS if below.W.shape[1] > 1 else ():
            h, named = a.f(below.z), a.of(below.words)
            for above in _layers(evidence, named, h, (below.weight, below.bias)):
                top = dict(above.ways(evidence, np.ones_like(above.z), np.eye(above.z.shape[1])))
                low = dict(below.ways(evidence, a.slope(below.z), above.W))
                yield Scores(above.z, top | low, f"z = {above.words}")


def _first(evidence: Evidence) -> Iterator[_Layer]:
    for name, X in evidence.matrices():
        yield from _layers(evidence, name, X, ())
    if evidence.kind == "input" and evidence.value is not None and evidence.value.ndim == MATRIX:
        yield from _layers(evidence, evidence.name, evidence.value, ())


def _layers(evidence: Evidence, by: str, X: Floats, used: tuple[str, ...]) -> Iterator[_Layer]:
    """Yield X W + b, W and b being tensors of the point that fit."""
    values, others = evidence.context.values, {*evidence.context.inputs} - {evidence.name}
    for name, value in values.items():
        if name in used or name == by or name in others or not 0 < value.ndim <= MATRIX:
            continue
        whole = value.astype(np.float64)
        for turned in (False, True) if value.ndim == MATRIX else (False,):
            W = whole.T if turned else whole.reshape(len(whole), -1)
            if W.shape[0] != X.shape[1]:
                continue
            made = W.shape[1:] if value.ndim == MATRIX else ()
            biases = [
                n for n, b in values.items() if n not in (*used, name, by) and b.shape in {made, *([(1,)] * (not made))}
            ]
            for bias in (*biases, ""):
                b = values[bias].astype(np.float64) if bias else 0.0
                yield _Layer(X @ W + b, X, W, turned, name, bias, by)
