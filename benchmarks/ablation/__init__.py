"""What fails without it? Every constant of the numerics halved and doubled, every rule switched off, one at a time."""

from __future__ import annotations

import sys
from pathlib import Path


def main(output: Path | None, *, quick: bool = False, only: str = "", processes: int = 1, corpus: str = "full") -> None:
    """Print what is needed by nothing; write the page if there is a place for it. Quick: a few cases."""
    from benchmarks.ablation.page import missed_by_no_case, needed_by_nothing, page
    from benchmarks.ablation.run import ask_all, changes
    from benchmarks.ablation.unit_tests import noticing

    wanted = changes(only)
    rows, before = ask_all(wanted, "quick" if quick else corpus, processes)
    tested = noticing(missed_by_no_case(rows), processes)
    if output:
        output.write_text(page(rows, before, tested), encoding="utf-8", newline="\n")
    idle = [place for place in needed_by_nothing(rows) if place not in tested]
    print(f"{len(rows)} changes over {len(before)} cases; needed by nothing of that: {', '.join(idle) or 'none'}")
    print(f"{sum(row.seconds for row in rows):.0f} s were spent on cases", file=sys.stderr)
