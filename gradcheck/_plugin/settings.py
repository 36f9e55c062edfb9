"""Which keywords of a check can be set for a whole session? On the command line, or in the ini file."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import pytest

from gradcheck._options import KEYWORDS, typed

SETTINGS: Mapping[str, Literal["int", "float", "string"]] = MappingProxyType(  # -> the type in the ini file
    {
        "seed": "int",
        "entries": "string",
        "workers": "int",
        "max_evaluations": "int",
        "neighbours": "int",
        "rtol": "float",
        "precision": "string",
    }
)
TYPED = ("seed", "entries", "workers", "max_evaluations")  # of these, on the command line too
REPORT = (
    "where the reports go, repeatable; TYPE is term (default), term-all (every row and table), github, "
    "html, json, markdown, markdown-append or csv; DEST is a file, by default gradcheck-report and a suffix"
)

STRICT = "fail a check that leaves any entry undecided or untested"


def add(parser: pytest.Parser) -> None:
    """Add the options, all of which begin with --gradcheck-, and their like for the ini file."""
    group = parser.getgroup("gradcheck")
    group.addoption("--gradcheck-report", action="append", metavar="TYPE[:DEST]", help=REPORT)
    parser.addini("gradcheck_report", f"{REPORT}; one a line", type="linelist", default=None)
    for name, kind in SETTINGS.items():
        parser.addini(f"gradcheck_{name}", KEYWORDS[name].help, type=kind, default=None)
    parser.addini("gradcheck_strict", STRICT, type="bool", default=False)
    group.addoption("--gradcheck-strict", action="store_true", help=STRICT)
    for name in TYPED:
        flag = f"--gradcheck-{name.replace('_', '-')}"
        group.addoption(flag, type=partial(_read, name), metavar="N", help=KEYWORDS[name].help)


def strict(config: pytest.Config) -> bool:
    """Return whether a check must decide and test every entry: by the command line, or else the ini file."""
    return bool(config.getoption("gradcheck_strict") or config.getini("gradcheck_strict") or older(config, "strict"))


def older(config: pytest.Config, keyword: str) -> Any:  # noqa: ANN401  of the type that the check wants
    """Return what `[tool.pytest]` of pyproject.toml says to a pytest that does not read it yet; None if nothing."""
    if pytest.version_tuple >= (9,):
        return None
    return _unread(config.rootpath / "pyproject.toml").get(f"gradcheck_{keyword}")


@cache
def _unread(file: Path) -> Mapping[str, Any]:
    toml = import_module("tomllib")  # which no pytest but an old one needs
    try:
        found = toml.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("pytest", {})
    except (OSError, ValueError, AttributeError):  # there is none, or pytest has said what is wrong with it
        return {}
    return {name: value for name, value in found.items() if name.startswith("gradcheck_")}


def said(config: pytest.Config) -> dict[str, Any]:
    """Return the settings of the command line, or else of the ini file; raises UsageError for invalid ones."""
    return {name: value for name in SETTINGS if (value := _setting(config, name)) is not None}


def _setting(config: pytest.Config, keyword: str) -> Any:  # noqa: ANN401  of the type that the check wants
    """Return what the command line or else the ini file says, None if neither does."""
    name = f"gradcheck_{keyword}"
    given = config.getoption(name, None)
    if given is not None:
        return given
    try:
        value = config.getini(name)
        value = older(config, keyword) if value is None else value
        return None if value is None else _read(keyword, str(value).strip())
    except (ArgumentTypeError, ValueError, TypeError, pytest.UsageError) as error:
        msg = f"{name} in {config.inipath.name if config.inipath else 'the ini file'}: {error}"
        raise pytest.UsageError(msg) from None


def _read(keyword: str, text: str) -> Any:  # noqa: ANN401  likewise
    try:
        return typed(keyword, text)
    except ValueError as error:
        msg = f"{text!r}: {error}"
        raise ArgumentTypeError(msg) from None
