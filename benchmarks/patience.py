"""How long may an answer take?"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class LateError(BaseException):  # no Exception, which a checker takes for an answer
    """No answer came in time."""


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    """Raise LateError within, after so many seconds."""

    def late(_number: int, _frame: FrameType | None) -> None:
        raise LateError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
