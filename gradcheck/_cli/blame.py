"""Whose mistake is it? An exception in the user's code is shown as his own."""

from __future__ import annotations

import importlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


def show(error: BaseException) -> None:
    """Print an exception without the frames that led from us to it."""
    traceback.print_exception(error.with_traceback(_theirs(error.__traceback__)))


def _theirs(frames: TracebackType | None) -> TracebackType | None:
    """Return the frames from the first that is neither ours nor the import system's."""
    while frames is not None:
        file = frames.tb_frame.f_code.co_filename
        ours = Path(file).parent == Path(__file__).parent
        if not (ours or file == importlib.__file__ or file.startswith("<frozen ")):
            return frames
        frames = frames.tb_next
    return None
