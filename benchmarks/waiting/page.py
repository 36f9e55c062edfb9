"""How is the table shown and kept? A section of Markdown, and JSON with the same numbers, that later runs add to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tabulate import tabulate

from benchmarks.waiting.figure import Figure, WaitingRow, installed

KEY = "waiting"  # of this benchmark in the JSON
PACKAGES = ("numpy", "torch", "jax", "pytest")
HEAD = ["what", "beside", "median (smallest to largest)", "reach", "evaluations", "gradients", "a check", "the other"]

ABOUT = """## How long one waits

Single-threaded CPU time in one process, both sides in turn, as often as time allows: the median of the ratios, the
smallest and the largest. Before anything is timed each row makes sure that the check does its work: that a right
gradient is found CORRECT, a wrong one WRONG, with its tensor named, and that the peer is given the same function at
the same point and the same entries of it. *Reach*: the row is to stay at or below. *Evaluations* and *gradients* are
those of the check in question, *a check* and *the other* the CPU time of one.

- Beside a peer: `torch.autograd.gradcheck` entry by entry (*slow*) or with `fast_mode=True` (*fast*), a NumPy function
  wrapped as an `autograd.Function`; `jax.test_util.check_grads` in reverse mode.
- The door of PyTorch is `gradcheck.compat.torch.gradcheck`; the operators are those of PyTorch's own database
  (`op_db`), at every sample of theirs with up to 1,000 entries, each once.
- Under pytest, a test for each check; the end of the session counts for the fixture.
"""

HURRIED = "**Measured in a hurry: small sizes, few turns and samples; these numbers say little.**\n"


def section(
    rows: Sequence[WaitingRow], figures: Mapping[str, Figure], left_out: Mapping[str, str], *, quick: bool
) -> str:
    """Return the Markdown: one table for each group, and a sentence for each row that is left out."""
    parts = [ABOUT, *([HURRIED] if quick else [])]
    for group in dict.fromkeys(row.group for row in rows if row.id in figures):
        parts += [f"### {group[0].upper()}{group[1:]}\n", table(rows, figures, group=group), ""]
        told = [(row.name, figures[row.id].remark) for row in rows if row.group == group and row.id in figures]
        parts += [*(f"- {name}: {remark}." for name, remark in told if remark), ""]
    parts += [f"Left out: {name}: {why}.\n" for name, why in left_out.items()]
    versions = ", ".join(f"{name} {found}" for name, found in environment().items())
    return "\n".join([*parts, f"Asked with {versions}.", ""])


def table(rows: Sequence[WaitingRow], figures: Mapping[str, Figure], *, group: str = "") -> str:
    """Return the rows that were measured, of one group or of all."""
    shown = [cells(row, figures[row.id]) for row in rows if row.id in figures and group in {"", row.group}]
    return str(tabulate(shown, HEAD, tablefmt="github", disable_numparse=True))


def cells(row: WaitingRow, figure: Figure) -> list[str]:
    """Return a row as it is shown; one that does not reach is in bold."""
    middle, low, high = (number(value, row.unit) for value in (figure.middle, figure.low, figure.high))
    middle = middle if figure.middle <= row.reach else f"**{middle}**"
    evaluations = _counted(figure.evaluations)
    if figure.other_evaluations is not None:
        evaluations += f" beside {_counted(figure.other_evaluations)}"
    return [
        row.name,
        row.against,
        middle if low == high else f"{middle} ({low} to {high})",
        number(row.reach, row.unit),
        evaluations,
        _counted(figure.gradients),
        _milliseconds(figure.ours_ms),
        _milliseconds(figure.other_ms),
    ]


def number(value: float, unit: str = "") -> str:
    """Return three digits, and the unit."""
    return f"{value:.3g} {unit}".strip() if abs(value) < 1000 else f"{value:,.0f} {unit}".strip()


def _counted(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _milliseconds(value: float | None) -> str:
    return "" if value is None else number(value, "ms")


def environment() -> dict[str, str]:
    """Return the packages that take part, and their versions."""
    return {name: found for name in PACKAGES if (found := installed(name))}


def kept(page: Path, rows: Sequence[WaitingRow], *, quick: bool) -> dict[str, Figure]:
    """Return what an earlier run of the same kind, with the same packages, has measured, row by row."""
    found = _read(page.with_suffix(".json")).get(KEY, {})
    if (found.get("environment"), found.get("quick")) != (environment(), quick):
        return {}
    known = {row.id for row in rows}
    names = Figure.__dataclass_fields__
    return {r["id"]: Figure(**{n: r[n] for n in names}) for r in found["rows"] if r["id"] in known}


def keep(
    page: Path, rows: Sequence[WaitingRow], figures: Mapping[str, Figure], left_out: Mapping[str, str], *, quick: bool
) -> None:
    """Write the JSON beside the page; what others keep in it stays."""
    measured = [
        {"id": row.id, "group": row.group, "name": row.name, "against": row.against, "unit": row.unit or "times"}
        | {"reach": row.reach, "reached": figures[row.id].middle <= row.reach}
        | asdict(figures[row.id])
        for row in rows
        if row.id in figures
    ]
    file = page.with_suffix(".json")
    found = {"environment": environment(), "quick": quick, "rows": measured, "left_out": dict(left_out)}
    whole = _read(file) | {KEY: found}
    file.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found
