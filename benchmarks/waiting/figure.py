"""What is a row of the table? A number with its spread, what may be reached, and what it was made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Protocol

from gradcheck import Report, Verdict


class NotAsExpected(Exception):
    """The check that was to be timed does not do its work."""


class NotHere(Exception):
    """This row cannot be measured here; says why."""


@dataclass(frozen=True)
class Figure:
    """What was measured: the median and its extremes, and the price of either side."""

    middle: float
    low: float
    high: float
    ours_ms: float | None = None  # CPU time of a check
    other_ms: float | None = None  # of that which it is compared with
    evaluations: int | None = None
    gradients: int | None = None
    other_evaluations: int | None = None
    remark: str = ""


class Measure(Protocol):
    """Take small sizes, or few turns and samples, if it is to be quick."""

    def __call__(self, *, quick: bool) -> Figure:
        """Return the figure; raises NotHere or NotAsExpected."""


@dataclass(frozen=True)
class WaitingRow:
    """A line of the table: what is measured against what, how far it should reach, and how."""

    group: str
    name: str
    against: str
    reach: float
    measure: Measure
    needs: str = ""  # a package
    unit: str = ""  # none for a ratio

    @property
    def id(self) -> str:
        """What a pattern is held against, and the key of the row in the JSON."""
        return f"{self.group}: {self.name}"

    def meets(self, pattern: str) -> bool:
        """Whether the name holds the pattern, in letters of either case."""
        return not pattern or fnmatchcase(self.id.lower(), f"*{pattern.lower()}*")

    def figure(self, *, quick: bool) -> Figure:
        """Measure; raises NotHere where the package is not installed, NotAsExpected where a check is not right."""
        if self.needs and not installed(self.needs):
            message = f"{self.needs} is not installed"
            raise NotHere(message)
        return self.measure(quick=quick)


def installed(package: str) -> str:
    """Return the version of a package, without what follows a plus; empty if there is none."""
    try:
        return version(package).partition("+")[0]
    except PackageNotFoundError:
        return ""


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median, the smallest and the largest."""
    return median(values), min(values), max(values)


def right(report: Report) -> Report:
    """Return a report that says CORRECT; raises NotAsExpected if it says anything else."""
    if report.verdict is not Verdict.CORRECT:
        message = f"{report.name}: {report.verdict}, where CORRECT was expected"
        raise NotAsExpected(message)
    return report


def wrong(report: Report, tensor: str) -> Report:
    """Return a report that accuses a tensor by name; raises NotAsExpected if it does not."""
    accused = [name for name, found in report.tensors.items() if found.wrong]
    if report.verdict is not Verdict.WRONG or tensor not in accused:
        message = f"{report.name}: {report.verdict}, wrong are {accused}, where {tensor} was expected"
        raise NotAsExpected(message)
    return report
