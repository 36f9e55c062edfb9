"""What did a whole run find out? The reports of its checks, each with the test that made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gradcheck._results.door import DOOR, Showable
from gradcheck._results.report import Report
from gradcheck._results.verdict import Verdict, tallied

if TYPE_CHECKING:
    from os import PathLike


@dataclass(frozen=True, eq=False)
class Check:
    """One check of a run: its report, and the test, file and line of the call."""

    report: Report  # what was found
    test: str = ""  # the name of a test, as pytest has it, or package.module:object
    file: str = ""  # where the call stands, as a path below the folder of the run
    line: int = 0  # counted from one; 0 if not known
    times: int = 1  # how many checks of this model the test made, of which this is the worst
    case: str = ""  # the file with which `gradcheck replay` repeats it, if one was written

    @property
    def place(self) -> str:
        """Where the call stands, as far as that is known: "tests/test_net.py:7"."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file

    @property
    def name(self) -> str:
        """The place and the model of the check: unique within a run."""
        return f"{self.test}  {self.report.name}" if self.test else self.report.name


@dataclass(frozen=True, eq=False, repr=False)
class Run(Showable):
    """The checks of one run of pytest, or of one call of `gradcheck check`; it is shown and saved as a report is.

    `bool(run)` raises, as for a report: ask `run.verdict`.
    """

    checks: tuple[Check, ...]  # in the order in which they were made
    title: str = "gradcheck"  # the heading of its tables

    def __repr__(self) -> str:
        """One line: title, verdict, and how many checks got which; `print` shows the tables."""
        return f"<Run {self.title!r}: {self.verdict}{tallied(self.counts)}>"

    @cached_property
    def verdict(self) -> Verdict:
        """The worst verdict of all its reports."""
        return max((check.report.verdict for check in self.checks), default=Verdict.UNTESTED)

    @cached_property
    def counts(self) -> Mapping[Verdict, int]:
        """How many of the reports have which verdict."""
        return Counter(check.report.verdict for check in self.checks)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Run:
        """Read a run back from the JSON that `save` wrote; a report alone is a run of one check.

        Raises ValueError if the file is neither.
        """
        return cls.of(DOOR.open().load(path))

    @classmethod
    def of(cls, found: Report | Run) -> Run:
        """Return a run as it is, and a report as a run of one check."""
        return found if isinstance(found, Run) else cls((Check(found),), found.name)
