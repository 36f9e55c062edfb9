"""Where is an adjoint not that of its operator, and why? Halves of the columns, then of the rows, each at one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradcheck._jacobian.dots import Both, Dots, Vector

MOST = 64  # entries that are located
FEWEST = 4  # smallest length that a factor is read as, since many mistakes multiply by two
SAME = 1e-9  # relative: ratios of the two sides that are the same
ENOUGH = 2  # tests that a ratio is read from


def places(both: Both, test: Dots) -> Iterator[tuple[int, int]]:
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


def why_not(both: Both, tests: list[Dots], found: list[tuple[int, int]]) -> tuple[str, ...]:
    """Return what is the matter with an adjoint: a factor, a conjugate, or the entries or the block."""
    where = _where(both, found)
    ratios = np.array([test.right / test.left for test in tests if test.left])
    if len(ratios) >= ENOUGH and np.ptp(ratios.real) + np.ptp(ratios.imag) <= SAME * abs(ratios[0]):
        number = ratios[0] if abs(ratios[0].imag) > SAME * abs(ratios[0]) else ratios[0].real
        return (f"{both.linear.labels[1]} is {number:.6g} times the adjoint{_known(number, both)}", where)
    if np.iscomplexobj(both.linear.here) or any(both.linear.halved):
        test = tests[0]
        transposed = _transpose(both, test.u)
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


def _transpose(both: Both, u: Vector) -> Vector:
    """Return the conjugate of the adjoint's product with the conjugate of an output."""
    rows, columns = both.linear.halved
    back = both.adjoint(_turned(u) if rows else np.conj(u))
    return _turned(back) if columns else np.asarray(np.conj(back))


def _turned(u: Vector) -> Vector:
    """Return the conjugate of an output that is real parts, then imaginary ones."""
    signs = np.repeat([1.0, -1.0], u.size // 2)
    return np.asarray(u * signs)


def _where(both: Both, found: list[tuple[int, int]]) -> str:
    named = [both.linear.place(*place, both.height) for place in found]
    name = named[0][0] if len({name for name, *_ in named}) == 1 else both.linear.name
    places = [(row, column) for _, row, column in named]
    rows, columns = ({place[axis] for place in places} for axis in (0, 1))
    if not places:
        return "no single entry is off by more than rounding allows: the difference is spread over many"
    if len(places) == 1:
        row, column = places[0]
        return f"wrong in one entry, {name}[{row}, {column}], which is entry [{column}, {row}] of the adjoint"
    box = f"{name}[{min(rows)}:{max(rows) + 1}, {min(columns)}:{max(columns) + 1}]"
    more = " at least" if len(places) >= MOST else ""
    return f"wrong in {len(places)} entries{more}, within the block {box}"
