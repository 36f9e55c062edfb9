"""Where in a tensor does it go wrong? Heat maps of claim, estimate and difference, and how their axes are labelled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck._render.figures import count, index, short
from gradcheck._render.html import png
from gradcheck._render.html.grid import cell_of, grid

if TYPE_CHECKING:
    from gradcheck._render.html.grid import Grid
    from gradcheck._render.html.png import Bytes
    from gradcheck._results.estimate import Entry
    from gradcheck._results.report import Floats, TensorResult

LEVELS = 24  # shades of either sign
FAINTEST, RARE = 6, 0.1  # the shade that a guilty cell has at least, where it is so small a part of all
APART = 8  # claim and estimate share a scale unless one is so many times larger
SIDE = 280  # pixels of the longer side
SHORTEST, THICKEST = 26, 22  # pixels: of a strip, and of a cell
DIGIT, TITLE = 6.6, 19  # pixels: the width of a digit, and the height of the title of an axis

AXES = {"jacobian": ("output", "input"), "hessian": ("first by", "then by"), "operator": ("output", "input")}
NEGATIVE, POSITIVE = (36, 113, 204), (217, 95, 2)  # distinguishable with colour blindness
UNCHECKED, NOT_FINITE = 2 * LEVELS + 1, 2 * LEVELS + 3  # numbers of the palette; of the first there are two shades


@dataclass(frozen=True)
class HeatMap:
    """One picture: how it is called, its address, the number at the end of its scale, and what it shows in words."""

    title: str
    uri: str
    top: str  # empty where all is zero
    words: str


@dataclass(frozen=True)
class Maps:
    """Pictures of one tensor, all of one size."""

    maps: tuple[HeatMap, ...]
    bar: str  # the address of the scale
    left: float  # pixels that the numbers of the rows take
    width: float
    height: float
    rows: tuple[str, str]  # the title of the axis, its last index; the first is 0
    columns: tuple[str, str]
    ring: tuple[float, float, float]  # centre and radius of what marks the worst entry
    pooled: str  # what a cell stands for, if not for one entry
    unchecked: bool
    infinite: bool  # whether something is not finite
    tinted: bool  # whether guilty entries are, however small the difference
    apart: str  # by what factor claim and measurement differ, where each has a scale of its own


def heat_maps(tensor: TensorResult, worst: Entry) -> Maps | None:
    """Return the pictures of a tensor, or None where there is only one entry to be seen."""
    if tensor.size < 2:
        return None
    flat = grid(tensor)
    width, height = _extent(flat.cells)
    last = count(flat.size[0] - 1)
    left = TITLE + DIGIT * len(last) if flat.size[0] > 1 else 0.0
    rows, columns = _titles(tensor.shape, tensor.kind)
    return Maps(
        maps=_pictures(flat, worst),
        bar=png.uri(np.arange(2 * LEVELS + 1, dtype=np.uint8)[None, :], PALETTE),
        left=left,
        width=width,
        height=height,
        rows=(rows, last),
        columns=(columns, count(flat.size[1] - 1)),
        ring=_ring(tensor, worst, flat, (width, height)),
        pooled=_pooled(flat),
        unchecked=not flat.checked.all(),
        infinite=not np.isfinite([flat.claims[flat.checked], flat.estimates[flat.checked]]).all(),
        tinted=_are_few(flat),
        apart=_apart(flat),
    )


def _extent(cells: tuple[int, int]) -> tuple[float, float]:
    """Return width and height in pixels, the cells square where that leaves them large enough."""
    side = min(THICKEST, SIDE / max(cells))
    return max(cells[1] * side, SHORTEST), max(cells[0] * side, SHORTEST)


def _titles(shape: tuple[int, ...], kind: str) -> tuple[str, str]:
    if kind in AXES and len(shape) == 2:
        return AXES[kind]
    if len(shape) < 3:
        return "row", "column" if len(shape) == 2 else "index"
    return "axis 0", "axes 1 and 2" if len(shape) == 3 else f"axes 1 to {len(shape) - 1}"


def _ring(tensor: TensorResult, worst: Entry, flat: Grid, extent: tuple[float, float]) -> tuple[float, float, float]:
    entry = np.array(np.ravel_multi_index(worst.index, tensor.shape) if worst.index else 0)
    row, column = (int(k) for k in cell_of(entry, flat.size, flat.cells))
    width, height = extent[0] / flat.cells[1], extent[1] / flat.cells[0]
    return (column + 0.5) * width, (row + 0.5) * height, max(6.0, 0.62 * min(width, height))


def _pooled(flat: Grid) -> str:
    if not flat.pooled:
        return ""
    down, across = (-(-n // k) for n, k in zip(flat.size, flat.cells, strict=True))
    return f"a cell stands for {count(down)} × {count(across)} entries: the wrong one, else the largest"


def _pictures(flat: Grid, worst: Entry) -> tuple[HeatMap, ...]:
    claim, estimate, difference = map(_largest, (flat.claims, flat.estimates, flat.differences))
    if not _apart(flat):
        claim = estimate = max(claim, estimate)
    seen = flat.guilty if _are_few(flat) else np.zeros_like(flat.guilty)
    return (
        _picture("claim", flat.claims, claim, flat, "."),
        _picture("measured", flat.estimates, estimate, flat, "."),
        _picture("difference", flat.differences, difference, flat, f"; worst at {index(worst.index)}.", seen),
    )


def _apart(flat: Grid) -> str:
    """Say how many times larger the claim or the measurement is, where they share no scale."""
    claim, estimate = _largest(flat.claims), _largest(flat.estimates)
    low, high = sorted((claim, estimate))
    if not low or high <= APART * low:
        return ""
    larger, smaller = ("claim", "measurement") if claim > estimate else ("measurement", "claim")
    return f"Two scales: the largest {larger} is {short(high / low)} times the largest {smaller}."


def _picture(  # noqa: PLR0917
    title: str, values: Floats, top: float, flat: Grid, end: str, seen: np.ndarray | None = None
) -> HeatMap:
    rows, columns = map(count, flat.cells)
    words = (
        f"Heat map of {title}: {rows} × {columns} cells, from {_signed(values, np.fmin)} to {_signed(values, np.fmax)}"
    )
    return HeatMap(title, png.uri(_shades(values, top, flat, seen), PALETTE), short(top) if top else "", words + end)


def _are_few(flat: Grid) -> bool:
    return bool(0 < flat.guilty.mean() <= RARE)


def _signed(values: Floats, extreme: np.ufunc) -> str:
    finite = values[np.isfinite(values)]
    return short(float(extreme.reduce(finite))) if finite.size else "nan"


def _largest(values: Floats) -> float:
    return float(np.max(np.abs(values), where=np.isfinite(values), initial=0.0))


def _shades(values: Floats, top: float, flat: Grid, seen: np.ndarray | None) -> Bytes:
    """Return the number in the palette of each cell: LEVELS is zero, above are positive values, below negative."""
    finite = np.isfinite(values)
    part = np.where(finite, values, 0.0) / (top or 1.0)
    level = np.rint(LEVELS * part)
    if seen is not None:  # a wrong entry is seen beside one that is a million times worse
        level = np.where(seen, np.copysign(np.maximum(abs(level), FAINTEST), part), level)
    shade = LEVELS + level
    shade[~finite] = NOT_FINITE
    chequered = UNCHECKED + np.indices(flat.cells).sum(axis=0) % 2
    return np.where(flat.checked, shade, chequered).astype(np.uint8)


def _palette() -> Bytes:
    """Return the colours: zero is transparent, so that it is light on a light page and dark on a dark one."""
    opacity = np.abs(np.arange(-LEVELS, LEVELS + 1)) / LEVELS
    hue = np.where(np.arange(-LEVELS, LEVELS + 1)[:, None] < 0, NEGATIVE, POSITIVE)
    shades = np.column_stack([hue, 255 * opacity**0.8])
    return np.vstack([shades, [(128, 128, 128, 60), (128, 128, 128, 150), (136, 46, 160, 255)]]).astype(np.uint8)


PALETTE = _palette()
