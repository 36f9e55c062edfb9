"""Which options do several commands share? The same name means the same in each."""

from __future__ import annotations

import argparse
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMS = ("table", "markdown", "json", "csv", "html", "github")


def _number(least: int, what: str, *words: str) -> Callable[[str], Any]:
    """Return a reader of whole numbers, none of them below the least, and of some words."""

    def read(text: str) -> str | int:
        if text in words:
            return text
        if not text.isdecimal() or int(text) < least:
            msg = f"write {what}, not {text!r}"
            raise argparse.ArgumentTypeError(msg)
        return int(text)

    return read


whole = _number(0, "a whole number, 0 or more")
positive = _number(1, "a whole number, 1 or more")
_entries = _number(1, "auto, all, or how many entries of each tensor", "auto", "all")
_workers = _number(1, "how many processes, or joblib", "joblib")


def _fraction(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 1:
        msg = f"write a number between 0 and 1, such as 1e-4, not {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return number


def _form(text: str) -> str:
    return "table" if text == "text" else text


# What check_gradients calls so, as it is typed.
KEYWORDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "seed": {"type": whole, "metavar": "N", "help": "draws cotangents, directions and samples"},
        "entries": {"type": _entries, "metavar": "N", "help": "of each tensor: auto, all or a number"},
        "wrt": {
            "action": "append",
            "metavar": "PATTERN",
            "help": "check only tensors of such names, as in 'layers[2]*'; may be given again",
        },
        "rtol": {"type": _fraction, "metavar": "X", "help": "the smallest relative error that matters"},
        "neighbours": {"type": whole, "metavar": "N", "help": "screen so many further points; default: 2"},
        "order": {"type": int, "choices": (1, 2), "help": "2 checks the gradient of the gradient as well"},
        "precision": {"choices": ("double", "as-is"), "help": "whether float32 is measured in float64"},
        "workers": {"type": _workers, "metavar": "N", "help": "so many processes, or joblib"},
    },
)


def add_keywords(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add options of the check itself, of which what is typed counts more than what the checked object says."""
    group = parser.add_argument_group("the check")
    for name in names:
        group.add_argument(f"--{name}", **KEYWORDS[name])


def keywords(options: argparse.Namespace) -> dict[str, Any]:
    """Return the keywords of check_gradients that were typed."""
    typed = {name: getattr(options, name, None) for name in KEYWORDS}
    return {name: value for name, value in typed.items() if value is not None}


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add what becomes of the result."""
    group = parser.add_argument_group("the result")
    group.add_argument("--format", type=_form, choices=FORMS, help="default: table, or as the suffix of --output says")
    group.add_argument(
        "--output", type=Path, metavar="FILE", help="write it to this file, not to the terminal: .html .md .json ..."
    )
    group.add_argument(
        "--quiet", action="store_true", help="no progress, and no table as long as all is right: the exit code says so"
    )


def add_strict(
    parser: argparse.ArgumentParser, what: str = "entries that are undecided or untested fail as well"
) -> None:
    """Add the option that lets less pass."""
    parser.add_argument("--strict", action="store_true", help=what)
