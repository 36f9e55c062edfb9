"""How many calls of the user's function may the diagnosis make, and what was left undone because of that?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gradcheck._model.tally import DIAGNOSIS, Tally, Watch

BASE = 10_000  # calls: a layer of 4,096 entries, the most that are measured, can be taken alone at two calls an entry
TIMES = 3  # and so many times the calls of the measurement
TOLD = 3  # things left undone that are told


class Exhausted(BaseException):
    """A call that was refused; not an Exception, which a probe would take for an error of the function."""


@dataclass
class Budget:
    """Counts every call that is made once something was found to be wrong, and refuses those that would be too many."""

    most: int
    watch: Watch | None = None  # who is told of them
    spent: int = 0
    undone: list[str] = field(default_factory=list)

    @classmethod
    def after(cls, tally: Tally) -> Budget:
        """Return what may be spent after a measurement: some times its calls, and no more than are allowed."""
        return cls(max(0, min(BASE + TIMES * tally.evaluations, tally.left)), tally.watch)

    def affords(self, calls: int, what: str) -> bool:
        """Return whether so many calls are left for something; if not, it is remembered as left undone."""
        if self.spent + calls <= self.most:
            return True
        self.leave(what)
        return False

    def leave(self, what: str) -> None:
        """Remember that something is left undone."""
        if what not in self.undone:
            self.undone.append(what)

    def spend(self, calls: int = 1) -> None:
        """Count calls that are about to be made; raises Exhausted where they would be too many."""
        if self.spent + calls > self.most:
            raise Exhausted
        self.spent += calls
        if self.watch is not None:
            self.watch(calls, DIAGNOSIS)

    def counted(self, function: Callable[[Any], Any]) -> Counted:
        """Return a function whose calls are counted here, once each."""
        return function if isinstance(function, Counted) else Counted(function, self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What to say of what was left undone."""
        if not self.undone:
            return ()
        more = f" and {len(self.undone) - TOLD} more" if len(self.undone) > TOLD else ""
        things = f"{', '.join(self.undone[:TOLD])}{more}"
        return (f"left undone: {things}; the diagnosis makes no more than {self.most} calls of the function",)


@dataclass(frozen=True)
class Counted:
    """A function of the user's, whose calls are counted."""

    function: Callable[[Any], Any]
    budget: Budget

    def __call__(self, point: Any) -> Any:  # noqa: ANN401  whatever the user's function takes and returns
        """Count a call and make it; raises Exhausted without making it where it would be one too many."""
        self.budget.spend()
        return self.function(point)
