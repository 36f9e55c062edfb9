"""Which verdicts are there, and which is worse?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Verdict(IntEnum):
    """The verdict on an entry, a tensor or a report, from good to bad: the worst of several is their maximum."""

    CORRECT = 1
    KINK = 2
    UNTESTED = 3
    UNDECIDED = 4
    BROKEN = 5
    WRONG = 6

    @property
    def sentence(self) -> str:
        """The verdict in one sentence."""
        return _SENTENCES[self]

    def __str__(self) -> str:
        """The bare name, as it stands in every table."""
        return self.name


_SENTENCES: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.CORRECT: "the claim agrees with the measurement, which is precise enough to be meaningful; "
        "the resolution says how precise",
        Verdict.WRONG: "the claim lies outside the measured uncertainty by more than the tolerance",
        Verdict.KINK: "the function has no derivative here; "
        "the claim lies between the one-sided slopes, a valid subgradient",
        Verdict.UNDECIDED: "the function is too noisy or too rough to tell",
        Verdict.UNTESTED: "both sides are zero, as far as can be seen beside the rest of the function: "
        "nothing at this point exercises this entry",
        Verdict.BROKEN: "nothing to compare: it raised, is not finite, is not continuous, "
        "changes from call to call, or changes its own inputs",
    },
)


def tallied(counts: Mapping[Verdict, int]) -> str:
    """Return how many got which verdict, the worst first, after a comma each: `, 1 wrong, 2409 correct`."""
    return "".join(f", {n} {str(verdict).lower()}" for verdict, n in sorted(counts.items(), reverse=True) if n)
