"""How does a command end? With an exit code, by one rule for all commands."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from gradcheck import Report, Run

FINE, WRONG, FAILED, NOTHING, INTERRUPTED, TERMINATED = 0, 1, 2, 5, 130, 143

CODES = """\
exit codes: 0 no wrong gradient, 1 a wrong one, 2 could not check, 5 nothing was checked,
130 interrupted; where several apply, the first of 1, 2, 5, 0"""


class Refusal(Exception):
    """The command cannot be carried out: one sentence for stderr."""


@contextmanager
def refusing() -> Iterator[None]:
    """Report bad input and unreadable or unwritable files in a sentence; a closed pipe is left to main."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (ValueError, OSError) as error:
        raise Refusal(error) from error


class Terminated(KeyboardInterrupt):
    """Somebody ended the process, such as a time limit: what was found by then is shown."""


def exit_code(found: Report | Run, *, strict: bool = False) -> int:
    """Return the exit code for a report or a run."""
    from gradcheck import Report

    reports = [found] if isinstance(found, Report) else [check.report for check in found.checks]
    codes = {_code(report, strict=strict) for report in reports}
    return next((code for code in (WRONG, FAILED, NOTHING, FINE) if code in codes), NOTHING)


def _code(report: Report, *, strict: bool) -> int:
    from gradcheck import Verdict
    from gradcheck._judge.failure import failure_of

    if report.verdict is Verdict.WRONG:
        return WRONG
    if not report.problems and set(report.counts) <= {Verdict.UNTESTED}:
        return NOTHING
    lax = strict and (report.counts[Verdict.UNDECIDED] or report.counts[Verdict.UNTESTED])
    return FAILED if lax or failure_of(report) is not None else FINE


def stopped(error: KeyboardInterrupt) -> int:
    """Return the exit code of a command that was cut short."""
    return TERMINATED if isinstance(error, Terminated) else INTERRUPTED


@contextmanager
def terminable() -> Iterator[None]:
    """Let a request to end the process cut the command short as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():  # elsewhere no signal can be caught
        yield
        return
    own = os.getpid()

    def end(number: int, _: FrameType | None) -> None:
        if os.getpid() != own:  # a worker, which inherited this
            os._exit(128 + number)
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
