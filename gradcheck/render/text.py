"""How does a report look on a terminal? At most 100 columns, worst first."""

from __future__ import annotations

from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from tabulate import tabulate

from gradcheck.render.escape import middle, visible
from gradcheck.render.figures import count
from gradcheck.render.rows import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._report import Report
    from gradcheck.render.rows import Page, Table

WIDTH = 100
NARROW = 16  # a name is not shortened beyond this


def render(report: Report) -> str:
    """Return the report as plain text."""
    return "\n".join(_lines(page(report))) + "\n"


def _lines(shown: Page) -> Iterator[str]:
    title = f"{shown.verdict}  {middle(visible(shown.name), WIDTH // 2)}: {shown.sentence}"
    yield from wrap(title, WIDTH, subsequent_indent="  ")
    if shown.tensors.rows:
        yield from ("", table(shown.tensors))
    if shown.entries.rows:
        yield from ("", f"{shown.listed} entries", "", table(shown.entries))
    if shown.more:
        yield f"and {count(shown.more)} more"
    yield from ("", shown.counts)
    for label, sentences in shown.remarks:
        yield ""
        for number, sentence in enumerate(sentences):
            yield from labelled("" if number else label, sentence)
    yield from ("", shown.origin)


def labelled(label: str, sentence: str, indent: int = 11) -> list[str]:
    """Return a sentence, wrapped, with a label to its left."""
    return wrap(
        visible(sentence),
        WIDTH,
        initial_indent=label.ljust(indent),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(shown: Table) -> str:
    """Return a table that fits the width, if shorter names can make it fit."""
    cells = tuple(tuple(map(visible, row)) for row in shown.rows)
    drawn = _draw(replace(shown, rows=cells))
    excess = max(map(len, drawn.splitlines())) - WIDTH
    if excess <= 0:
        return drawn
    room = max(NARROW, max(len(row[0]) for row in cells) - excess)
    return _draw(replace(shown, rows=tuple((middle(row[0], room), *row[1:]) for row in cells)))


def _draw(shown: Table) -> str:
    # As a row the header takes no more room than its words; as a header tabulate would pad it.
    columns = zip(shown.header, *shown.rows, strict=True)
    rule = ["-" * max(map(len, column)) for column in columns]
    drawn = tabulate(
        [shown.header, rule, *shown.rows],
        tablefmt="plain",
        colalign=shown.alignment,
        disable_numparse=True,
    )
    return "\n".join(line.rstrip() for line in drawn.splitlines())
