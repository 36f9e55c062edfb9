"""Is an operator's adjoint its adjoint? The dot test, and what rounding leaves unknown of it; else the entry.

<u, A v> = <A* u, v> for all u and v, so random ones show any difference. Halves of the columns, and then of the rows,
locate it: each half costs one call, since one side of the test is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._model.oracle import calling
from gradcheck._model.questions import LinearMap
from gradcheck._model.rng import Pins
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.report import Problem, Report, TensorResult
from gradcheck._results.verdict import Verdict

Vector = NDArray[Any]  # real or complex

TESTS = 3  # dot tests, with other vectors
ROUNDINGS = (
    32.0  # that a product of an operator and a vector is off by, of its size: sums of many terms, and transforms
)
MOST = 64  # entries that are located
FEWEST = 4  # a length that a factor is read as: two is what any number of mistakes multiply by
SAME = 1e-9  # relative: ratios of the two sides that are the same
ENOUGH = 2  # tests that a ratio is read from
REAL, IMAGINARY = ".real", ".imag"


@dataclass
class Both:
    """A map and its adjoint, called and counted; what they return is checked for its size."""

    linear: LinearMap
    eps: float
    rtol: float = 0.0  # the smallest relative error that matters
    forwards: int = 0
    adjoints: int = 0
    height: int = 0
    rounding: float = 0.0  # of the coarsest dtype that was returned
    whole_image: bool = False  # whether the map returned complex numbers

    @property
    def whole(self) -> bool:
        """Whether the map takes complex vectors."""
        return bool(np.iscomplexobj(self.linear.here))

    def forward(self, v: Vector) -> Vector:
        """Return A v."""
        self.forwards += 1
        result = self._called(self.linear.forward, v if self.whole else v.real, self.linear.labels[0])
        self.whole_image |= np.iscomplexobj(result) and bool(result.imag.any())
        self.height = self.height or result.size
        return result

    def adjoint(self, u: Vector) -> Vector:
        """Return A* u; raises InputError where that is not as long as what A takes."""
        self.adjoints += 1
        result = self._called(
            self.linear.adjoint, u if self.whole_image or self.whole else u.real, self.linear.labels[1]
        )
        wanted = self.linear.here.size
        if result.size != wanted:
            msg = (
                f"{self.linear.labels[1]} returned {result.size} numbers, and {self.linear.labels[0]} takes {wanted}; "
                "an adjoint takes what the operator returns, and returns what it takes"
            )
            raise InputError(msg)
        return result

    def _called(self, f: Callable[[Vector], Vector], x: Vector, name: str) -> Vector:
        with calling(name), np.errstate(all="ignore"):
            result = np.asarray(f(x.copy()))
        if result.dtype in (np.float32, np.complex64):
            self.rounding = max(self.rounding, float(np.finfo(result.dtype).eps))
        if not np.isfinite(result).all():
            msg = f"{name} returned what is not finite"
            raise CallError(msg)
        return result.ravel().astype(np.complex128)


@dataclass(frozen=True)
class Dots:
    """Both sides of a dot test, and how far rounding may put them apart."""

    v: Vector
    u: Vector
    image: Vector  # A v
    back: Vector  # A* u
    left: complex  # <u, A v>
    right: complex  # <A* u, v>
    room: float

    @property
    def agrees(self) -> bool:
        """Whether the two sides are the same, as far as rounding lets see."""
        return abs(self.left - self.right) <= self.room


def examined(linear: LinearMap, seed: int, rtol: float | None = None) -> Report:
    """Check an adjoint."""
    pins = Pins(linear.forward, linear.adjoint, *linear.reach)
    try:
        return _examined(linear, np.random.default_rng(seed), seed, rtol)
    finally:
        pins.restore()


def _examined(linear: LinearMap, rng: np.random.Generator, seed: int, rtol: float | None) -> Report:
    both = Both(linear, float(np.finfo(np.float64).eps), rtol=rtol or 0.0)
    tests = [_dots(both, rng) for _ in range(TESTS)]
    problems = [p for p in (_not_linear(both, tests),) if p is not None]
    worst = max(tests, key=lambda t: abs(t.left - t.right) / t.room)
    said = (
        f"dot test: |<u, A v> - <A* u, v>| = {abs(worst.left - worst.right):.1e}, and rounding allows {worst.room:.1e}"
    )
    tensors: dict[str, TensorResult] = {}
    diagnosis: tuple[str, ...] = ()
    if problems:
        pass
    elif all(test.agrees for test in tests):
        tensors = {linear.name: _agreed(both, worst)}
    else:
        found = dict(zip(_places(both, worst), iter(lambda: None, 0), strict=False))
        tensors = _wrong(both, [*found], worst)
        diagnosis = _why(both, tests, [*found])
        if not any(tensor.wrong for tensor in tensors.values()):  # spread over many, each too small to be seen
            tensors, problems = {}, [Problem(Verdict.WRONG, f"{said}; no single entry is off by as much")]
    return Report(
        linear.title,
        seed,
        tensors,
        problems=tuple(problems),
        diagnosis=diagnosis,
        notes=(*linear.notes, said),
        evaluations=both.forwards,
        gradients=both.adjoints,
    )


def _norm(v: Vector) -> float:
    """Return the length of a vector, whose squares may be too small or too large to be told."""
    largest = float(np.max(np.abs(v), initial=0.0))
    return largest * float(np.linalg.norm(v / largest)) if largest else 0.0


def _random(rng: np.random.Generator, size: int, *, whole: bool) -> Vector:
    real = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
    imaginary = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size) * whole
    return np.asarray(real + 1j * imaginary)


def _dots(both: Both, rng: np.random.Generator) -> Dots:
    here = both.linear.here
    v = _random(rng, here.size, whole=np.iscomplexobj(here))
    image = both.forward(v)
    u = _random(rng, image.size, whole=bool(np.iscomplexobj(here) or image.imag.any()))
    back = both.adjoint(u)
    left, right = complex(np.vdot(u, image)), complex(np.vdot(back, v))
    if not np.iscomplexobj(here):
        left, right = complex(left.real), complex(right.real)  # of a map of real vectors the real part counts
    eps = max(both.eps, both.rounding)
    size = _norm(u) * _norm(image) + _norm(back) * _norm(v)
    return Dots(v, u, image, back, left, right, float(max(ROUNDINGS * eps, both.rtol) * size) or np.finfo(float).tiny)


def _not_linear(both: Both, tests: list[Dots]) -> Problem | None:
    """Say that the map, or its adjoint, is not linear: of another map there is no adjoint."""
    (first, second), weights = tests[:2], ((2.0 + 1j, -3.0 + 0.5j) if both.whole else (2.0, -3.0))
    for name, f, a, b in (
        (both.linear.labels[0], both.forward, (first.v, first.image), (second.v, second.image)),
        (both.linear.labels[1], both.adjoint, (first.u, first.back), (second.u, second.back)),
    ):
        found = f(weights[0] * a[0] + weights[1] * b[0])
        expected = weights[0] * a[1] + weights[1] * b[1]
        size = abs(weights[0]) * _norm(a[1]) + abs(weights[1]) * _norm(b[1])
        off = float(_norm(found - expected))
        if off > ROUNDINGS * max(both.eps, both.rounding) * size:
            said = (
                f"{name} is not linear: at a v + b w it is off by {off:.2g} from a {name}(v) + b {name}(w); an adjoint "
                "is that of a linear operator, and for a function write vjp=pullback"
            )
            return Problem(Verdict.BROKEN, said)
    return None


def _agreed(both: Both, worst: Dots) -> TensorResult:
    size = _norm(worst.image) / float(np.sqrt(worst.image.size))
    seen = worst.room / size if size else np.nan  # nothing is tested by zeros
    note = f"an error above {worst.room:.1g} in any single entry would have been seen"
    return _tensor(both, both.linear.name, [], [], [], 0.0, means=f"{TESTS} dot tests", note=note, resolution=seen)


def _tensor(  # noqa: PLR0917  the columns
    both: Both,
    name: str,
    places: list[tuple[int, int]],
    claims: list[float],
    estimates: list[float],
    unknown: float,
    *,
    means: str,
    note: str = "",
    resolution: float = np.nan,
) -> TensorResult:
    width, count = both.linear.here.size, len(places)
    order = sorted(range(count), key=lambda k: places[k])
    measured = np.array([estimates[k] for k in order])
    return TensorResult(
        name=name,
        kind="operator",
        shape=(both.height, width),
        dtype="complex128" if np.iscomplexobj(both.linear.here) else "float64",
        flat=np.array([places[k][0] * width + places[k][1] for k in order], dtype=np.int64),
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


# --------------------------------------------------------------------------------------------- where it is


def _places(both: Both, test: Dots) -> Iterator[tuple[int, int]]:
    """Yield rows and columns in which the adjoint is not that of the map, as many as are worth it."""
    count = 0
    for column in _halved(test.v.size, partial(_column_off, both, test)):
        unit = np.zeros_like(test.v)
        unit[column] = 1
        image = both.forward(unit)
        for row in _halved(test.u.size, partial(_row_off, both, test, column, image)):
            yield row, column
            count += 1
            if count >= MOST:
                return


def _halved(size: int, off: Callable[[NDArray[np.int64]], bool]) -> Iterator[int]:
    """Yield the numbers below a size of which a test says that something is off with them."""
    queue = [np.arange(size)]
    while queue:
        part = queue.pop()
        if not off(part):
            continue
        if len(part) == 1:
            yield int(part[0])
        else:
            queue += [half for half in np.array_split(part, 2)[::-1] if len(half)]


def _column_off(both: Both, test: Dots, part: NDArray[np.int64]) -> bool:
    v = np.zeros_like(test.v)
    v[part] = test.v[part]
    left, right = complex(np.vdot(test.u, both.forward(v))), complex(np.vdot(test.back, v))
    return bool(abs(_part(both, left - right)) > test.room)


def _row_off(both: Both, test: Dots, column: int, image: Vector, part: NDArray[np.int64]) -> bool:
    u = np.zeros_like(test.u)
    u[part] = test.u[part]
    left, right = complex(np.vdot(u, image)), complex(np.conj(both.adjoint(u)[column]))
    return bool(abs(_part(both, left - right)) > test.room / np.sqrt(test.v.size))


def _part(both: Both, number: complex) -> complex:
    return number if np.iscomplexobj(both.linear.here) else complex(number.real)


def _wrong(both: Both, places: list[tuple[int, int]], test: Dots) -> dict[str, TensorResult]:
    """Return the entries that are wrong: what the adjoint says of them, and what the map does."""
    name = both.linear.name
    claims, estimates = [], []
    for row, column in places:
        v, u = np.zeros_like(test.v), np.zeros_like(test.u)
        v[column], u[row] = 1, 1
        claims.append(complex(np.conj(both.adjoint(u)[column])))
        estimates.append(complex(both.forward(v)[row]))
    unknown = test.room / np.sqrt(test.u.size * test.v.size)
    means = f"{TESTS} dot tests, and halves of rows and columns"
    cut = f"the first {MOST} entries that are wrong" if len(places) == MOST else ""
    if not np.iscomplexobj(both.linear.here):
        parts = [(name, [c.real for c in claims], [e.real for e in estimates])]
    else:
        parts = [
            (f"{name}{REAL}", [c.real for c in claims], [e.real for e in estimates]),
            (f"{name}{IMAGINARY}", [c.imag for c in claims], [e.imag for e in estimates]),
        ]
    return {n: _tensor(both, n, places, c, e, unknown, means=means, note=cut) for n, c, e in parts}


def _why(both: Both, tests: list[Dots], places: list[tuple[int, int]]) -> tuple[str, ...]:
    """Return what is the matter with an adjoint: a factor, a conjugate, or the entries or the block."""
    where = _where(both.linear.name, places)
    ratios = np.array([test.right / test.left for test in tests if test.left])
    if len(ratios) >= ENOUGH and np.ptp(ratios.real) + np.ptp(ratios.imag) <= SAME * abs(ratios[0]):
        number = ratios[0] if abs(ratios[0].imag) > SAME * abs(ratios[0]) else ratios[0].real
        return (f"{both.linear.labels[1]} is {number:.6g} times the adjoint{_known(number, both)}", where)
    if np.iscomplexobj(both.linear.here):
        test = tests[0]
        transposed = np.conj(both.adjoint(np.conj(test.u)))
        if abs(np.vdot(transposed, test.v) - test.left) <= test.room:
            return (f"a conjugate is missing: {both.linear.labels[1]} is the transpose, not the adjoint", where)
    return (where,)


def _known(number: complex, both: Both) -> str:
    sizes = {both.linear.here.size: "the length of its input", both.height: "the length of its output"}
    for size, words in sizes.items():
        for value, said in ((size, words), (1 / size, f"one over {words}"), (size**0.5, f"the root of {words}")):
            if size > FEWEST and abs(number - value) <= SAME * abs(value):
                return f": {said}, {size}"
    return ": the sign is wrong" if abs(number + 1) <= SAME else ""


def _where(name: str, places: list[tuple[int, int]]) -> str:
    rows, columns = ({place[axis] for place in places} for axis in (0, 1))
    if not places:
        return "no single entry is off by more than rounding allows: the difference is spread over many"
    if len(places) == 1:
        row, column = places[0]
        return f"wrong in one entry, {name}[{row}, {column}], which is entry [{column}, {row}] of the adjoint"
    box = f"{name}[{min(rows)}:{max(rows) + 1}, {min(columns)}:{max(columns) + 1}]"
    more = " at least" if len(places) >= MOST else ""
    return f"wrong in {len(places)} entries{more}, within the block {box}"
