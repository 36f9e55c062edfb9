"""What fails without it? Every constant of the numerics halved and doubled, every rule switched off, one at a time."""

from __future__ import annotations

import math
import time
from functools import partial
from pathlib import Path


def main(
    output: Path | None,
    *,
    quick: bool = False,
    only: str = "",
    processes: int = 1,
    corpus: str = "full",
    minutes: float = math.inf,
) -> None:
    """Print what is needed by nothing; write the page if there is a place for it. Quick: a few cases.

    What a test of its module notices is put to no case, and what cases miss to no other test. After so many minutes
    nothing more is asked; what was is kept, and another run goes on from there.
    """
    from benchmarks.ablation.page import missed_by_no_case, needed_by_nothing, page
    from benchmarks.ablation.run import SIZES, ask_all, baseline, changes, further
    from benchmarks.ablation.unit_tests import mirroring, noted, noticing, reading

    wanted, size, until = changes(only), "quick" if quick else corpus, time.monotonic() + 60 * minutes
    before, tests = baseline(size, processes), noted(processes)
    testable = [change for change in wanted if change.kind != "opinion"]  # each of which has its trap
    tested = noticing(testable, partial(mirroring, tests), processes, until)
    rest = [change for change in wanted if change.place not in tested]
    rows = ask_all(rest, before, SIZES[size][2], processes, until)
    tested |= noticing(missed_by_no_case(rows), partial(reading, tests), processes, until)
    rows += ask_all(further(rows, tested), before, SIZES[size][2], processes, until)
    done = {(row.change.place, row.change.how) for row in rows}
    late = list(dict.fromkeys(change.place for change in rest if (change.place, change.how) not in done))
    if output:
        output.write_text(page(rows, before, tested, late), encoding="utf-8", newline="\n")
    idle = [place for place in needed_by_nothing(rows) if place not in tested]
    print(f"{len(wanted)} changes, {len(before)} cases, {len(tests)} unit tests; {len(late)} places not asked in time")
    print(f"needed by nothing of that: {', '.join(idle) or 'none'}")
