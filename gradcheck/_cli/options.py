"""Which options do several commands share? The same name means the same in each."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcheck import _options as table

if TYPE_CHECKING:
    from collections.abc import Callable

METAVARS = {"wrt": "PATTERN", "rtol": "X"}
FORMS = ("table", "markdown", "json", "csv", "html", "github")


def _number(least: int) -> Callable[[str], int]:
    """Return a parser of whole numbers that are not below the least."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            msg = f"write a whole number, {least} or more, not {text!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(text)

    return read


whole, positive = _number(0), _number(1)


def _form(text: str) -> str:
    return "table" if text == "text" else text


OFFERED = (  # that can be typed
    *("seed", "entries", "wrt", "rtol", "neighbours", "order", "precision", "max_evaluations", "workers"),
)


def add_keywords(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add options of the check itself; what is typed overrides the keywords of the checked object."""
    group = parser.add_argument_group("the check")
    for name in names:
        keyword = table.KEYWORDS[name]
        shown = {"choices": keyword.choices} if keyword.choices else {"metavar": METAVARS.get(name, "N")}
        if name == "wrt":
            group.add_argument("--wrt", action="append", help=f"{keyword.help}; repeatable", **shown)
        else:
            group.add_argument(f"--{name.replace('_', '-')}", type=partial(_read, name), help=keyword.help, **shown)


def _read(name: str, text: str) -> Any:  # noqa: ANN401  of the type of the keyword
    try:
        return table.typed(name, text)
    except ValueError as error:
        msg = f"{error}, not {text!r}"
        raise argparse.ArgumentTypeError(msg) from None


def keywords(options: argparse.Namespace) -> dict[str, Any]:
    """Return the keywords of check_gradients that were typed."""
    typed = {name: getattr(options, name, None) for name in OFFERED}
    return {name: value for name, value in typed.items() if value is not None}


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add the options for the output."""
    group = parser.add_argument_group("the result")
    group.add_argument("--format", type=_form, choices=FORMS, help="default: table, or by the suffix of --output")
    group.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write the result to this file (.html .md .json ...) instead of the terminal",
    )
    group.add_argument("--quiet", action="store_true", help="no progress bar, and no table if nothing is wrong")


def add_verbose(parser: argparse.ArgumentParser) -> None:
    """Add the option that shows more of a report."""
    parser.add_argument("--verbose", action="store_true", help="also show what the function was called for")


def add_strict(parser: argparse.ArgumentParser, what: str = "fail on undecided and untested entries as well") -> None:
    """Add the option that makes the exit code stricter."""
    parser.add_argument("--strict", action="store_true", help=what)
