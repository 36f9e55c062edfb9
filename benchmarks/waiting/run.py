"""Which rows are there, and what do they say?"""

from __future__ import annotations

import time
from collections.abc import Sequence

from tqdm import tqdm

from benchmarks.waiting import beginning, counts, doors, of_jax, of_numpy, of_torch, red, session
from benchmarks.waiting.figure import Figure, NotHere, WaitingRow


def rows() -> list[WaitingRow]:
    """Return all rows, in the order of the table."""
    rooms = (of_numpy, of_torch, of_jax, doors, red, counts, session, beginning)
    return [row for room in rooms for row in room.rows()]


def measured(wanted: Sequence[WaitingRow], *, quick: bool) -> tuple[dict[str, Figure], dict[str, str]]:
    """Return the figures, and why a row is left out; raises NotAsExpected if a check is not what it should be."""
    figures, left_out = {}, {}
    begin = time.perf_counter()
    for row in tqdm(wanted, unit="row", disable=None, leave=False):
        try:
            figures[row.id] = row.figure(quick=quick)
        except NotHere as reason:
            left_out[row.id] = str(reason)
        tqdm.write(f"{time.perf_counter() - begin:6.0f} s  {row.id}")
    return figures, left_out
