"""How does a report look in a browser? One file, no network, no script, light or dark."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup, escape

from gradcheck._report import Verdict
from gradcheck.render.escape import visible
from gradcheck.render.failure import failure_message
from gradcheck.render.figures import count, sentence
from gradcheck.render.rows import page

if TYPE_CHECKING:
    from gradcheck._report import Report

SIGNS = {  # never by colour alone
    "CORRECT": "✔",
    "KINK": "∧",
    "UNTESTED": "○",
    "UNDECIDED": "?",
    "BROKEN": "⚡",
    "WRONG": "✘",
}


def render(report: Report) -> str:
    """Return the report as one HTML page."""
    judged = report.verdict in {Verdict.CORRECT, Verdict.KINK}
    message = "" if judged else failure_message(report)
    return _template().render(page=page(report), message=message, signs=SIGNS)


def code_spans(text: str) -> Markup:
    """Return a sentence in which what stands between backticks is code."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:  # one backtick alone is a backtick
        return escape(visible(text))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts)
    )


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(visible=visible, code_spans=code_spans, sentence=sentence, count=count)
    source = files("gradcheck.render").joinpath("page.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)
