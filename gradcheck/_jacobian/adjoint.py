"""Is a claimed adjoint that of its operator? The dot test with its uncertainty from rounding; else the wrong entry.

<u, A v> = <A* u, v> for all u and v, so random ones show any difference. Halves of the columns, and then of the rows,
locate it: each half costs one call, since one side of the test is known.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck._jacobian.dots import ROUNDINGS, Both, Dots, Vector, dots, length
from gradcheck._jacobian.located import MOST, places, why_not
from gradcheck._jacobian.over_reals import over_reals
from gradcheck._model.questions import IMAGINARY, REAL, LinearMap
from gradcheck._model.rng import Pins
from gradcheck._results.report import Problem, Report, TensorResult
from gradcheck._results.verdict import Verdict

TESTS = 3  # dot tests, with other vectors
OVER_REALS = "{} is linear over the reals only: tested with real scalars, and the adjoint is that of Re <u, A v>"

OF_REALS = "{} takes real vectors and returns complex ones: the adjoint is that of Re <u, A v>"


def examined(linear: LinearMap, seed: int, rtol: float | None = None) -> Report:
    """Check an adjoint; of a map that is linear over the reals only, or says so, that of the real inner product."""
    pins = Pins(linear.forward, linear.adjoint, *linear.reach)
    try:
        if linear.real:
            return _over_reals(linear, seed, rtol)[0]
        found, straight = _examined(linear, seed, rtol)
        if straight or not np.iscomplexobj(linear.here):
            return found
        again, straight = _over_reals(linear, seed, rtol)
        if not straight:
            return found
        return replace(
            again, evaluations=found.evaluations + again.evaluations, gradients=found.gradients + again.gradients
        )
    finally:
        pins.restore()


def _over_reals(linear: LinearMap, seed: int, rtol: float | None) -> tuple[Report, bool]:
    """Check an adjoint with real scalars and the real inner product; return whether both are linear so."""
    said = OVER_REALS if np.iscomplexobj(linear.here) else OF_REALS
    return _examined(over_reals(replace(linear, notes=(said.format(linear.labels[0]),))), seed, rtol)


def _examined(linear: LinearMap, seed: int, rtol: float | None) -> tuple[Report, bool]:
    """Check an adjoint; return the report, and whether both are linear."""
    both, rng = Both(linear, float(np.finfo(np.float64).eps), rtol=rtol or 0.0), np.random.default_rng(seed)
    tests = [dots(both, rng) for _ in range(TESTS)]
    problems = [p for p in (_not_linear(both, tests),) if p is not None]
    straight = not problems
    worst = max(tests, key=lambda t: abs(t.left - t.right) / t.room)
    said = (
        f"dot test: |<u, A v> - <A* u, v>| = {abs(worst.left - worst.right):.1e}, and rounding allows {worst.room:.1e}"
    )
    tensors: dict[str, TensorResult] = {}
    diagnosis: tuple[str, ...] = ()
    if problems:
        pass
    elif all(test.agrees for test in tests):
        tensors = {linear.name: _agreed(both, tests)}
    else:
        found = [*places(both, worst)]
        tensors = _wrong(both, found, worst)
        diagnosis = why_not(both, tests, found)
        if not any(tensor.wrong for tensor in tensors.values()):  # spread over many, each too small to be seen
            tensors, problems = {}, [Problem(Verdict.WRONG, f"{said}; no single entry is off by as much")]
    report = Report(
        linear.title,
        seed,
        tensors,
        problems=tuple(problems),
        diagnosis=diagnosis,
        notes=(*linear.notes, said),
        evaluations=both.forwards,
        gradients=both.adjoints,
    )
    return report, straight


def _not_linear(both: Both, tests: list[Dots]) -> Problem | None:
    """Say that the map, or its adjoint, is not linear: of another map there is no adjoint."""
    (first, second), weights = tests[:2], ((2.0 + 1j, -3.0 + 0.5j) if both.whole else (2.0, -3.0))
    for name, f, a, b in (
        (both.linear.labels[0], both.forward, (first.v, first.image), (second.v, second.image)),
        (both.linear.labels[1], both.adjoint, (first.u, first.back), (second.u, second.back)),
    ):
        found = f(weights[0] * a[0] + weights[1] * b[0])
        expected = weights[0] * a[1] + weights[1] * b[1]
        size = abs(weights[0]) * length(a[1]) + abs(weights[1]) * length(b[1])
        off = float(length(found - expected))
        if off > ROUNDINGS * max(both.eps, both.rounding) * size:
            said = (
                f"{name} is not linear: A(a v + b w) and a A(v) + b A(w) differ by {off:.2g}; only a linear operator "
                "has an adjoint, and for a function write vjp=pullback"
            )
            return Problem(Verdict.BROKEN, said)
    return None


def _agreed(both: Both, tests: list[Dots]) -> TensorResult:
    """Return that the two agree, and how well: an error d of entry (i, j) moves a dot test by d u_i v_j."""
    seen = min((test.room / (_least(test.u) * _least(test.v)) for test in tests if test.u.size), default=0.0)
    size = max(_size(test) for test in tests)
    resolution = seen / size if size else np.nan  # nothing is tested by zeros
    note = f"an error above {seen:.2g} in any single entry would have been seen"
    means = f"{TESTS} dot tests"
    return _tensor(both, both.linear.name, [], [], [], 0.0, means=means, note=note, resolution=resolution)


def _least(v: Vector) -> float:
    return float(np.min(np.abs(v), initial=np.inf))


def _size(test: Dots) -> float:
    """Return the root mean square of the entries of a map, as a random vector shows it."""
    count = float(np.sqrt(test.u.size)) * length(test.v)
    return length(test.image) / count if count else 0.0


def _tensor(  # noqa: PLR0917  the columns
    both: Both,
    name: str,
    at: list[tuple[int, int]],
    claims: list[float],
    estimates: list[float],
    unknown: float,
    *,
    means: str,
    note: str = "",
    resolution: float = np.nan,
) -> TensorResult:
    width, count = both.shape[1], len(at)
    order = sorted(range(count), key=lambda k: at[k])
    measured = np.array([estimates[k] for k in order])
    return TensorResult(
        name=name,
        kind="operator",
        shape=both.shape,
        dtype="complex128" if both.whole or both.linear.real else "float64",
        flat=np.array([at[k][0] * width + at[k][1] for k in order], dtype=np.int64),
        claims=np.array([claims[k] for k in order]),
        estimates=measured,
        uncertainties=np.full(count, unknown),
        lefts=measured,
        rights=measured,
        codes=np.array(
            [Verdict.WRONG if abs(claims[k] - estimates[k]) > unknown else Verdict.CORRECT for k in order], np.int8
        ),
        means=means,
        note=note,
        resolution=resolution,
    )


def _wrong(both: Both, found: list[tuple[int, int]], test: Dots) -> dict[str, TensorResult]:
    """Return the entries that are wrong: what the adjoint says of them, and what the map does."""
    name = both.linear.name
    claims, estimates = [], []
    for row, column in found:
        v, u = np.zeros_like(test.v), np.zeros_like(test.u)
        v[column], u[row] = 1, 1
        claims.append(complex(np.conj(both.adjoint(u)[column])))
        estimates.append(complex(both.forward(v)[row]))
    unknown = test.room / np.sqrt(test.u.size * test.v.size)
    means = f"{TESTS} dot tests, and halves of rows and columns"
    cut = f"the first {MOST} entries that are wrong" if len(found) == MOST else ""
    if any(both.linear.halved):
        return _by_halves(both, found, claims, estimates, unknown, means, cut)
    if not np.iscomplexobj(both.linear.here):
        parts = [(name, [c.real for c in claims], [e.real for e in estimates])]
    else:
        parts = [
            (f"{name}{REAL}", [c.real for c in claims], [e.real for e in estimates]),
            (f"{name}{IMAGINARY}", [c.imag for c in claims], [e.imag for e in estimates]),
        ]
    return {n: _tensor(both, n, found, c, e, unknown, means=means, note=cut) for n, c, e in parts}


def _by_halves(  # noqa: PLR0917  the columns
    both: Both,
    found: list[tuple[int, int]],
    claims: list[complex],
    estimates: list[complex],
    unknown: float,
    means: str,
    note: str,
) -> dict[str, TensorResult]:
    """Return entries by whether they are of real or imaginary parts."""
    parts: dict[str, list[tuple[tuple[int, int], float, float]]] = {}
    for (row, column), claim, estimate in zip(found, claims, estimates, strict=True):
        name, i, j = both.linear.place(row, column, both.height)
        parts.setdefault(name, []).append(((i, j), claim.real, estimate.real))
    found_in: dict[str, TensorResult] = {}
    for name, part in parts.items():
        at, said, measured = [p[0] for p in part], [p[1] for p in part], [p[2] for p in part]
        found_in[name] = _tensor(both, name, at, said, measured, unknown, means=means, note=note)
    return found_in
