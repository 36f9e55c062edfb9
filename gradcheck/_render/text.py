"""How does a report look on a terminal? Fitted to its width, worst first, the verdict always a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck._render.checks import run_page
from gradcheck._render.columns import drawn
from gradcheck._render.escape import middle, visible
from gradcheck._render.figures import count
from gradcheck._render.rows import page
from gradcheck._render.span import wrapped
from gradcheck._render.terminal import COLUMNS, painted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradcheck._render.checks import RunPage
    from gradcheck._render.rows import Page, Table
    from gradcheck._results.report import Report
    from gradcheck._results.run import Check, Run

WIDTH = COLUMNS
LOOKED_AT = 5  # so many reports of a run are shown in full


def render(report: Report, width: int = WIDTH, *, colour: bool = False, verbose: bool = False, told: str = "") -> str:
    """Return the report as text, no line of which is longer than the width.

    With verbose, what the check spent is in it too; remarks that stand in what was told are left out.
    """
    return "\n".join(_lines(page(report, told), width, painted if colour else str, verbose=verbose)) + "\n"


def render_run(run: Run, width: int = WIDTH, *, colour: bool = False, verbose: bool = False) -> str:
    """Return the run as text: a row for each check, and the reports of those that need a look."""
    return "\n".join(_lines_of_run(run_page(run), width, painted if colour else str, verbose=verbose)) + "\n"


def _lines(shown: Page, width: int, paint: Callable[[str], str], *, verbose: bool) -> Iterator[str]:
    yield from headline(shown.verdict, f"{middle(visible(shown.name), width // 2)}: {shown.sentence}", width, paint)
    if shown.tensors.rows:
        yield from ("", *drawn(shown.tensors, width, paint))
    if shown.entries.rows:
        yield from ("", f"{shown.listed} entries", "", *drawn(shown.entries, width, paint))
    if shown.more:
        yield f"and {count(shown.more)} more"
    yield from ("", *wrapped(shown.counts, width))
    for label, sentences in shown.remarks:
        yield ""
        for number, sentence in enumerate(sentences):
            yield from labelled("" if number else label, sentence, width=width)
    if verbose and shown.spent.rows:
        yield from ("", *drawn(shown.spent, width, paint))
    yield from ("", *wrapped(shown.origin, width))


def _lines_of_run(shown: RunPage, width: int, paint: Callable[[str], str], *, verbose: bool) -> Iterator[str]:
    yield from headline(shown.verdict, f"{middle(visible(shown.title), width // 2)}: {shown.counts}", width, paint)
    if shown.table.rows:
        yield from ("", *drawn(shown.table, width, paint))
    for check in shown.shown[:LOOKED_AT]:
        yield from ("", "", *_lines(page(check.report), width, paint, verbose=verbose), *_made(check, width))
    if len(shown.shown) > LOOKED_AT:
        yield from ("", *wrapped(f"and {count(len(shown.shown) - LOOKED_AT)} more that need a look", width))


def _made(check: Check, width: int) -> Iterator[str]:
    """Yield where a check was made, and how it is repeated."""
    place = ", ".join(filter(None, [check.test, check.place]))
    repeat = f"gradcheck replay {check.case}" if check.case else ""
    for label, said in (("made by", place), ("repeat", repeat)):
        yield from labelled(label, said, width=width)


def headline(verdict: str, said: str, width: int, paint: Callable[[str], str] = str) -> list[str]:
    """Return a verdict and what it says, wrapped."""
    first, *rest = wrapped(said, width, f"{verdict}  ", "  ")
    return [first.replace(verdict, paint(verdict), 1), *rest]


def labelled(label: str, sentence: str, indent: int = 11, width: int = WIDTH) -> list[str]:
    """Return a sentence, wrapped, with a label to its left."""
    return wrapped(visible(sentence), width, label.ljust(indent), " " * indent)


def table(shown: Table, width: int = WIDTH) -> str:
    """Return a table that fits the width."""
    return "\n".join(drawn(shown, width))
