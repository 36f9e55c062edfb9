"""What does a failing test print? In ten lines: which entry, how far off, how sure, and why."""

from __future__ import annotations

import math
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from gradcheck._render.escape import visible
from gradcheck._render.figures import count, number, pair, power, short
from gradcheck._render.nearby import whereabouts
from gradcheck._render.rows import foremost
from gradcheck._render.text import WIDTH, labelled
from gradcheck._results.names import few_of
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._results.estimate import Entry, Rung
    from gradcheck._results.report import Report, TensorResult

LINES = 10
NAMES = 4  # so many tensors are named
STEPS = 3  # so many steps are named


def failure_message(report: Report, width: int = WIDTH) -> str:
    """Return what is the matter with a report, in ten lines at most, none longer than the width."""
    tensor = foremost(report)
    if tensor is not None and tensor.verdict is Verdict.WRONG and tensor.worst is not None:
        lines = _wrong(report, tensor, tensor.worst, width)
    elif report.problems:
        lines = _broken(report, width)
    else:
        lines = _unknown(report, width)
    return "\n".join(islice(lines, LINES))


def _wrong(report: Report, tensor: TensorResult, entry: Entry, width: int) -> Iterator[str]:
    line = partial(_line, width=width)
    claimed, measured = pair(entry)
    elsewhere = whereabouts(tensor, entry)
    at = f", at {elsewhere}" if elsewhere else ""
    yield f"{visible(entry.name)}  claimed {claimed}, measured {measured}{visible(at)}"
    yield from line("where", f"{tensor.name} {tensor.shape} {tensor.dtype} of {report.name}{at.partition(' (')[0]}")
    yield from line("extent", f"{_extent(tensor)}; {_others(report, tensor)}".removesuffix("; "))
    yield from line("size", _size(entry))
    yield from line("nearby", tensor.note if elsewhere else "")
    yield from line("trust", _trust(entry))
    yield from line("pattern", next(iter(report.diagnosis), ""))
    for problem in report.problems:
        yield from line("problem", problem.sentence)


def _broken(report: Report, width: int) -> Iterator[str]:
    line = partial(_line, width=width)
    worst, *others = sorted(report.problems, key=lambda p: -p.verdict)
    yield from labelled(f"{worst.verdict}  {visible(report.name)}: ", worst.sentence, indent=0, width=width)
    for problem in others:
        yield from line("also", problem.sentence)
    for note in report.notes:
        yield from line("note", note)


def _unknown(report: Report, width: int) -> Iterator[str]:
    line = partial(_line, width=width)
    yield from labelled(f"{report.verdict}  {visible(report.name)}: ", report.verdict.sentence, indent=0, width=width)
    tensor = foremost(report)
    if tensor is not None and tensor.worst is not None and report.verdict > Verdict.UNTESTED:
        claimed, measured = pair(tensor.worst)
        yield from line("worst", f"{tensor.worst.name} claimed {claimed}, measured {measured}")
    yield from line("extent", _others(report))
    for note in report.notes:
        yield from line("note", note)


def _line(label: str, sentence: str, width: int) -> list[str]:
    """Return a labelled sentence on two lines at most, or nothing."""
    lines = labelled(label, sentence, indent=9, width=width) if sentence else []
    return [*lines[:1], lines[1] + " …"] if len(lines) > 2 else lines


def _extent(tensor: TensorResult) -> str:
    entries = f"{count(tensor.wrong)} of {count(tensor.checked)}"
    if tensor.checked < tensor.size:
        return f"{entries} checked entries of {tensor.name}, which has {count(tensor.size)}"
    return f"{entries} {'entry' if tensor.size == 1 else 'entries'} of {tensor.name}"


_SAID = {
    Verdict.WRONG: "wrong too",
    Verdict.BROKEN: "broken",
    Verdict.UNDECIDED: "undecided",
    Verdict.UNTESTED: "untested",
    Verdict.KINK: "agree as far as a kink allows",
    Verdict.CORRECT: "agree",
}


def _others(report: Report, but: TensorResult | None = None) -> str:
    """Return the verdicts of the other tensors: `W1, b1 agree; b2 untested`."""
    parts = []
    for verdict, said in _SAID.items():
        names = [t.name for t in report.tensors.values() if t.verdict is verdict and t is not but]
        if names:
            verb = "agrees" + said[5:] if len(names) == 1 and said.startswith("agree") else said
            parts.append(f"{few_of(names, NAMES)} {verb}")
    return "; ".join(parts)


def _size(entry: Entry) -> str:
    if not math.isfinite(entry.discrepancy):
        return "the claim is not finite" if math.isfinite(entry.estimate) else ""
    off = f"off by {short(entry.discrepancy)}"
    if not math.isfinite(entry.multiple):
        return f"{off}, where nothing is uncertain"
    return f"{off}, {short(entry.multiple)} times the uncertainty"


def _trust(entry: Entry) -> str:
    """Return at which steps the slope is the same, to a tenth of what is at stake; or nothing."""
    if math.isinf(entry.estimate):
        return _growth(entry)
    stake = entry.discrepancy if math.isfinite(entry.discrepancy) else abs(entry.estimate)
    gap = abs(entry.right - entry.left)
    kink = math.isfinite(gap) and gap > stake / 10
    same = [r for r in entry.rungs if _off(r, entry, kink=kink) <= stake / 10]
    if len(same) < 2:
        return ""
    told = f"same slope {_steps([r.step for r in same])}"
    if kink:
        sides = f"{number(entry.left, 6)} on the left and {number(entry.right, 6)} on the right"
        return f"{told}; it is {sides}: a kink, and the claim is not between"
    quiet = all(r.noise <= stake / 10 for r in same)
    agree = "left and right agree: no kink" if math.isfinite(gap) else ""
    return "; ".join(filter(None, [told, agree + (", no rounding" if agree and quiet else "")]))


def _off(rung: Rung, entry: Entry, *, kink: bool) -> float:
    """Return by how much the slope with one step differs, at a kink that on either side."""
    sides = ((rung.left, entry.left), (rung.right, entry.right)) if kink else ((rung.central, entry.estimate),)
    return max(abs(slope - known) for slope, known in sides)


def _growth(entry: Entry) -> str:
    """Return how infinite slopes grow, on the steeper side."""
    slopes = [(r.step, max(r.left, r.right, key=lambda s: abs(s) if math.isfinite(s) else 0.0)) for r in entry.rungs]
    seen = [(step, slope) for step, slope in slopes if math.isfinite(slope)]
    if len(seen) < 2:
        return ""
    (coarse, first), (fine, last) = seen[0], seen[-1]
    grows = f"from {short(first)} at a step of {power(coarse)} to {short(last)} at {power(fine)}, and on"
    sides = [number(side, 6) for side in (entry.left, entry.right)]
    apart = entry.left != entry.right and not any(math.isnan(side) for side in (entry.left, entry.right))
    kink = f"; it is {sides[0]} on the left and {sides[1]} on the right, and the claim is not between" if apart else ""
    return f"the slope grows {grows}{kink}"


def _steps(steps: list[float]) -> str:
    named = list(dict.fromkeys(power(step) for step in sorted(steps, reverse=True)))
    if len(named) <= STEPS:
        return f"at steps {', '.join(named)}"
    return f"at {len(steps)} steps from {named[0]} to {named[-1]}"
