"""How far is a check? A bar on stderr, from when it takes long; nothing is loaded for it before."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

DELAY = 1.0  # seconds, after which a check takes long


class Progress:
    """Counts the entries that are done, and shows them where that is wanted."""

    def __init__(self, total: int, wanted: bool | None) -> None:  # noqa: FBT001  the keyword progress=
        """Take how many there are; None shows them on a terminal only."""
        self.total, self.done = total, 0
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

    def update(self, number: int) -> None:
        """Count so many more."""
        self.done += number
        if self.shown is not None:
            self.shown.update(number)
        elif self.wanted and time.monotonic() - self.start > DELAY:
            self.shown = self._made()

    def _made(self) -> Any:  # noqa: ANN401  tqdm's own
        from tqdm.auto import tqdm

        return tqdm(total=self.total, initial=self.done, unit="entry", leave=False)
