"""How long does one wait for a small check, for a red one, and for the first? CPU time, beside that of the peers."""

from __future__ import annotations

from pathlib import Path


def main(output: Path | None, *, quick: bool = False, only: str = "") -> None:
    """Print the table; write its section of the page, and JSON beside it. Quick: small sizes, few turns and samples."""
    from benchmarks.sections import put
    from benchmarks.waiting.page import keep, kept, section, table
    from benchmarks.waiting.run import measured, rows

    every = rows()
    figures, left_out = measured([row for row in every if row.meets(only)], quick=quick)
    print(table(every, figures))
    for name, why in left_out.items():
        print(f"left out: {name}: {why}")
    if output:
        whole = (kept(output, every, quick=quick) if only else {}) | figures
        keep(output, every, whole, left_out, quick=quick)
        put(output, section(every, whole, left_out, quick=quick))
