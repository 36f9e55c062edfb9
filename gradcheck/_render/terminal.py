"""What can the terminal show? Its width, and colours unless they are switched off."""

from __future__ import annotations

import os
import shutil
from types import MappingProxyType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = 100  # where it is no terminal
FEWEST = 40

_COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "CORRECT": "32",
        "KINK": "36",
        "UNTESTED": "33",
        "UNDECIDED": "33",
        "BROKEN": "1;31",
        "WRONG": "1;31",
        "MISSED": "1;31",
        "BETTER": "32",
        "SAME": "32",
        "DIFFERENT": "33",
        "WORSE": "1;31",
    },
)


def columns(stream: TextIO) -> int:
    """Return how wide the stream is: as the terminal is, or the variable COLUMNS says; 100 where it is none."""
    if not stream.isatty():
        return COLUMNS
    return max(FEWEST, shutil.get_terminal_size((COLUMNS, 24)).columns)


def coloured(stream: TextIO) -> bool:
    """Return whether the stream takes colours: a terminal does, unless NO_COLOR; FORCE_COLOR makes any."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def painted(word: str) -> str:
    """Return a verdict in its colour; any other word as it is."""
    colour = _COLOURS.get(word)
    return word if colour is None else f"\x1b[{colour}m{word}\x1b[0m"
