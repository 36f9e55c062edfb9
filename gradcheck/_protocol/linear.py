"""Is the backward linear in its cotangent: zero, opposite, doubled, very large, the sum of two?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.subject import UNITS, Subject
from gradcheck._protocol.deterministic import broken
from gradcheck._protocol.rounding import Claims, eps_of, measured_rounding, residue
from gradcheck._results.floating import DOUBLE, HALF
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

Pull = Callable[[Array], Claims]  # the gradient of a cotangent

LITTLE = HALF / 3  # relative: too little to show what is not linear, and rounded otherwise, in half precision too
BENT = 1e5  # roundings, relative to the largest entry, that two gradients may differ by
ROUGHEST = 0.1  # likewise, in whatever precision
LONG = 20_000  # entries of a gradient that are compared
LESS, MORE = 0.5, 2.5  # times another cotangent is as large, by turns: of equal ones the sum has both signs, exactly
CLIPPED = 1e-3  # relative to the largest entry: less is not a clamp, but lost digits of a large cotangent
LARGE = (2.0**20, 2.0**10)  # cotangents that a clamp would show; half precision holds only the second


def linear(subject: Subject, claims: Claims, unknown: Mapping[str, float], *, hasty: bool) -> list[Problem]:
    """Test that the backward is linear in its cotangent: zero, opposite, doubled, very large, the sum of two.

    If `hasty`, the last alone.
    `unknown` says how well the slopes of each tensor are known: noise in f is in its backward as well.
    """
    pull, u = subject.oracle.pullback, subject.cotangent
    if pull is None or u is None:
        return []
    backward = _Backward(subject, np.asarray(u), _thinned(claims), unknown)
    if not hasty and _plainly(backward):
        return []
    for rule in [SUM] if hasty else RULES:
        try:
            got, expected = rule.test(backward, backward.at)
            name = next(
                (subject.leaves[path].name for path in got if not backward.keeps(rule, path, got, expected)), ""
            )
        except Exception as error:  # the user's backward may raise anything
            if ends(error):
                raise
            return [broken(f"the backward raised {type(error).__name__}: {error} ({rule.sentence})")]
        if name:
            text = f"the backward is not linear in its cotangent: {rule.sentence}, and that of {name} does not"
            return [Problem(Verdict.WRONG, text, name)]
    return []


def _plainly(backward: _Backward) -> bool:
    """Return whether all rules are kept to the last digits, in double precision, by four gradients in place of six.

    A cotangent of the opposite sign is among them, as is its sum with the given one.
    """
    at = backward.at
    if any(backward.eps(path) > DOUBLE for path in backward.claims):
        return False

    try:
        for test in (ZERO.test, _large, SUM.test):
            got, expected = test(backward, at)
            if not all(_proportional(got[p], expected[p], backward.eps(p), 0.0) for p in got):
                return False
    except Exception as error:  # the user's backward may raise anything, and is asked rule by rule
        if ends(error):
            raise
        return False
    return True


@dataclass(frozen=True)
class _Backward:
    """A backward at the given point, with its cotangent and what it claims of it."""

    subject: Subject
    u: Array
    claims: Claims
    unknown: Mapping[str, float]

    def at(self, cotangent: Array) -> dict[str, Array]:
        """Ask for the gradient of a cotangent."""
        subject = self.subject
        assert subject.oracle.pullback is not None  # noqa: S101  or nobody would ask
        subject.go_forward()
        subject.tally.gradients += 1
        subject.pins.pin()
        return _thinned(subject.named(subject.oracle.pullback(subject.tree, cotangent)))

    def eps(self, path: str) -> float:
        """Return the relative rounding of a gradient."""
        return max(eps_of(self.claims[path]), self.subject.eps)

    @cached_property
    def other(self) -> Array:
        """Another cotangent: the neighbour of each number, with the opposite sign; outputs left out stay so.

        What is done by sign, as where a cotangent goes through a ReLU, is done to one of the two, and not to their sum.
        """
        parts = np.where(np.arange(self.u.size) % 2 == 0, LESS, MORE).reshape(self.u.shape)
        beside = np.roll(self.u, 1) * parts
        signs = np.where(np.real(beside * np.conj(self.u)) > 0, -1.0, 1.0)
        return np.asarray(beside * signs * (self.u != 0), dtype=self.u.dtype)

    def nudged(self, n: int) -> Pull:
        """Ask with cotangents that differ in their last digits, and with a little more of them, which is taken off."""
        more, eps = 1 + n * LITTLE, self.subject.eps
        signs = np.random.default_rng(0).choice([-1.0, 1.0], self.u.shape)
        return lambda cotangent: _times(self.at(cotangent * more * (1 + UNITS * n * eps * signs)), 1 / more)

    def keeps(self, rule: LinearRule, path: str, got: Claims, expected: Claims) -> bool:
        """Return whether a rule is kept, as far as the rounding of the backward, measured if need be, lets it."""
        eps = self.eps(path)
        if _proportional(got[path], expected[path], eps, 0.0):
            return True
        slack = residue(self.subject, expected, path, eps)
        size = float(np.max(np.abs(expected[path]), where=np.isfinite(expected[path]), initial=0.0))
        if rule.test is _large:
            slack += CLIPPED * size
        slack += min(self.unknown.get(path, 0.0), ROUGHEST * size)
        if _proportional(got[path], expected[path], eps, slack):
            return True
        seen = measured_rounding(self.subject, path, lambda n: rule.test(self, self.nudged(n)))
        return _proportional(got[path], expected[path], eps, slack + seen)


@dataclass(frozen=True)
class LinearRule:
    """What every linear map keeps, and what came of it: the gradient that was got, and the one that was expected."""

    sentence: str
    test: Callable[[_Backward, Pull], tuple[Claims, Claims]]


def _large(backward: _Backward, at: Pull) -> tuple[Claims, Claims]:
    """Return the gradient of the largest multiple of the cotangent for which it is finite, and what it should be."""
    finite = all(np.isfinite(claim).all() for claim in backward.claims.values())
    for factor in LARGE if backward.subject.eps < HALF else LARGE[1:]:
        got = at(factor * backward.u)
        if not finite or all(np.isfinite(g).all() for g in got.values()):
            break
    return got, _times(backward.claims, factor)


SUM = LinearRule(
    "the gradients of two cotangents must add up", lambda b, at: (at(b.u + b.other), _plus(b.claims, at(b.other)))
)
ZERO = LinearRule("a zero cotangent must give a zero gradient", lambda b, at: (at(0 * b.u), _times(b.claims, 0.0)))
RULES: tuple[LinearRule, ...] = (
    ZERO,
    LinearRule("twice the cotangent must give twice the gradient", lambda b, at: (at(2 * b.u), _times(b.claims, 2.0))),
    LinearRule("a large cotangent must not be clipped", _large),
    LinearRule(
        "the opposite cotangent must give the opposite gradient", lambda b, at: (at(-b.u), _times(b.claims, -1.0))
    ),
    SUM,
)


def _thinned(claims: Claims) -> dict[str, Array]:
    """Return a part of long gradients: what is not linear is so throughout."""
    return {
        path: claim if claim.size <= LONG else claim.ravel()[:: claim.size // LONG].copy()
        for path, claim in claims.items()
    }


def _times(claims: Claims, factor: float) -> dict[str, Array]:
    with np.errstate(invalid="ignore"):  # of what is infinite no multiple is compared
        return {p: np.multiply(claim, factor, dtype=np.result_type(claim, np.float64)) for p, claim in claims.items()}


def _plus(a: Claims, b: Claims) -> dict[str, Array]:
    with np.errstate(invalid="ignore"):
        return {path: a[path] + b[path] for path in a}


def _proportional(got: Array, expected: Array, eps: float, residue: float) -> bool:
    """Return whether two gradients agree to rounding, relative to the largest entry."""
    finite = np.isfinite(expected)  # what is infinite has no multiples to compare
    got, expected = got[finite], expected[finite]
    if not expected.size or not np.isfinite(got).all():
        return eps > DOUBLE or not expected.size
    size = max(float(np.abs(expected).max()), float(np.abs(got).max()))
    return float(np.abs(got - expected).max()) <= min(BENT * eps, ROUGHEST) * size + residue
