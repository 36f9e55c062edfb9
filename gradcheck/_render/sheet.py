"""How are results other than reports shown? A verdict, a sentence, tables with captions, remarks; in three forms."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from gradcheck._render import markdown
from gradcheck._render.columns import drawn
from gradcheck._render.escape import markdown_cell, markdown_text, visible
from gradcheck._render.span import wrapped
from gradcheck._render.terminal import COLUMNS, painted
from gradcheck._render.text import headline, labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gradcheck._render.rows import Table


FORMS = ("table", "markdown", "html", "json", "csv", "github")  # the first three are made here

# Words that are no verdicts, and the verdict whose mark they bear on a page.
MARKS: Mapping[str, str] = MappingProxyType(
    {"WORSE": "WRONG", "MISSED": "WRONG", "DIFFERENT": "UNDECIDED", "BETTER": "CORRECT", "SAME": "CORRECT"}
)


@dataclass(frozen=True)
class Sheet:
    """What a face shows, as strings that are not yet escaped."""

    verdict: str  # a word
    sentence: str
    tables: tuple[tuple[str, Table], ...]  # (caption, table); one without rows is left out
    remarks: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (label, sentences, of which there is one at least)
    codes: tuple[tuple[str, str], ...] = ()  # (sentence, lines of code that are shown as they are)


def check_form(form: str) -> None:
    """Raise ValueError for a form that there is not."""
    if form not in FORMS:
        msg = f"no form {form!r}; the known ones are {', '.join(FORMS)}"
        raise ValueError(msg)


def render(shown: Sheet, form: str, width: int = COLUMNS, *, colour: bool = False) -> str:
    """Return the sheet as a table on a terminal, as markdown or as html."""
    if form == "html":
        from gradcheck._render.html.templates import fill  # noqa: PLC0415  who wants no page needs no templates

        return fill("sheet", shown=shown, mark=MARKS.get(shown.verdict, shown.verdict))
    if form == "markdown":
        return "\n\n".join(_blocks(shown)) + "\n"
    return "\n".join(_lines(shown, width, painted if colour else str)) + "\n"


def _lines(shown: Sheet, width: int, paint: Callable[[str], str]) -> Iterator[str]:
    yield from headline(shown.verdict, shown.sentence, width, paint)
    for caption, table in shown.tables:
        if table.rows:
            yield from ("", *([caption, ""] if caption else []), *drawn(table, width, paint))
    for label, sentences in shown.remarks:
        yield ""
        for number, said in enumerate(sentences):
            yield from labelled("" if number else label, said, width=width)
    for said, code in shown.codes:
        yield from (
            "",
            *wrapped(visible(said), width, rest="  "),
            *(f"  {visible(line)}" for line in code.splitlines()),
        )


def _blocks(shown: Sheet) -> Iterator[str]:
    yield f"# {shown.verdict}: {markdown_cell(shown.sentence)}"
    for caption, table in shown.tables:
        if table.rows:
            yield from [f"## {caption.capitalize()}"] * bool(caption)
            yield markdown.table(table)
    for label, sentences in shown.remarks:
        yield f"## {label.capitalize()}"
        yield "\n".join(f"- {markdown_text(said)}" for said in sentences)
    for said, code in shown.codes:
        yield markdown_text(said)
        yield "\n".join(f"    {visible(line)}" for line in code.splitlines())
