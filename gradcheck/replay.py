"""How is a failing case kept, and tried again? As a few lines of JSON that tell how to build it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradcheck.strategies import Case

SCHEMA = 1


def write(case: Case, keywords: Mapping[str, Any], failure: str, folder: Path) -> Path:
    """Write a case, with the keywords of its check, under a name made of what it says; return the path."""
    text = json.dumps({"schema": SCHEMA, "failure": failure, "keywords": dict(keywords), "case": case.told()}, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:7]}.json"
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


def read(path: Path) -> tuple[Case, dict[str, Any]]:
    """Return a case that was written, and the keywords of its check.

    Raises:
        ValueError: the file holds something else.
        OSError: it cannot be read.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            msg = f"it has the schema {told['schema']!r}, not {SCHEMA}"
            raise ValueError(msg)  # noqa: TRY301
        return Case.read(told["case"]), dict(told["keywords"])
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} is no case that `gradcheck fuzz` wrote: {error}"
        raise ValueError(msg) from error


def command(case: Case, keywords: Mapping[str, Any]) -> str:
    """Return the line of code that checks a case."""
    said = "".join(f", {name}={value!r}" for name, value in keywords.items())
    return f"check_gradients(*{case!r}{said})"
