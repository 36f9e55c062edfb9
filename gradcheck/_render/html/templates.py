"""How do data become a page? By templates that escape whatever is not ours, with one style sheet and one script."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gradcheck._render.escape import middle, visible
from gradcheck._render.figures import count, sentence
from gradcheck._results.verdict import Verdict

SIGNS = {  # never by colour alone
    "CORRECT": "✔",
    "KINK": "∧",
    "UNTESTED": "○",
    "UNDECIDED": "?",
    "BROKEN": "⚡",
    "WRONG": "✘",
}
LONGEST = 200  # letters of a name
DOT = re.compile(r"(?<=[^\s\d])\.(?=\S)|\.(?=[^\W\d])")  # of a name, not of a number
SMALL = re.compile(r"([-\d.]+e-\d+)")  # a number with a negative exponent


def fill(template: str, **data: object) -> str:
    """Return a template of this folder, filled in."""
    return _environment().get_template(f"{template}.html.jinja").render(data)


def name(text: str) -> str:
    """Return a name as it may be shown: control characters spelled out, not without end."""
    return middle(visible(text), LONGEST)


def breakable(text: str) -> Markup:
    """Return a name that a line may end in after its dots, and not within its words."""
    return _at_dots(name(text))


def _at_dots(text: str) -> Markup:
    return Markup(".<wbr>").join(DOT.split(text))


def code_spans(text: str) -> Markup:
    """Return a sentence in which what stands between backticks is code; its names are breakable."""
    parts = visible(text).split("`")
    if len(parts) % 2 == 0:  # one backtick alone is a backtick
        return _at_dots(visible(text))
    return Markup().join(
        Markup("<code>{}</code>").format(_at_dots(part)) if number % 2 else _at_dots(part)
        for number, part in enumerate(parts)
    )


def unbroken(text: str) -> Markup:
    """Return a text with breakable names in which no line ends in a number, as browsers do after the minus of 1e-3."""
    parts = SMALL.split(text)
    return Markup().join(
        Markup('<span class="whole">{}</span>').format(part) if number % 2 else _at_dots(part)
        for number, part in enumerate(parts)
    )


def policy() -> str:
    """Return what a browser may do with a page: show it, with our style and our script and no other."""
    return (
        f"default-src 'none'; img-src data:; style-src {_digest('style.css')}; script-src {_digest('script.js')}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(file: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(_ours(file).encode()).digest()).decode()}'"


@cache
def _ours(file: str) -> Markup:
    text = files("gradcheck._render.html").joinpath("templates", file).read_text(encoding="utf-8")
    return Markup(text)  # noqa: S704  it is ours, not a user's


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gradcheck._render.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        name=name,
        breakable=breakable,
        unbroken=unbroken,
        visible=visible,
        code_spans=code_spans,
        sentence=sentence,
        count=count,
    )
    environment.globals.update(signs=SIGNS, severity={str(v): int(v) for v in Verdict}, ours=_ours, policy=policy)
    return environment
