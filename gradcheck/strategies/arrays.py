"""At which points is a function evaluated? Arrays of plain or hostile numbers, in every memory layout."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Floats = st.SearchStrategy[float]

DTYPES = ("float64", "float32")
LAYOUTS = ("C", "Fortran", "strided", "reversed", "read-only", "broadcast")
PLAIN = 1000  # plain numbers are hundredths, from -10 to 10: short to print
STEPS = 1000  # how finely a number is placed in the room that kinks leave


def arrays(
    shape: tuple[int, ...] | st.SearchStrategy[tuple[int, ...]] | None = None,
    *,
    dtypes: Sequence[str] = DTYPES,
    layouts: Sequence[str] = LAYOUTS,
    hostile: bool = False,
    elements: Floats | None = None,
) -> st.SearchStrategy[Array]:
    """Arrays of floating-point numbers, of the given shape or of any small one.

    The entries are plain numbers such as -3.25, and often repeat. With `hostile=True` there are huge, tiny and
    subnormal ones, and zeros of either sign. With `elements`, such as `away_from(0)`, they are drawn from that.

    `layouts` says how the arrays lie in memory: in C or Fortran order, as every second entry of a larger array,
    backwards, read-only, or as one row broadcast to all.

    >>> from gradcheck.strategies import arrays
    >>> from hypothesis import given
    >>> @given(arrays((3, 2), hostile=True))
    ... def test_it_returns_an_array_of_the_same_shape(x):
    ...     assert np.tanh(x).shape == (3, 2)
    >>> test_it_returns_an_array_of_the_same_shape()
    """
    shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4) if shape is None else shape

    def of(dtype: str) -> st.SearchStrategy[Array]:
        entries = elements if elements is not None else _numbers(dtype, hostile=hostile)
        plain = hnp.arrays(np.float64, shapes, elements=entries, fill=entries)
        return st.builds(laid_out, plain, st.just(dtype), st.sampled_from(layouts))

    return st.sampled_from(dtypes).flatmap(of)


def away_from(*kinks: float, by: float = 0.1, within: float = 10.0) -> Floats:
    """Numbers between -within and within, at a distance of at least `by` from every kink.

    No draw is rejected: each number is placed in the room that the kinks leave.

    >>> from gradcheck.strategies import away_from
    >>> away_from(0, by=1, within=1).example() in {-1.0, 1.0}
    True

    Raises:
        ValueError: The kinks leave no room.
    """
    walls = sorted({-within - by, *map(float, kinks), within + by})
    between = [(a + by, b - by) for a, b in pairwise(walls) if b - a >= 2 * by]
    room = [part for ends in between for part in _halves(*ends)]
    if not room:
        msg = f"away_from{kinks}: nothing between {-within} and {within} is {by} away from each; give a smaller by="
        raise ValueError(msg)
    near_zero_first = sorted(room, key=lambda part: (abs(part[0]), -part[1]))
    return st.builds(
        lambda part, step: part[0] + (part[1] - part[0]) * step / STEPS,
        st.sampled_from(near_zero_first),
        st.integers(0, STEPS),
    )


def _halves(low: float, high: float) -> list[tuple[float, float]]:
    """Return a range from its end near zero to its far end; one that holds zero, as two."""
    if low < 0 < high:
        return [(0.0, high), (0.0, low)]
    return [(low, high) if low >= 0 else (high, low)]


def laid_out(numbers: NDArray[np.float64], dtype: str = "float64", layout: str = "C") -> Array:
    """Return these numbers in a type and an arrangement in memory: one of `LAYOUTS`.

    Where it is "broadcast" the first row stands for all, in the same memory.
    """
    x: Array = numbers.astype(dtype)
    if layout == "Fortran":
        return x.copy(order="F")
    if layout == "reversed":
        return np.flip(x).copy()[(slice(None, None, -1),) * x.ndim]
    if layout == "strided":
        wide = np.zeros(tuple(2 * n for n in x.shape), x.dtype)
        wide[(slice(None, None, 2),) * x.ndim] = x
        return wide[(slice(None, None, 2),) * x.ndim]
    if layout == "read-only":
        x.flags.writeable = False
    elif layout == "broadcast" and x.size and x.ndim:
        return np.broadcast_to(x[0], x.shape)
    elif layout not in LAYOUTS:
        msg = f"layout={layout!r} is not known; write one of {', '.join(LAYOUTS)}"
        raise ValueError(msg)
    return x


def _numbers(dtype: str, *, hostile: bool) -> Floats:
    plain = st.integers(-PLAIN, PLAIN).map(lambda hundredths: hundredths / 100)
    return st.one_of(plain, st.sampled_from(hostile_numbers(dtype))) if hostile else plain


def hostile_numbers(dtype: str) -> list[float]:
    """Return numbers that often reveal errors, the simplest first; neither they nor their squares are infinite."""
    info = np.finfo(dtype)
    huge, tiny, subnormal = np.sqrt(info.max) / 2, info.tiny, info.smallest_subnormal
    return [float(s * a) for a in (0.0, 1.0, info.eps, 1e4, huge, tiny, subnormal) for s in (1, -1)]
