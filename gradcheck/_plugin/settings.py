"""Which keywords of a check can be said for a whole session? On the command line, or in the ini file."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from typing import Literal


class Setting(NamedTuple):
    """A keyword of a check that the command line, or the ini file, can give to all of them."""

    name: str
    kind: Literal["int", "float", "string"]
    read: Callable[[str], Any]
    metavar: str  # empty where the ini file alone can give it
    about: str


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            msg = f"{text!r}: write a whole number, {least} or more"
            raise ArgumentTypeError(msg)
        return int(text)

    return read


def _entries(text: str) -> str | int:
    if text in {"auto", "all"}:
        return text
    if not text.isdecimal() or int(text) < 1:
        msg = f"{text!r}: write auto, all or a positive number"
        raise ArgumentTypeError(msg)
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        msg = f"{text!r}: write a number between 0 and 1, such as 1e-4"
        raise ArgumentTypeError(msg)
    return share


def _precision(text: str) -> str:
    if text not in {"double", "as-is"}:
        msg = f"{text!r}: write double or as-is"
        raise ArgumentTypeError(msg)
    return text


SETTINGS = (
    Setting("seed", "int", _whole(0), "N", "seed of the checks that do not name their own (default: 0)"),
    Setting("entries", "string", _entries, "N", "entries to check of each tensor: auto, all or a number"),
    Setting("workers", "int", _whole(1), "N", "processes for each check; a worker of pytest-xdist uses one"),
    Setting("neighbours", "int", _whole(0), "", "further points at which the whole gradient is screened"),
    Setting("rtol", "float", _share, "", "the smallest relative error that matters"),
    Setting("precision", "string", _precision, "", "double (default) or as-is"),
)
REPORT = (
    "where the reports go, repeatable; TYPE is term (default), term-all (every row and table), github, "
    "html, json, markdown, markdown-append or csv; DEST is a file, by default gradcheck-report and a suffix"
)


def add(parser: pytest.Parser) -> None:
    """Add the options, all of which begin with --gradcheck-, and their like for the ini file."""
    group = parser.getgroup("gradcheck")
    group.addoption("--gradcheck-report", action="append", metavar="TYPE[:DEST]", help=REPORT)
    parser.addini("gradcheck_report", f"{REPORT}; one a line", type="linelist", default=None)
    for name, kind, read, metavar, about in SETTINGS:
        parser.addini(f"gradcheck_{name}", about, type=kind, default=None)
        if metavar:
            group.addoption(f"--gradcheck-{name}", type=read, metavar=metavar, help=about)


def said(config: pytest.Config) -> dict[str, Any]:
    """Return what the command line, or else the ini file, says; raises UsageError for what makes no sense."""
    return {s.name: value for s in SETTINGS if (value := _setting(config, s)) is not None}


def _setting(config: pytest.Config, setting: Setting) -> Any:  # noqa: ANN401  of the type that the check wants
    """Return what the command line or else the ini file says, None if neither does."""
    name = f"gradcheck_{setting.name}"
    given = config.getoption(name, None)
    if given is not None:
        return given
    try:
        value = config.getini(name)
        return None if value is None else setting.read(str(value).strip())
    except (ArgumentTypeError, ValueError, TypeError, pytest.UsageError) as error:
        msg = f"{name} in {config.inipath.name if config.inipath else 'the ini file'}: {error}"
        raise pytest.UsageError(msg) from None
