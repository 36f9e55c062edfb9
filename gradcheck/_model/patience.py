"""Does a call come to an end? An iteration may have none where it was not made for.

Lines of Python are counted on the way, and the clock is looked at now and then; a call that takes far longer than it
does elsewhere is broken off. Not while a debugger or a measurement of coverage counts lines itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from types import FrameType
from typing import Any

LINES = 4096  # between two looks at the clock


class EndlessError(Exception):
    """A call that was broken off."""


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Break off what is called within after so many seconds: EndlessError is raised in a line of the function."""
    if sys.gettrace() is not None:
        yield
        return
    last, lines = perf_counter() + seconds, 0

    def line(_frame: FrameType, _event: str, _argument: Any) -> Any:  # noqa: ANN401  as sys.settrace calls it
        nonlocal lines
        lines += 1
        if lines % LINES == 0 and perf_counter() > last:
            msg = f"no end in sight after {seconds:.2g} s"
            raise EndlessError(msg)
        return line

    sys.settrace(line)
    try:
        yield
    finally:
        sys.settrace(None)
