"""Is the backward linear in its cotangent: zero, opposite, doubled, very large, the sum of two?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._protocol.deterministic import broken
from gradcheck._protocol.rounding import Claims, eps_of, measured_rounding, residue
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

Pull = Callable[[Array], Claims]  # the gradient of a cotangent

WIDE, HALF = 2.0**-52, 2.0**-10  # the rounding of double and of half precision
LITTLE = 2.0**-21 / 3  # relative: too little to show what is not linear, enough to be rounded otherwise
OTHER = (0.75, 0.125)  # makes another cotangent of one: its neighbour times the one, and the other more
NUDGE = 8.0  # roundings by which a cotangent is moved, that differs in its last digits
BENT = 1e5  # roundings, relative to the largest entry, that two gradients may differ by
ROUGHEST = 0.1  # likewise, in whatever precision
LONG = 20_000  # entries of a gradient that are compared
CLIPPED = 1e-3  # of the largest entry: less is no clamp, but digits that a large cotangent costs
LARGE = (2.0**20, 2.0**10)  # cotangents that a clamp would show; half precision holds only the second


def linear(subject: Subject, claims: Claims) -> list[Problem]:
    """Test that the backward is linear in its cotangent: zero, opposite, doubled, very large, the sum of two."""
    pull, u = subject.oracle.pullback, subject.cotangent
    if pull is None or u is None:
        return []

    claims = _thinned(claims)

    def at(cotangent: Array) -> dict[str, Array]:
        subject.tally.gradients += 1
        subject.pins.pin()
        return _thinned(subject.named(pull(subject.tree, cotangent)))

    u = np.asarray(u)
    v = (np.roll(u, 1) * OTHER[0] + OTHER[1]) * subject.heard
    signs = np.random.default_rng(0).choice([-1.0, 1.0], u.shape)

    def nudged(n: int) -> Pull:
        """Ask with cotangents that differ in their last digits, and with a little more of them, which is taken off."""
        more = 1 + n * LITTLE
        return lambda cotangent: _times(at(cotangent * more * (1 + NUDGE * n * subject.eps * signs)), 1 / more)

    def large(at: Pull) -> tuple[Claims, Claims]:
        return _large(at, u, claims, subject.eps)

    tests: tuple[tuple[str, Callable[[Pull], tuple[Claims, Claims]]], ...] = (
        ("a zero cotangent must give a zero gradient", lambda at: (at(0 * u), _times(claims, 0.0))),
        ("twice the cotangent must give twice the gradient", lambda at: (at(2 * u), _times(claims, 2.0))),
        ("a large cotangent must not be clipped", large),
        ("the gradients of two cotangents must add up", lambda at: (at(u + v), _plus(claims, at(v)))),
        ("the opposite cotangent must give the opposite gradient", lambda at: (at(-u), _times(claims, -1.0))),
    )
    for sentence, test in tests:
        try:
            got, expected = test(at)
        except Exception as error:  # noqa: BLE001  the user's backward may raise anything
            return [broken(f"the backward raised {type(error).__name__}: {error} ({sentence})")]
        for path in got:
            eps = max(eps_of(claims[path]), subject.eps)
            slack = residue(subject, expected, path, eps)
            if test is large:
                slack += CLIPPED * float(np.max(np.abs(expected[path])))
            pair = got[path], expected[path]
            if not _same_line(subject, path, pair, (eps, slack), lambda n: test(nudged(n))):  # noqa: B023  called at once
                name = subject.leaves[path].name
                text = f"the backward is not linear in its cotangent: {sentence}, and that of {name} does not"
                return [Problem(Verdict.WRONG, text, name)]
    return []


def _thinned(claims: Claims) -> dict[str, Array]:
    """Return a part of long gradients: what is not linear is so throughout."""
    return {
        path: claim if claim.size <= LONG else claim.ravel()[:: claim.size // LONG].copy()
        for path, claim in claims.items()
    }


def _same_line(
    subject: Subject,
    path: str,
    pair: tuple[Array, Array],
    known: tuple[float, float],
    again: Callable[[int], tuple[Claims, ...]],
) -> bool:
    """Return whether what came back is what was expected, as far as its rounding, measured if need be, lets it."""
    eps, slack = known
    return _proportional(*pair, eps, slack) or _proportional(
        *pair, eps, slack + measured_rounding(subject, path, again)
    )


def _large(at: Pull, u: Array, claims: Claims, eps: float) -> tuple[Claims, Claims]:
    """Return the gradient of the largest multiple of the cotangent for which it is finite, and what it should be."""
    finite = all(np.isfinite(claim).all() for claim in claims.values())
    for factor in LARGE if eps < HALF else LARGE[1:]:
        got = at(factor * u)
        if not finite or all(np.isfinite(g).all() for g in got.values()):
            break
    return got, _times(claims, factor)


def _times(claims: Claims, factor: float) -> dict[str, Array]:
    return {path: np.multiply(claim, factor, dtype=np.result_type(claim, np.float64)) for path, claim in claims.items()}


def _plus(a: Claims, b: Claims) -> dict[str, Array]:
    return {path: a[path] + b[path] for path in a}


def _proportional(got: Array, expected: Array, eps: float, residue: float) -> bool:
    """Return whether two gradients agree to rounding, relative to the largest entry."""
    if not (np.isfinite(got).all() and np.isfinite(expected).all()):
        return eps > WIDE or not bool(np.isfinite(expected).all())
    size = max(float(np.max(np.abs(expected))), float(np.max(np.abs(got))))
    return float(np.max(np.abs(got - expected))) <= min(BENT * eps, ROUGHEST) * size + residue
