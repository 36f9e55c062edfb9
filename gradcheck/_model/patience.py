"""Does a call come to an end? An iteration may have none where it was not made for.

An alarm rings now and then; a call that takes far longer than others is broken off, at whatever line it is. Only
where f need not have a value, in the main thread, where a system has alarms and nobody else has set one. While
nothing takes long it costs nothing: which call is made is read from the stack.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import CodeType, FrameType
from typing import TypeVar

from gradcheck._model.tally import Tally

LONGER = 100.0  # times what evaluations take on average: a call may have no end
FIRST = 60.0  # seconds, after which the first one may have none
PATIENT = 5.0  # likewise, that all such calls together may take
SHORT = 0.25  # likewise, that each may take after that
OFTEN = 0.05  # of such a time, between two alarms

F = TypeVar("F", bound=Callable[..., object])
_calls: set[CodeType] = set()


class EndlessError(Exception):
    """A call that was broken off."""


def may_be_endless(function: F) -> F:
    """Mark a function of which a call may be broken off: it takes f for undefined where EndlessError is raised."""
    _calls.add(function.__code__)
    return function


@contextmanager
def patience(tally: Tally) -> Iterator[None]:
    """Break off what has no end within: EndlessError is raised there, in a line of the user's function."""
    if not _free():
        yield
        return
    watch = _Watch(tally)
    signal.signal(signal.SIGALRM, watch.ring)
    signal.siginterrupt(signal.SIGALRM, False)  # noqa: FBT003  no call of the system ends because of it
    watch.wait(PATIENT)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGALRM) == watch.ring:  # and not another that was set meanwhile
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _free() -> bool:
    """Whether there are alarms, and nobody else has set one."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return False
    return signal.getsignal(signal.SIGALRM) is signal.SIG_DFL and not any(signal.getitimer(signal.ITIMER_REAL))


class _Watch:
    """What looks at the stack at every alarm, and breaks off a call that was met there for too long."""

    def __init__(self, tally: Tally) -> None:
        self.tally, self.start, self.before = tally, perf_counter(), tally.evaluations
        self.call: tuple[int, ...] | None = None
        self.since, self.lost = self.start, 0.0

    def wait(self, seconds: float) -> None:
        """Let the alarm ring several times in so many seconds."""
        self.every = OFTEN * seconds
        signal.setitimer(signal.ITIMER_REAL, self.every, self.every)

    def ring(self, _number: int, frame: FrameType | None) -> None:
        """Look which call is going on; raises EndlessError there if it has no end."""
        call = self._told(_call(frame))
        if call is None or call != self.call:
            self.call, self.since = call, perf_counter()
            return
        known, seconds = self.tally.evaluations - self.before - 1, perf_counter() - self.since
        longest = LONGER * (self.since - self.start - self.lost) / known if known > 0 else FIRST
        if seconds < max(SHORT, longest):
            return
        self.lost += self.every
        if self.lost >= PATIENT:
            self.call = None
            self.wait(SHORT)
            msg = f"no end in sight after {seconds:.2g} s"
            raise EndlessError(msg)

    def _told(self, frame: FrameType | None) -> tuple[int, ...] | None:
        """Return which call a frame is that of; kept, the frame would keep alive what is in it and in its callers."""
        return None if frame is None else (id(frame), self.tally.evaluations, self.tally.gradients)


def _call(frame: FrameType | None) -> FrameType | None:
    """Return the call that is being made and may be broken off, from the line at which it is."""
    while frame is not None and frame.f_code not in _calls:
        frame = frame.f_back
    return frame


# Which are no steps of the user's function.
RINGING = frozenset(f.__code__ for f in (_Watch.ring, _Watch.wait, _Watch._told, _call))  # noqa: SLF001  ours
