"""What is a change? For the worse, for the better, or a loss of knowledge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property


class Grade(IntEnum):
    """Whether a change is for the better; the worse, the larger."""

    BETTER = 1
    DIFFERENT = 2  # neither
    LESS = 3  # less is known than before, though nothing is worse
    WORSE = 4

    def __str__(self) -> str:
        """The bare name."""
        return self.name


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was."""

    what: str  # "newly wrong", "vanished", "less certain" ...
    grade: Grade
    test: str
    model: str
    tensor: str  # empty if it is the whole check
    was: str
    now: str
    file: str = ""  # of the check
    line: int = 0


@dataclass(frozen=True)
class Comparison:
    """All that has changed between two runs, the worst first."""

    changes: tuple[Change, ...]
    same: int  # tensors of which nothing changed
    notes: tuple[str, ...] = ()  # what was different about the runs themselves

    @cached_property
    def grades(self) -> Mapping[Grade, int]:
        """How many changes are of which grade."""
        return Counter(change.grade for change in self.changes)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many changes are of which sort, in the order in which they stand."""
        return Counter(change.what for change in self.changes)

    @property
    def verdict(self) -> str:
        """One word: WORSE if anything is, BETTER if nothing else changed, DIFFERENT, or SAME."""
        if self.grades.get(Grade.WORSE):
            return "WORSE"
        return "BETTER" if set(self.grades) == {Grade.BETTER} else "DIFFERENT" if self.changes else "SAME"
