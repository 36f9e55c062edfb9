"""How do several benchmarks share a page? Each owns the section under its heading, and leaves the others alone."""

from __future__ import annotations

import re
from pathlib import Path

BEGINNING = re.compile(r"^(?=##? )", re.MULTILINE)  # of a section: a heading of the first or the second level


def put(page: Path, section: str) -> None:
    """Write a section, that begins with its heading, in the place of the one that has the same, or at the end."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    page.write_text(replaced(before, section), encoding="utf-8", newline="\n")


def replaced(page: str, section: str) -> str:
    """Return a page with a section in the place of the one that has its heading, or at the end."""
    parts = [part for part in BEGINNING.split(page) if part.strip()]
    headings = [part.partition("\n")[0] for part in parts]
    heading = section.partition("\n")[0]
    if heading in headings:
        parts[headings.index(heading)] = section
    else:
        parts.append(section)
    return "\n".join(part.strip("\n") + "\n" for part in parts)
