"""How wide is a text on a terminal? The sum of its characters: some take two columns, some none."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def span(text: str) -> int:
    """Return how many columns the text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def clipped(text: str, width: int) -> str:
    """Return as much of the beginning of the text as fits the width."""
    used = 0
    for number, letter in enumerate(text):
        used += _columns(letter)
        if used > width:
            return text[:number]
    return text


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Return the text on lines of the width, the first of which begins with `first`, the others with `rest`."""
    lines, line, begun = [], first, False
    for word in text.split():
        for piece in _pieces(word, width - span(rest)):
            if span(line) + begun + span(piece) > width and (begun or line != rest):
                lines.append(line.rstrip())
                line, begun = rest, False
            line += " " * begun + piece
            begun = True
    return [*lines, line] if begun else lines


def _pieces(word: str, width: int) -> Iterator[str]:
    """Yield a word, in pieces where it is too long for a line."""
    while span(word) > max(2, width):
        piece = clipped(word, max(2, width))
        yield piece
        word = word[len(piece) :]
    yield word


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in {"Me", "Mn", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"F", "W"} else 1
