"""Where do the reports of a session go? --gradcheck-report=TYPE[:DEST], read, and refused before the first test."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

SUFFIXES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("term", "term-all", "github"), ""),  # they go to the terminal
        "html": ".html",
        "json": ".json",
        "markdown": ".md",
        "markdown-append": ".md",
        "csv": ".csv",
    },
)
SUMMARY = "GITHUB_STEP_SUMMARY"  # the variable that names the file that GitHub shows on the page of a workflow


class Destination(NamedTuple):
    """A report that is wanted: of which type, and the file it goes to."""

    kind: str
    path: Path | None = None  # None: the terminal

    @property
    def form(self) -> str:
        """What `render` calls it."""
        return self.kind.removesuffix("-append")


def parse(given: Iterable[str], folder: Path) -> tuple[Destination, ...]:
    """Return the reports that are wanted; files are looked for from this folder.

    Raises UsageError for a type that there is not, and for a file that cannot be written.
    """
    found: list[Destination] = []
    for text in given:
        destination = _destination(text, folder)
        if destination.path is not None:
            if destination.path in [other.path for other in found]:
                raise _refusal(text, f"another report goes to {destination.path.name} already")
            _try(destination.path, text)
        found.append(destination)
    return tuple(found)


def _destination(text: str, folder: Path) -> Destination:
    kind, colon, file = text.partition(":")
    if kind not in SUFFIXES:
        near = difflib.get_close_matches(kind, SUFFIXES, 1)
        hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(SUFFIXES)}"
        raise _refusal(text, f"there is no type {kind!r}; {hint}")
    if not SUFFIXES[kind]:
        if colon:
            raise _refusal(text, f"{kind} goes to the terminal; write {kind} alone")
        return Destination(kind)
    if colon and not file:
        raise _refusal(text, f"a file is missing; write {kind}:FILE, or {kind} alone")
    path = folder / Path(file or _default(kind)).expanduser()
    return Destination(kind, Path(os.path.normpath(path)))


def _default(kind: str) -> str:
    step = os.environ.get(SUMMARY) if kind == "markdown-append" else None
    return step or f"gradcheck-report{SUFFIXES[kind]}"


def _try(path: Path, text: str) -> None:
    """Refuse a file that cannot be written, and leave no trace of the attempt."""
    if path.is_dir():
        raise _refusal(text, f"{path.name} is a folder")
    try:
        if path.is_file():
            path.open("ab").close()
        elif not path.exists():
            probe(path.parent)
    except OSError as error:
        raise _refusal(text, f"it cannot be written there: {error.strerror}") from None


def probe(folder: Path) -> None:
    """Raise OSError where no file can be written in a folder, which may not exist yet; leave no trace."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    tempfile.TemporaryFile(dir=nearest).close()


def _refusal(text: str, why: str) -> pytest.UsageError:
    return pytest.UsageError(f"--gradcheck-report={text}: {why}")
