"""How does a table fit a terminal? Long names lose their middle, then columns go, then each row stands on lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck._render.escape import middle, visible
from gradcheck._render.rows import Table, without
from gradcheck._render.span import span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


GAP = "  "  # between two columns
NAMES = ("test", "model", "tensor", "entry")  # columns that can be shortened, beside the first
NARROW, LEAST = 16, 8  # so far, and so far once no column is left that could go
DISPENSABLE = (
    "kind",
    "shape",
    "checks",
    "relative",
    "checked",
    "entries",
    "worst at",
    "at",
    "wrong",
    "resolution",
    "error / ±",
)


def drawn(shown: Table, width: int, paint: Callable[[str], str] = str) -> list[str]:
    """Return the lines of a table, none of them longer than the width; `paint` colours a cell."""
    cells = Table(shown.header, shown.alignment, tuple(tuple(map(visible, row)) for row in shown.rows))
    for narrow, fewer in _candidates(cells):
        fitted = _shortened(fewer, width, narrow)
        if sum(_widths(fitted)) + len(GAP) * (len(fitted.header) - 1) <= width:
            return list(_grid(fitted, paint))
    return list(_records(cells, width, paint))


def _candidates(shown: Table) -> Iterator[tuple[int, Table]]:
    """Yield what might fit, the most telling first: how far names may be shortened, and the columns that stay."""
    yield NARROW, shown
    for name in DISPENSABLE:
        if name in shown.header[1:]:
            shown = without(shown, name)
            yield NARROW, shown
    yield LEAST, shown


def _shortened(shown: Table, width: int, narrow: int) -> Table:
    """Return the table with its widest names as short as it takes to fit, or as they may be."""
    widths = _widths(shown)
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - width
    names = [n for n, title in enumerate(shown.header) if n == 0 or title in NAMES]
    while excess > 0:
        widest = max(names, key=lambda n: widths[n])
        if widths[widest] <= narrow:
            break
        widths[widest] -= 1
        excess -= 1
    return Table(
        shown.header,
        shown.alignment,
        tuple(tuple(middle(cell, w) for cell, w in zip(row, widths, strict=True)) for row in shown.rows),
    )


def _widths(shown: Table) -> list[int]:
    return [max(map(span, column)) for column in zip(shown.header, *shown.rows, strict=True)]


def _grid(shown: Table, paint: Callable[[str], str]) -> Iterator[str]:
    widths = _widths(shown)
    for row in (shown.header, tuple("-" * width for width in widths), *shown.rows):
        cells = [_padded(*cell, paint) for cell in zip(row, widths, shown.alignment, strict=True)]
        yield GAP.join(cells).rstrip()


def _padded(cell: str, width: int, alignment: str, paint: Callable[[str], str]) -> str:
    room = " " * (width - span(cell))
    return room + paint(cell) if alignment == "right" else paint(cell) + room


def _records(shown: Table, width: int, paint: Callable[[str], str]) -> Iterator[str]:
    """Yield each row as a name with a line for each of its other cells."""
    indent = max(map(span, shown.header)) + 2 * len(GAP)
    for row in shown.rows:
        name, *cells = (n for n, cell in enumerate(row) if cell or n == 0)
        yield paint(middle(row[name], width))
        for n in cells:
            yield f"{GAP}{shown.header[n]}".ljust(indent) + paint(middle(row[n], width - indent))
