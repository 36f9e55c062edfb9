"""What does each example pull with? A loss of scores z has a residual for each, times a weight: sw (sigmoid(z) - y).

Where the gradient that was measured is X.T times a known residual, and the claim is X.T times another, what the two
differ by is the mistake: weights or a mask left out, the derivative of a sigmoid forgotten or taken twice, a clip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.activation import BETWEEN_LAYERS, IDENTITY, Activation
from gradcheck._diagnose.evidence import MATRIX, SEVERAL, Evidence, Floats

CLASSES = 64  # of labels, at the most
EXAMPLES = 64  # of which each is taken for the only one, or for one that is left out
LIMITS = 6  # plain numbers that a function sees and that are taken for a limit
EXPONENTIAL = Activation("exp", np.exp, np.exp)
LINKS = (IDENTITY, *BETWEEN_LAYERS, EXPONENTIAL)


@dataclass(frozen=True)
class LossResidual:
    """What a loss pulls at each score with, except for a weight."""

    words: str
    pull: Floats  # (N, K)
    link: str = ""
    power: int = 0  # how often the derivative of the link is multiplied in


@dataclass(frozen=True)
class Weight:
    """What the residual of each example is multiplied with."""

    words: str
    by: Floats  # (N, K), or what is broadcast to it


def _softmax(z: Floats) -> Floats:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    y: Floats = e / e.sum(axis=1, keepdims=True)
    return y


SHARES = Activation("softmax", _softmax, np.ones_like)  # its slope is no product by entry


def residuals(evidence: Evidence, z: Floats) -> Iterator[LossResidual]:
    """Yield the residuals of common losses of scores, with every target that stands beside them."""
    links = [link for link in LINKS if not link.pieces or ((z > 0).any() and (z < 0).any())]
    for link in links:
        y, slope = link.f(z), link.slope(z)
        if link is not IDENTITY:
            yield from (
                _sloped(of, part, link, slope, k) for of, part in ((link.of("z"), y), ("1", y * 0 + 1)) for k in (0, 1)
            )
    for name, t in _targets(evidence, z.shape):
        for link in (*links, *([SHARES] if z.shape[1] > 1 else [])):
            y, slope = link.f(z), link.slope(z)
            for k in (0, 1, 2) if link not in (IDENTITY, SHARES) else (0,):
                yield _sloped(f"({link.of('z')} - {name})", y - t, link, slope, k)
        for other, a in _beside(evidence, len(z)):
            if a.ndim == 1 and other != name:
                yield LossResidual(f"({other} exp(z) - {name})", a[:, np.newaxis] * np.exp(z) - t, "exp")
        yield from _of_difference(evidence, name, z - t)
        if z.shape[1] == 1 and len(np.unique(t)) == SEVERAL:
            yield from _of_margin(evidence, name, z, t)


def _sloped(words: str, pull: Floats, link: Activation, slope: Floats, power: int) -> LossResidual:
    by = ("", f" {link.short}'(z)", f" {link.short}'(z)^2")[power]
    return LossResidual(f"{words}{by}".removeprefix("1 "), pull * slope**power, link.name, power)


def _of_difference(evidence: Evidence, name: str, r: Floats) -> Iterator[LossResidual]:
    """Yield what robust losses make of a difference."""
    of = f"z - {name}"
    yield LossResidual(f"sign({of})", np.sign(r))
    yield LossResidual(f"tanh({of})", np.tanh(r))
    for limit, at in _limits(evidence):
        yield LossResidual(f"clip({of}, -{limit}, {limit})", np.clip(r, -at, at))
        yield LossResidual(f"({of} below {limit}, else its sign)", np.where(np.abs(r) < at, r, np.sign(r)))
        yield LossResidual(f"({of} below {limit}, else 0)", np.where(np.abs(r) < at, r, 0.0))
        if at < 1:
            yield LossResidual(f"(1 - {limit} where {of} > 0, else -{limit})", np.where(r > 0, 1 - at, -at))
            yield LossResidual(f"({limit} where {of} > 0, else {limit} - 1)", np.where(r > 0, at, at - 1))


def _of_margin(evidence: Evidence, name: str, z: Floats, t: Floats) -> Iterator[LossResidual]:
    """Yield what losses of a margin make of two classes."""
    low, high = np.unique(t)
    s, y = np.where(t == high, 1.0, -1.0), name if (low, high) == (-1, 1) else f"(2 {name} - 1)"
    margin = s * z
    yield LossResidual(f"-{y}", -s)
    yield LossResidual(f"-{y} sigmoid(-{y} z)", -s / (1 + np.exp(margin)))
    yield LossResidual(f"-{y} sigmoid({y} z)", -s / (1 + np.exp(-margin)))
    for limit, at in (*_limits(evidence), ("0", 0.0)):
        yield LossResidual(f"-{y} where {y} z < {limit}", np.where(margin < at, -s, 0.0))
        yield LossResidual(f"-{y} where {y} z > {limit}", np.where(margin > at, -s, 0.0))
        yield LossResidual(f"-{y} max(0, {limit} - {y} z)", -s * np.maximum(0, at - margin))


def _limits(evidence: Evidence) -> list[tuple[str, float]]:
    known = [(name, float(n)) for name, n in evidence.context.numbers.items() if 0 < n != 1]
    return [("1", 1.0), *known[:LIMITS]]


def _targets(evidence: Evidence, shape: tuple[int, ...]) -> Iterator[tuple[str, Floats]]:
    """Yield what stands beside each example and could be the truth; labels as rows of zeros and a one."""
    n, classes = shape
    for given, a in _beside(evidence, n):
        name = given
        if a.ndim == MATRIX and a.shape == shape:
            found = a
        elif a.ndim == 1 and classes == 1:
            found = a[:, np.newaxis]
        elif a.ndim == 1 and _labels(a) and a.max() < classes <= CLASSES:
            found = np.equal.outer(a, np.arange(classes)).astype(np.float64)
            name = f"onehot({given})"
        else:
            continue
        yield name, found
        yield f"{name} of the next example", np.roll(found, -1, axis=0)
        yield f"{name} of the example before", np.roll(found, 1, axis=0)
        if classes > 1 and set(np.unique(found).tolist()) == {0.0, 1.0}:
            for limit, at in _shares(evidence):
                smoothed = (1 - at) * found + at / classes
                yield f"smoothed({name}, {limit})", smoothed
        if name != given:
            yield f"onehot({given} + 1)", np.roll(found, 1, axis=1)
            yield f"onehot({given} - 1)", np.roll(found, -1, axis=1)
    yield "0", np.zeros(shape)


def _shares(evidence: Evidence) -> Iterator[tuple[str, float]]:
    """Yield the plain numbers that may be what labels are smoothed with."""
    return ((name, float(n)) for name, n in evidence.context.numbers.items() if 0 < n < 1)


def _labels(array: Floats) -> bool:
    return bool((array == np.round(array)).all())


def _beside(evidence: Evidence, n: int) -> Iterator[tuple[str, Floats]]:
    for name, array in {**evidence.context.values, **evidence.context.data}.items():
        if name != evidence.name and 0 < array.ndim <= MATRIX and len(array) == n and array.dtype.kind in "fiub":
            whole = array.astype(np.float64)
            if np.isfinite(whole).all() and np.ptp(whole):
                yield name, whole


def weights(evidence: Evidence, shape: tuple[int, ...]) -> Iterator[Weight]:
    """Yield what may be multiplied with the residual of each example: weights, masks, all examples but one."""
    n, classes = shape
    yield Weight("", np.ones((n, 1)))
    for name, a in _beside(evidence, n):
        if a.ndim == 1 or a.shape == (n, 1):
            yield from _powers(name, a.reshape(n, 1))
        elif a.shape == shape:
            yield from _powers(name, a)
        if a.ndim == 1 and _labels(a):
            yield from _by_label(evidence, name, a)
    for name, array in evidence.context.data.items():
        if classes > 1 and array.shape == (classes,) and array.dtype.kind == "f" and np.ptp(array):
            yield Weight(f"{name} of the column", array[np.newaxis].astype(np.float64))
    for k in range(n) if n <= EXAMPLES else (0, n - 1):
        alone = np.eye(1, n, k).T
        yield Weight(f"(example {k} alone)", alone)
        yield Weight(f"(all examples but {k})", 1 - alone)


def _powers(name: str, a: Floats) -> Iterator[Weight]:
    yield Weight(name, a)
    if set(np.unique(a).tolist()) == {0.0, 1.0}:
        yield Weight(f"(1 - {name})", 1 - a)
        return
    yield Weight(f"{name}^2", a * a)
    if (a >= 0).all():
        yield Weight(f"sqrt({name})", np.sqrt(a))
    if a.all():
        yield Weight(f"1/{name}", 1 / a)


def _by_label(evidence: Evidence, name: str, labels: Floats) -> Iterator[Weight]:
    for other, array in evidence.context.data.items():
        if (
            array.ndim == 1
            and array.dtype.kind == "f"
            and np.ptp(array)
            and labels.min() >= 0
            and labels.max() < len(array)
        ):
            yield from _powers(f"{other}[{name}]", array[labels.astype(int)].reshape(-1, 1).astype(np.float64))
    if labels.min() < 0:
        yield Weight(f"({name} >= 0)", (labels >= 0).reshape(-1, 1).astype(np.float64))
