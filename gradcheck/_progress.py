"""How far is a check, and how long will it take? A bar on stderr, once it takes long; nothing is loaded before."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

DELAY = 2.0  # seconds, after which a check takes long
MORE = 1 / 4  # of the calls that were made, that more are expected where it was thought that there were no more
LEAST = 50  # calls that more are expected then
TIME = "| {n_fmt} of about {total_fmt} calls [{elapsed}, {remaining} left]"


class Progress:
    """Counts the calls of the function, and shows them where that is wanted: for what, how many, and the time left."""

    def __init__(self, expected: int, wanted: bool | None) -> None:  # noqa: FBT001  the keyword progress=
        """Take how many are expected; None shows them on a terminal only."""
        self.total, self.done = expected, 0
        self.wanted = sys.stderr.isatty() if wanted is None and sys.stderr else bool(wanted)
        self.start = time.monotonic()
        self.shown: Any = None

    def __enter__(self) -> Self:
        """Begin to count."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take the bar away."""
        if self.shown is not None:
            self.shown.close()

    @property
    def watch(self) -> Callable[[int, str], object] | None:
        """The callback for calls; None where nothing is shown."""
        return self.update if self.wanted else None

    def update(self, number: int, phase: str) -> None:
        """Count so many more, which are made for something."""
        self.done += number
        if self.shown is None and time.monotonic() - self.start < DELAY:
            return
        if self.done >= self.total:  # the cost of a wrong gradient is not known beforehand
            self.total = self.done + max(LEAST, int(self.done * MORE))
        if self.shown is None:
            self.shown = self._made(self.done - number)
        self.shown.total = self.total
        self.shown.set_description_str(phase, refresh=False)
        self.shown.update(number)

    def _made(self, initial: int) -> Any:  # noqa: ANN401  tqdm's own
        from tqdm.auto import tqdm

        return tqdm(total=self.total, initial=initial, bar_format="{l_bar}{bar}" + TIME, unit="call", leave=False)
