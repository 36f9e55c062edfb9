"""How is a file written? Whole or not at all: to a temporary file beside it, which then replaces the old one.

A full disk, an interrupt or another process that writes the same leaves the old file or a whole new one.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import IO

TOKEN = 8  # bytes, so that no two processes write the same part, on whatever machines they run


def encoded(text: str) -> bytes:
    r"""Return text in UTF-8; half of a character, which has no code there, is spelled out as JSON does: `\ud800`."""
    return text.encode("utf-8", "backslashreplace")


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all; raises OSError. A pipe or a device is no file, and written as it is."""
    data = encoded(content) if isinstance(content, str) else content
    path = Path(os.path.realpath(path))  # a link stays one
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    part = path.with_name(f".gradcheck-{secrets.token_hex(TOKEN)}")
    try:
        if not _put_beside(part, path, data):
            _write_over(path, data)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def append(path: Path, text: str) -> None:
    """Add text to the end of a file, whole or not at all, after what others add meanwhile; raises OSError."""
    with path.open("ab", buffering=0) as file, _locked(file):
        end = file.seek(0, os.SEEK_END)
        try:
            _write_all(file, encoded(text))
        except BaseException:
            with suppress(OSError):
                file.truncate(end)
            raise


def _put_beside(part: Path, path: Path, data: bytes) -> bool:
    """Write a part and put it in its place; False where there is a file, and its folder lets nothing be put there."""
    try:
        file = part.open("xb", buffering=0)
    except OSError:
        if path.is_file():
            return False
        raise
    with file:
        _write_all(file, data)
    with suppress(OSError):
        part.chmod(stat.S_IMODE(path.stat().st_mode))
    try:
        part.replace(path)
    except OSError:
        if path.is_file():  # it may be a mount of its own, or open elsewhere
            return False
        raise
    return True


def _write_over(path: Path, data: bytes) -> None:
    """Write over a file; where that fails, what stood there is put back."""
    before = path.read_bytes()
    with path.open("r+b", buffering=0) as file:
        try:
            _write_all(file, data)
            file.truncate()
        except BaseException:
            file.seek(0)
            _write_all(file, before)
            file.truncate()
            raise


def _write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of some bytes: a file without a buffer may take less at once."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


@contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    """Keep other processes from writing at the same time, where files can be locked."""
    try:
        locks = import_module("fcntl")
        locks.flock(file, locks.LOCK_EX)
    except (ImportError, OSError):  # Windows; a file system that knows no locks
        yield
        return
    try:
        yield
    finally:
        locks.flock(file, locks.LOCK_UN)
