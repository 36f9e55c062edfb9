"""Which derivative was taken, and which is meant? Functions applied entry by entry, and what is taken for their slope.

Entry by entry the claim is u p(x) and the slope u q(x), with the same u: the cotangent. So claim times q is
estimate times p, whatever u is, and a pair of functions that fits in every entry is no coincidence.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN, UNEXPLAINED, parallel
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import ENOUGH, PLENTY, SEVERAL, Evidence, Floats

Function = Callable[[Floats], Floats]

SATURATED = 1000  # of x^2: from there exp(-x^2 / 2) < 1e-217 is nothing, and need not underflow


@dataclass(frozen=True)
class Activation:
    """A function, its derivative, and that derivative written with the output y."""

    name: str
    f: Function
    slope: Function
    formula: str = ""  # the slope, as it is written with y
    of_output: Function | None = None
    first: Function | None = None  # the first of the terms of the slope, if it has two
    pieces: bool = False  # whether it is known on both sides of zero alone: on one it may be anything

    @property
    def short(self) -> str:
        """Its name in a formula."""
        return self.name.removeprefix("the ")

    def of(self, inside: str) -> str:
        """Return it of something, as a formula; that alone, if it changes nothing."""
        return f"{self.short}({inside})" if self.name else inside


IDENTITY = Activation("", lambda z: z, np.ones_like)


def _sigmoid(x: Floats) -> Floats:
    y: Floats = np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))
    return y


def _phi(x: Floats) -> Floats:
    return np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in x.ravel()]).reshape(x.shape)


def _gelu(x: Floats) -> Floats:
    return x * _phi(x)


def _gelu_slope(x: Floats) -> Floats:
    y: Floats = _phi(x) + x * np.exp(-np.minimum(x * x, SATURATED) / 2) / math.sqrt(2 * math.pi)
    return y


def _relu(x: Floats) -> Floats:
    return np.maximum(x, 0)


def _positive(x: Floats) -> Floats:
    return (x > 0).astype(np.float64)


BETWEEN_LAYERS = (
    Activation("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2, "1 - {}^2", lambda y: 1 - y * y),
    Activation(
        "the sigmoid", _sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x)), "{0} (1 - {0})", lambda y: y * (1 - y)
    ),
    Activation("the ReLU", _relu, _positive, pieces=True),
    Activation("the softplus", lambda x: np.logaddexp(0, x), _sigmoid),
    Activation(
        "the SiLU",
        lambda x: x * _sigmoid(x),
        lambda x: _sigmoid(x) + x * _sigmoid(x) * (1 - _sigmoid(x)),
        first=_sigmoid,
    ),
    Activation("the GELU", _gelu, _gelu_slope, first=_phi),
    Activation(
        "the ELU",
        lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        lambda x: np.exp(np.minimum(x, 0)),
        pieces=True,
    ),
)
ACTIVATIONS = (
    *BETWEEN_LAYERS,
    Activation("exp", np.exp, np.exp),
    Activation("log", np.log, lambda x: 1 / x),
    Activation("the square root", np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    Activation("the square", np.square, lambda x: 2 * x),
    Activation("the cube", lambda x: x**3, lambda x: 3 * x * x),
    Activation("the reciprocal", lambda x: 1 / x, lambda x: -1 / (x * x)),
    Activation("sine", np.sin, np.cos),
    Activation("cosine", np.cos, lambda x: -np.sin(x)),
)


def complement(evidence: Evidence) -> Cause | None:
    """One, or the cotangent, less what is meant: 1 - s in the place of s, as of a sigmoid."""
    c, right = evidence.context.cotangent, evidence.estimate
    if not evidence.whole or evidence.still.any() or np.ptp(right) <= PATTERN * float(np.max(np.abs(right))):
        return None  # constants add up to one, and a mask with its opposite
    k = float(np.mean(evidence.claim + right))
    above = [("the cotangent", c, 0)] if c is not None and c.shape == right.shape else []
    for words, whole, fitted in (*above, (f"{k:.6g}", np.full(right.shape, k), 1)):
        if np.max(np.abs(whole)) > PATTERN * np.max(np.abs(right)) and evidence.explained(
            whole - right, least=PLENTY, fitted=fitted
        ):
            said = f"{words} less the measured value, in every entry: 1 - s where s is meant, or the other way round"
            return Cause(Slip.ACTIVATION, evidence.name, said)
    return None


def derivative(evidence: Evidence) -> Cause | None:
    """The derivative of a function that is applied entry by entry is missing, or is another's."""
    if (
        evidence.value is None
        or np.count_nonzero(evidence.known & ~evidence.still) < ENOUGH
        or not np.isfinite(evidence.claim).any()
    ):
        return None
    if not evidence.claim[evidence.wrong].any() or np.count_nonzero(evidence.wrong) < SEVERAL:
        return None  # zero, or one number, is what any function's derivative may be taken for
    with np.errstate(all="ignore"):
        found = list(itertools.islice(_found(evidence, evidence.value), SEVERAL))
    if not found:
        return None
    if evidence.still[evidence.known].any():
        found = found[:1]  # where the output is constant, a function with constant parts is more likely
    return Cause(Slip.ACTIVATION, evidence.name, found[0] + (f" (or: {found[1]})" if len(found) > 1 else ""))


def _found(evidence: Evidence, x: Floats) -> Iterator[str]:
    """Yield what explains the claim, once for each function that may be meant."""
    few = x.ravel()[evidence.clearest]
    for activation in _possible(evidence, x):
        slopes = activation.slope(few)
        may = [_may_stand_for(evidence, taken, slopes) for _, taken in mistakes(activation, few)]
        if not any(may):
            continue
        if not np.isfinite(activation.f(x)[evidence.known]).all():
            continue  # no logarithm of what is negative
        meant = activation.slope(x)
        told = x[evidence.known & (~evidence.still | (meant == 0))]
        if activation.pieces and not ((told > 0).any() and (told < 0).any()):
            continue
        found = (
            sentence
            for (sentence, taken), possible in zip(mistakes(activation, x), may, strict=True)
            if possible and _stands_for(evidence, taken, meant)
        )
        yield from itertools.islice(found, 1)


def _possible(evidence: Evidence, x: Floats) -> tuple[Activation, ...]:
    """Return those whose values are the output, where there are any; else all, of one of which it may be made."""
    y = evidence.context.output
    if y is None or y.shape != x.shape:
        return ACTIVATIONS
    same = tuple(a for a in ACTIVATIONS if np.allclose(a.f(x), y, rtol=PATTERN, atol=0.0))
    return same or ACTIVATIONS


def mistakes(a: Activation, x: Floats) -> Iterator[tuple[str, Floats]]:
    """Yield what is taken for the slope of a function at x, each with a sentence."""
    y = a.f(x)
    yield f"the derivative of {a.name} is missing: the cotangent is passed on unchanged", np.ones_like(x)
    if a.of_output is not None:
        right = a.formula.format("y")
        taken = a.formula.format("x")
        mixed = f"{taken} of the input where {right} of the output is meant, for {a.name}"
        yield f"{mixed}: pre- and post-activation mixed up", a.of_output(x)
        yield f"1 - y where {right} is meant: the derivative of {a.name} is incomplete", 1 - y
        yield f"1 + y^2 where {right} is meant: a sign in the derivative of {a.name}", 1 + y * y
        yield f"y^2 where {right} is meant: the derivative of {a.name} is incomplete", y * y
        for other in ACTIVATIONS:
            if other.of_output is not None and other is not a:
                theirs = f"{other.formula.format('y')} where {right} is meant"
                yield f"{theirs}: the derivative of {other.name}, taken for that of {a.name}", other.of_output(y)
    if a.first is not None:
        yield f"the second term of the derivative of {a.name} is missing", a.first(x)
    yield f"{a.name} itself instead of its derivative", y
    yield f"the derivative of {a.name} taken at the output, where it is meant at the input", a.slope(y)
    for other in ACTIVATIONS:
        if other is not a:
            yield f"the derivative of {other.name} where that of {a.name} is meant", other.slope(x)


def untouched(evidence: Evidence) -> Cause | None:
    """The input itself where a function of it is meant, or the other way round."""
    if (
        evidence.value is None
        or min(np.count_nonzero(part) for part in (evidence.known & ~evidence.still, evidence.wrong)) < ENOUGH
    ):
        return None
    with np.errstate(all="ignore"):
        for a in ACTIVATIONS:
            lacking = np.where(evidence.known, a.f(evidence.value) - evidence.value, np.nan)
            if not np.isfinite(lacking[evidence.known]).all() or not lacking[evidence.known].any():
                continue
            if len(np.unique(lacking[evidence.wrong & evidence.known])) < SEVERAL:
                continue  # of one number all functions are multiples of one another
            if parallel(lacking[evidence.known], evidence.value[evidence.known], PATTERN):
                continue  # as a ReLU less its input is of numbers below zero: what is missing is a multiple of these
            k = float(np.nansum(lacking * evidence.missing) / np.nansum(lacking**2))
            if k and evidence.explained(evidence.estimate - k * lacking, least=ENOUGH, fitted=1):
                return Cause(
                    Slip.UNTOUCHED,
                    evidence.name,
                    f"what is missing is {k:.3g} times ({a.name} of the input, less the input): "
                    "one taken for the other",
                )
    return None


def _may_stand_for(evidence: Evidence, taken: Floats, meant: Floats) -> bool:
    """Whether `taken` stands where `meant` would give the measured slope, in a few entries that show it best."""
    for k, p, q in zip(evidence.clearest, taken.tolist(), meant.tolist(), strict=True):
        claim, slope, slack = (float(column.flat[k]) for column in (evidence.claim, evidence.estimate, evidence.slack))
        room = UNEXPLAINED * (slack * (abs(p) + abs(q)) + PATTERN * (abs(claim * q) + abs(slope * p)))
        if abs(claim * q - slope * p) > room + abs((slope - claim) * q) / UNEXPLAINED:
            return False
    return True


def _stands_for(evidence: Evidence, taken: Floats, meant: Floats) -> bool:
    """Whether `taken` stands, entry by entry, where `meant` would give the measured slope."""
    ratio = np.where(meant != 0, taken / meant, np.nan)
    usable = np.isfinite(ratio) & evidence.known
    lively = usable & ~evidence.still
    if np.count_nonzero(lively & (ratio != 0)) < ENOUGH or _alike(taken[lively], meant[lively], evidence, meant):
        return False
    if not evidence.still[evidence.known & (meant == 0)].all() or not (usable | (meant == 0) | ~evidence.known).all():
        return False
    flat = evidence.known & (meant == 0)
    lost = np.abs(evidence.claim) <= evidence.slack  # where nothing moves the claim is the cotangent, or zero
    handed = ~lost[flat & (taken != 0)]
    if not lost[flat & (taken == 0)].all() or np.count_nonzero(handed) < handed.size / 2:
        return False
    return evidence.explained(np.where(usable, ratio * evidence.estimate, np.nan), np.where(usable, ratio, 1.0))


def _alike(taken: Floats, meant: Floats, evidence: Evidence, everywhere: Floats) -> bool:
    """Whether the two are one another's multiple where f moves, so that nothing would be shown."""
    ratio = taken / meant
    flat = bool(np.ptp(ratio) <= PATTERN * np.max(np.abs(ratio), initial=0.0))
    return flat and int(np.count_nonzero(evidence.wrong & (everywhere == 0))) < SEVERAL
