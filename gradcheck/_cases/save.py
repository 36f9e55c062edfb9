"""What is kept of a check that failed? Its call, as JSON, beside the arrays of its arguments, as npz; no pickle."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from gradcheck._cases.json.encode import Teller
from gradcheck._results.errors import GradientError
from gradcheck._results.files import encoded, write
from gradcheck._results.report import Report

SCHEMA = 2
FOLDER = Path(".gradcheck") / "cases"  # below the folder of the project


@dataclass(frozen=True)
class FailedCall:
    """A check that failed, ready to be written."""

    text: str
    arrays: bytes

    @property
    def name(self) -> str:
        """Seven hex digits of its content."""
        return hashlib.sha256(encoded(self.text) + self.arrays).hexdigest()[:7]

    @property
    def file(self) -> str:
        """The file of the two that is named to others."""
        return f"{self.name}.json"

    def write(self, folder: Path) -> Path:
        """Write both files, and return the one that is named to others."""
        make(folder)
        write(folder / f"{self.name}.npz", self.arrays)
        path = folder / self.file
        write(path, self.text)
        return path


def make(folder: Path) -> None:
    """Make a folder for cases; the usual one is kept from version control, as pytest does with its cache."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder.parent / ".gitignore"
    if folder.parts[-2:] == FOLDER.parts and not ignore.exists():
        write(ignore, b"*\n")


class Where(NamedTuple):
    """Where a check was called."""

    test: str  # its name, as pytest has it
    call: str  # file:line
    root: Path  # the folder of the project


def told(args: tuple[Any, ...], keywords: Mapping[str, Any], error: GradientError, where: Where) -> FailedCall:
    """Return the case of a call of check_gradients that ended in an error."""
    teller = Teller()
    call = {
        "model": teller.tell(args[0], "model"),
        "args": [teller.tell(value, f"args[{n}]") for n, value in enumerate(args[1:])],
        "keywords": {name: teller.tell(value, f"keywords.{name}") for name, value in keywords.items()},
    }
    page = {
        "schema": SCHEMA,
        "test": where.test,
        "call": where.call,
        "error": type(error).__name__,
        "message": str(error).partition("\n")[0],
        **_found(error.report),
        "check": call,
        "untold": teller.untold,
        "modules": _files(teller.modules, where.root),
    }
    return FailedCall(json.dumps(page, indent=1, ensure_ascii=False) + "\n", _packed(teller.arrays))


def _found(report: Report | None) -> dict[str, Any]:
    """Return what was found: the verdict and the worst entry."""
    if report is None:
        return {"seed": 0}
    tensors = [tensor for tensor in report.tensors.values() if tensor.verdict is report.verdict and tensor.worst]
    worst = max((tensor.worst for tensor in tensors if tensor.worst), key=lambda e: e.multiple, default=None)
    found: dict[str, Any] = {"name": report.name, "seed": report.seed, "verdict": str(report.verdict)}
    if worst is None:
        return found
    numbers = {name: repr(float(getattr(worst, name))) for name in ("claim", "estimate", "uncertainty")}
    return found | {"worst": {"tensor": worst.tensor, "index": [int(i) for i in worst.index], **numbers}}


def _files(modules: Iterable[str], root: Path) -> dict[str, str]:
    """Return the files of those modules that belong to the project: below its folder, and not installed there."""
    found = {}
    for name in sorted(modules):
        file = getattr(sys.modules.get(name), "__file__", None)
        path = Path(file) if file else None
        if path is not None and path.is_relative_to(root) and "site-packages" not in path.parts:
            found[name] = path.relative_to(root).as_posix()
    return found


def _packed(arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()
