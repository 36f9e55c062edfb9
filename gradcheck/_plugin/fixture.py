"""What does the fixture do? It asserts that gradients are right, with the keywords of marker and session."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING, Any, Unpack

import pytest

from gradcheck import GradientError, InputError, Report, Verdict, check_gradients
from gradcheck._cases.save import Where, told
from gradcheck._check.call import assured
from gradcheck._options import Keywords, signed
from gradcheck._plugin.record import Made, note
from gradcheck._plugin.saved import promise

if TYPE_CHECKING:
    from pathlib import Path

    from gradcheck._plugin.session import Session

ASIDE = ("workers", "progress")  # keywords that do not change the result


class Gradcheck:
    """The type of the pytest fixture `gradcheck`, to annotate a test with: `def test(gradcheck: Gradcheck) -> None`.

    `gradcheck(model, *args, **keywords)` asserts that the gradients are right, as `assert_gradients` does, with the
    keywords of the marker, the command line and the ini file as well. pytest makes the only instance.
    """

    def __init__(self, session: Session) -> None:
        """Keep the session, which knows the running test."""
        self._session = session

    def __repr__(self) -> str:
        """Show how to call it: pytest prints it among the arguments of a failing test."""
        return "gradcheck(model, *args, **keywords)"

    @signed
    def __call__(self, *given: Any, **keywords: Unpack[Keywords]) -> Report:  # noqa: ANN401  whatever can be checked
        """Do what `assert_gradients` does, with the keywords of the marker, the command line and the ini file.

        Raises GradientError, or InputError for a call that cannot be checked as written.
        """
        __tracebackhide__ = True
        if not given:
            msg = "gradcheck() was given nothing to check; write gradcheck(model, *args)"
            raise InputError(msg)
        settled = self._keywords(keywords)
        made = _Call(self._session, given, settled, inspect.currentframe())
        try:
            report = assured(check_gradients(*given, **settled))
            if self._session.strict:
                refuse_lax(report)
        except GradientError as error:
            made.failed(error)
            # Not a frame of ours between the user's line and the message.
            raise error.with_traceback(None) from error.__cause__
        except InputError as error:
            raise InputError(self._traced(str(error), keywords)) from None
        made.passed(report)
        return report

    def _keywords(self, keywords: Mapping[str, Any]) -> dict[str, Any]:
        """Return all keywords of a check: those of the call over those of the markers over those of the session."""
        return self._session.settings | self._marked() | dict(keywords)

    def _marked(self) -> dict[str, Any]:
        """Return the keywords of the markers, the closest last."""
        item = self._session.running
        keywords: dict[str, Any] = {}
        for mark in reversed(list(item.iter_markers("gradcheck")) if item else []):
            if mark.args or "model" in mark.kwargs:
                said = ", ".join([*map(repr, mark.args), *(f"{k}={v!r}" for k, v in mark.kwargs.items())])
                msg = f"the marker gradcheck takes keywords of the check, such as seed=7, not gradcheck({said})"
                pytest.fail(msg, pytrace=False)
            keywords |= mark.kwargs
        return keywords

    def _traced(self, message: str, keywords: Mapping[str, Any]) -> str:
        """Return a message about a keyword with a word on where it stands, if not in the call."""
        name = message.removeprefix("unknown keyword ").partition("=")[0]
        if name in keywords:
            return message
        if name in self._marked():
            return f"{message} (set by the marker gradcheck)"
        return f"{message} (set by gradcheck_{name} for the session)" if name in self._session.settings else message


def refuse_lax(report: Report) -> None:
    """Raise GradientError for a report that leaves anything undecided or untested, though nothing in it is wrong."""
    left = {verdict: report.counts[verdict] for verdict in (Verdict.UNDECIDED, Verdict.UNTESTED)}
    if any(left.values()):
        names = [tensor.name for tensor in report.tensors.values() if any(tensor.counts[verdict] for verdict in left)]
        said = " and ".join(f"{number} {str(verdict).lower()}" for verdict, number in left.items() if number)
        msg = f"{said} of {report.checked} entries, in {', '.join(names)}, which --gradcheck-strict does not let pass"
        raise GradientError("\n".join([msg, *(f"note     {note}" for note in report.notes)]), report)


class _Call:
    """A call of the fixture: what was given, by whom, from which line."""

    def __init__(
        self, session: Session, args: tuple[Any, ...], keywords: Mapping[str, Any], frame: FrameType | None
    ) -> None:
        self._session, self._args, self._keywords = session, args, keywords
        self._item = session.running
        self._file, self._line = _place(frame.f_back if frame else None, session.config)

    def passed(self, report: Report) -> None:
        note(self._item, Made(report, self._file, self._line))

    def failed(self, error: GradientError) -> None:
        if error.report is None or self._item is None:
            return
        made = Made(error.report, self._file, self._line, failed=True)
        note(self._item, made)
        config = self._session.config
        where = Where(self._item.nodeid, f"{self._file}:{self._line}", config.rootpath)
        keywords = {name: value for name, value in self._keywords.items() if name not in ASIDE}
        with suppress(Exception):  # a user's object may raise when it is inspected; then there is no case
            promise(error, told(self._args, keywords, error, where), config)


def _place(frame: FrameType | None, config: pytest.Config) -> tuple[str, int]:
    """Return the file, as seen from the folder of the session, and the line of a call."""
    if frame is None:
        return "", 0
    return _below(frame.f_code.co_filename, config.rootpath), frame.f_lineno


@cache
def _below(file: str, root: Path) -> str:
    try:
        return os.path.relpath(file, root).replace(os.sep, "/")
    except ValueError:  # another drive
        return os.path.basename(file)  # noqa: PTH119
