"""Which exceptions end a check, wherever they are raised? Those that say stop, not that there is no value here."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import CodeType

ENDING = (TimeoutError, MemoryError)
TIMED = ("timeout", "timedout")  # what names of classes of other packages begin with that say the same


def ends(error: BaseException) -> bool:
    """Return whether an exception, or what it was raised from, says that time or memory is up, or is an alarm's."""
    return any(_says_stop(e) for e in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def _says_stop(error: BaseException) -> bool:
    names = [kind.__name__.lower().replace("_", "") for kind in type(error).__mro__]
    return isinstance(error, ENDING) or any(name.startswith(TIMED) for name in names) or _of_a_signal(error)


def _of_a_signal(error: BaseException) -> bool:
    """Return whether an exception was raised in a handler of a signal: by an alarm, whatever it is called."""
    codes, trace = set(), error.__traceback__
    while trace is not None:
        codes.add(trace.tb_frame.f_code)
        trace = trace.tb_next
    return not codes.isdisjoint(_handlers())


def _handlers() -> Iterator[CodeType]:
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        code = getattr(getattr(handler, "__func__", handler), "__code__", None)
        if isinstance(code, CodeType):
            yield code
