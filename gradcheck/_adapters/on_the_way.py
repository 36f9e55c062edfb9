"""Which steps of a program are on the way to some of its results? The others need not be done again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar


class SlotStep(Protocol):
    """A step that reads some slots and fills others."""

    @property
    def ins(self) -> Sequence[int]:
        """The slots that it reads."""

    @property
    def outs(self) -> Sequence[int | None]:
        """The slots that it fills; None where nobody reads what it makes."""


Step = TypeVar("Step", bound=SlotStep)


def needed(steps: Sequence[Step], slots: Iterable[int]) -> list[Step]:
    """Return the steps on the way to some slots, in their order."""
    wanted, kept = {*slots}, []
    for step in reversed(steps):
        if not wanted.isdisjoint(step.outs):
            kept.append(step)
            wanted |= {*step.ins}
    return kept[::-1]
