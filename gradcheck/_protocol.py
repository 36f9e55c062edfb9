"""Does the subject keep the rules that make a comparison meaningful? Each breach is a sentence with its cause."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gradcheck._oracle import Array, CallError
from gradcheck._report import Problem, Verdict
from gradcheck._subject import Subject

Claims = Mapping[str, Array]
Pull = Callable[[Array], Claims]  # the gradient of a cotangent

WIDE, HALF = 2.0**-52, 2.0**-10  # the rounding of double and of half precision
SAME = 64.0  # units in the last place by which two equal calls may differ: threads add in any order
RESIDUE = 256.0  # roundings of other tensors' gradients that may be left of one that is zero as sums cancel
NUDGES, ROUNDINGS = 6, 16.0  # points that differ in their last digits; times the change of a gradient between them
LITTLE = 2.0**-21 / 3  # relative: too little to show what is not linear, enough to be rounded otherwise
LONG = 20_000  # entries of a gradient that are compared
CLIPPED = 1e-3  # of the largest entry: less is no clamp, but digits that a large cotangent costs
LARGE = (2.0**20, 2.0**10)  # cotangents that a clamp would show; half precision holds only the second


def settle(subject: Subject) -> Problem | None:
    """Take the value at the point, twice; return what makes it useless."""
    subject.settle()
    drew = subject.pins.notice()
    subject.settle()
    first = np.atleast_1d(subject.base)
    changed = changed_inputs(subject)
    if changed:
        return _broken(f"the function changes its own input {changed} in place; work on a copy of it", changed)
    if not np.isfinite(first).all():
        what = "nan" if np.isnan(first).any() else "infinite"
        return _broken(f"the function is {what} at the given point, so there is nothing to compare; start elsewhere")
    subject.settle()
    second = np.atleast_1d(subject.base)
    if not _alike(first, second, _eps(first)):
        before, after = float(first.sum()), float(second.sum())
        return _broken(
            f"the function changes from call to call: first {before:.9g}, then {after:.9g}, "
            + ("although the random generators it draws from were put back" if drew else "at the same point")
            + "; fix its seed, or pass the random numbers in as an argument",
        )
    subject.jitter = float(np.abs(first - second).sum())
    return None


def claims_twice(subject: Subject) -> tuple[dict[str, Array], list[Problem]]:
    """Ask for the gradient twice; return it, and what is wrong with the way it was given."""
    first = subject.claims()
    changed = changed_inputs(subject)
    if changed:
        return first, [_broken(f"the gradient function changes its input {changed} in place", changed)]
    try:
        second = subject.claims()
    except CallError as error:
        return first, [_broken(f"the second call of the gradient function failed: {error}")]
    problems = [p for path in first for p in _repeated(subject.leaves[path].name, first[path], second[path])]
    return first, problems[:1]


def _repeated(name: str, first: Array, second: Array) -> Iterator[Problem]:
    if not (np.isfinite(first).all() and np.isfinite(second).all()) or _alike(first, second, _eps(first)):
        return
    doubled = _alike(2 * first, second, _eps(first))
    why = (
        "the second call returned twice the first, so gradients accumulate from call to call; start each call from zero"
        if doubled
        else "the gradient function must give the same for the same point; fix its seed, or keep no state in it"
    )
    yield _broken(f"the gradient of {name} changes from call to call: {why}", name)


def linear(subject: Subject, claims: Claims) -> list[Problem]:
    """Test that the backward is linear in its cotangent: zero, opposite, doubled, very large, the sum of two."""
    pull, u = subject.oracle.pullback, subject.cotangent
    if pull is None or u is None:
        return []

    claims = _thinned(claims)

    def at(cotangent: Array) -> dict[str, Array]:
        subject.gradients += 1
        subject.pins.pin()
        return _thinned(subject.named(pull(subject.tree, cotangent)))

    u = np.asarray(u)
    v = (np.roll(u, 1) * 0.75 + 0.125) * subject.heard  # exact in every precision, as u is
    signs = np.random.default_rng(0).choice([-1.0, 1.0], u.shape)

    def nudged(n: int) -> Pull:
        """Ask with cotangents that differ in their last digits, and with a little more of them, which is taken off."""
        more = 1 + n * LITTLE
        return lambda cotangent: _times(at(cotangent * more * (1 + 8 * n * subject.eps * signs)), 1 / more)

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
            return [_broken(f"the backward raised {type(error).__name__}: {error} ({sentence})")]
        for path in got:
            eps = max(_eps(claims[path]), subject.eps)
            slack = _residue(subject, expected, path, eps)
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
    return _proportional(*pair, eps, slack) or _proportional(*pair, eps, slack + _rounding(subject, path, again))


def _large(at: Pull, u: Array, claims: Claims, eps: float) -> tuple[Claims, Claims]:
    """Return the gradient of the largest multiple of the cotangent for which it is finite, and what it should be."""
    finite = all(np.isfinite(claim).all() for claim in claims.values())
    for factor in LARGE if eps < HALF else LARGE[1:]:
        got = at(factor * u)
        if not finite or all(np.isfinite(g).all() for g in got.values()):
            break
    return got, _times(claims, factor)


def narrow(subject: Subject, claims: Claims) -> list[Problem]:
    """Test the claim in the user's own precision against the same claim in double: its own rounding only."""
    plain = subject.plain
    if plain is None:
        return []
    plain.chosen = {path: plain.leaves[path] for path in claims}
    subject.gradients += 1
    try:
        own = plain.claims()
    except CallError as error:
        return [_broken(f"in {_dtypes(subject)} {error}")]
    for path, claim in claims.items():
        eps = max(_eps(own[path]), subject.leaves[path].given)
        size = float(np.max(np.abs(claim)))
        if not np.isfinite(size):
            continue  # its entries are judged one by one
        off = float(np.max(np.abs(own[path].astype(np.float64) - claim)))
        slack = max(64 * eps, min(65536 * eps, 1e-2)) * size + _residue(subject, claims, path, eps)
        if not off <= slack and not off <= slack + _rounding(plain, path, lambda _: (plain.claims(),)):
            name, dtype = subject.leaves[path].name, subject.leaves[path].dtype
            text = (
                f"in {dtype} the gradient of {name} is off by {off:.2g}, {off / size:.1g} of its largest entry, "
                "from the same gradient in float64"
            )
            return [Problem(Verdict.WRONG, text, name)]
    return []


def _dtypes(subject: Subject) -> str:
    return "/".join(sorted({str(leaf.dtype) for leaf in subject.leaves.values()}))


def shared(gradient: Claims) -> list[tuple[str, str]]:
    """Return the pairs of gradients that share memory: updating one in place would change the other."""
    names = list(gradient)
    return [(a, b) for i, a in enumerate(names) for b in names[:i] if np.shares_memory(gradient[a], gradient[b])]


def changed_inputs(subject: Subject) -> str:
    """Return the name of the first input that is not what it was, having put all of them back."""
    changed = ""
    for leaf in subject.leaves.values():
        if not np.array_equal(leaf.array, leaf.original, equal_nan=True):
            changed = changed or leaf.name
            leaf.array[...] = leaf.original
    return changed


def _times(claims: Claims, factor: float) -> dict[str, Array]:
    return {path: np.multiply(claim, factor, dtype=np.result_type(claim, np.float64)) for path, claim in claims.items()}


def _plus(a: Claims, b: Claims) -> dict[str, Array]:
    return {path: a[path] + b[path] for path in a}


def _residue(subject: Subject, claims: Claims, path: str, eps: float) -> float:
    """Return what may be left, by rounding, of a gradient that is zero: of the largest claim, in units of this one."""
    step = {p: float(np.median(subject.leaves[p].scale)) for p in claims}
    moves = (float(np.max(np.abs(c), where=np.isfinite(c), initial=0.0)) * step[p] for p, c in claims.items())
    return min(RESIDUE * eps, 0.01) * max(moves, default=0.0) / step[path]


def _rounding(subject: Subject, path: str, ask: Callable[[int], tuple[Claims, ...]]) -> float:
    """Return what rounding makes of gradients, from their changes between points that differ in their last digits."""
    seen = []
    for n in range(NUDGES + 1):
        with subject.at(subject.nudge(n)):
            seen.append(np.array([claims[path] for claims in ask(n)], dtype=np.float64))
    return ROUNDINGS * max(float(np.max(np.abs(b - a))) for a, b in pairwise(seen))


def _proportional(got: Array, expected: Array, eps: float, residue: float) -> bool:
    """Return whether two gradients agree to rounding, relative to the largest entry."""
    if not (np.isfinite(got).all() and np.isfinite(expected).all()):
        return eps > WIDE or not bool(np.isfinite(expected).all())
    size = max(float(np.max(np.abs(expected))), float(np.max(np.abs(got))))
    return float(np.max(np.abs(got - expected))) <= min(1e5 * eps, 0.1) * size + residue


def _alike(a: NDArray[np.floating], b: NDArray[np.floating], eps: float) -> bool:
    size = max(float(np.max(np.abs(a))), float(np.max(np.abs(b)))) if a.size else 0.0
    return a.shape == b.shape and bool(np.max(np.abs(a - b), initial=0.0) <= SAME * eps * size)


def _eps(array: NDArray[np.floating]) -> float:
    return float(np.finfo(array.dtype).eps)


def _broken(sentence: str, tensor: str = "") -> Problem:
    return Problem(Verdict.BROKEN, sentence, tensor)
