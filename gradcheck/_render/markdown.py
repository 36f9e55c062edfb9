"""How does a report look in Markdown? Tables that GitHub draws, names as code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tabulate import tabulate

from gradcheck._render.checks import run_page
from gradcheck._render.escape import markdown_cell, markdown_code, markdown_text
from gradcheck._render.figures import count, sentence
from gradcheck._render.rows import page
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._render.rows import Page, Table
    from gradcheck._results.report import Report
    from gradcheck._results.run import Run

LOOKED_AT = 20  # so many reports of a run are shown in full


def render(report: Report, level: int = 1) -> str:
    """Return the report as Markdown, under a heading of this level."""
    return "\n\n".join(_blocks(page(report), "#" * level)) + "\n"


def render_run(run: Run, level: int = 1) -> str:
    """Return the run as Markdown: a table of its checks, and the reports that need a look."""
    shown, heading = run_page(run), "#" * level
    blocks = [f"{heading} {shown.verdict}: {markdown_cell(shown.title)}", sentence(shown.counts)]
    if shown.table.rows:
        blocks.append(table(shown.table))
    for check in shown.shown[:LOOKED_AT]:
        blocks.append(render(check.report, level + 1).rstrip())
        blocks += [f"Made by {markdown_code(check.test)}."] * bool(check.test)
        blocks += [f"To reproduce this report: {markdown_code(f'gradcheck replay {check.case}')}"] * bool(check.case)
    if len(shown.shown) > LOOKED_AT:
        blocks.append(f"And {count(len(shown.shown) - LOOKED_AT)} more that need a look.")
    return "\n\n".join(blocks) + "\n"


def _blocks(shown: Page, heading: str) -> Iterator[str]:
    yield f"{heading} {shown.verdict}: {markdown_code(shown.name)}"
    yield markdown_text(sentence(shown.sentence))
    if shown.tensors.rows:
        yield table(shown.tensors)
    if shown.entries.rows:
        yield f"{heading}# {shown.listed.capitalize()} entries"
        yield table(shown.entries)
    if shown.more:
        yield f"And {count(shown.more)} more."
    yield sentence(shown.counts)
    for label, sentences in shown.remarks:
        yield f"{heading}# {label.capitalize()}"
        yield "\n".join(f"- {markdown_text(said)}" for said in sentences)
    yield sentence(shown.origin)


def table(shown: Table) -> str:
    """Return a pipe table; its first column holds names."""
    return tabulate(
        [[_name(row[0]), *map(_cell, row[1:])] for row in shown.rows],
        headers=shown.header,
        tablefmt="pipe",
        colalign=shown.alignment,
        disable_numparse=True,
    )


def _name(text: str) -> str:
    return markdown_code(text).replace("|", "\\|")  # a pipe ends a cell, even inside a code span


def _cell(text: str) -> str:
    """Return a cell; a verdict that needs a look stands out."""
    escaped = markdown_cell(text)
    return f"**{escaped}**" if text in Verdict.__members__ and text != "CORRECT" else escaped
