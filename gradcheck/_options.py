"""How is a check to be made? The keywords of a call that say so; each makes sense, or is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from gradcheck._judge.tolerance import NONE, Slack
from gradcheck._results.errors import InputError


@dataclass(frozen=True)
class Options:
    """The keywords of a call that say how to measure; raises InputError where one makes no sense."""

    seed: int
    wrt: str | Iterable[str] | None
    entries: str | int
    neighbours: int
    rtol: float | None
    precision: str
    progress: bool | None
    order: int
    detached: str | Iterable[str] | None
    workers: Any = None
    slack: Slack = NONE

    def __post_init__(self) -> None:
        """Refuse what could only pass silently."""
        if self.rtol is not None and not (isinstance(self.rtol, Real) and 0 < self.rtol < 1):
            msg = (
                f"rtol={self.rtol!r}: the smallest relative error that matters lies between 0 and 1, such as 1e-4; "
                "leave it out to have it chosen from the dtype and the measured noise"
            )
            raise InputError(msg)
        if not _is_word(self.entries, "auto", "all") and not (_is_int(self.entries) and int(self.entries) > 0):
            msg = f"entries={self.entries!r}: write 'auto', 'all', or a positive number of entries per tensor"
            raise InputError(msg)
        if not _is_int(self.neighbours) or self.neighbours < 0:
            msg = f"neighbours={self.neighbours!r}: write how many further points to screen, 0 for none"
            raise InputError(msg)
        if not _is_word(self.precision, "double", "as-is"):
            msg = f"precision={self.precision!r}: write 'double' or 'as-is'"
            raise InputError(msg)
        if not _is_int(self.order) or self.order not in (1, 2):
            msg = f"order={self.order!r}: write 1 for the gradient, 2 for the gradient and the gradient of that"
            raise InputError(msg)
        many = _is_int(self.workers) and self.workers > 0
        if not (self.workers is None or many or self.workers == "joblib" or hasattr(self.workers, "map")):
            msg = (
                f"workers={self.workers!r}: write how many processes, 'joblib', or an object with a method map, "
                "such as a concurrent.futures.Executor"
            )
            raise InputError(msg)
        if not _is_int(self.seed) or self.seed < 0:
            msg = f"seed={self.seed!r}: write a non-negative integer"
            raise InputError(msg)


def _is_int(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_word(value: object, *words: str) -> bool:
    return isinstance(value, str) and value in words
