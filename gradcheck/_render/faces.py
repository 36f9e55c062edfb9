"""How does a report look? Report, or Run -> text, Markdown, HTML, JSON, CSV, GitHub; only `save` writes."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from gradcheck._results.files import write
from gradcheck._results.run import Run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from gradcheck._results.report import Report

FORMS: Mapping[str, str] = MappingProxyType(  # -> the module of this package
    {
        "text": "text",
        "markdown": "markdown",
        "html": "html.page",
        "json": "json",
        "csv": "csv",
        "github": "github",
    },
)

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {".html": "html", ".md": "markdown", ".json": "json", ".csv": "csv", ".txt": "text"},
)


def render(report: Report | Run, form: str = "text") -> str:
    """Return a report, or a run, in a form: text, markdown, html, json, csv or github.

    Raises ValueError for any other form.
    """
    if form not in FORMS:
        msg = f"no form {form!r}; the known ones are {', '.join(FORMS)}"
        raise ValueError(msg)
    face = import_module(f"gradcheck._render.{FORMS[form]}")
    page: str = face.render_run(report) if isinstance(report, Run) else face.render(report)
    return page


def shown(report: Report | Run) -> str:
    """Return a report, or a run, as text that fits the terminal; 100 columns where there is none."""
    from gradcheck._render import terminal, text  # noqa: PLC0415  who renders JSON needs no tables

    width = terminal.columns(sys.stdout)
    return text.render_run(report, width) if isinstance(report, Run) else text.render(report, width)


def fragment(report: Report | Run) -> str:
    """Return a report, or a run, as a piece of a page, for a notebook."""
    from gradcheck._render.html import page  # noqa: PLC0415  who wants text needs no templates

    return page.fragment_of_run(report) if isinstance(report, Run) else page.fragment(report)


def save(report: Report | Run, path: str | PathLike[str]) -> None:
    """Write a report, or a run; the suffix chooses the form: .html .md .json .csv .txt.

    Raises ValueError for any other suffix.
    """
    path = Path(path)
    form = SUFFIXES.get(path.suffix.lower())
    if form is None:
        msg = f"{path.name!r}: the suffix chooses the form, one of {', '.join(SUFFIXES)}"
        raise ValueError(msg)
    write(path, render(report, form))


def load(path: str | PathLike[str]) -> Report | Run:
    """Read a report, or a run, back from the JSON that `save` wrote.

    Raises ValueError if the file is neither.
    """
    from gradcheck._render.read import parse  # noqa: PLC0415  only who reads JSON pays for the parser

    path = Path(path)
    try:
        return parse(path.read_text(encoding="utf-8-sig"))  # PowerShell begins a file with a mark
    except ValueError as error:
        msg = f"{path.name!r} is not a report that gradcheck saved as JSON: {error}"
        raise ValueError(msg) from None
