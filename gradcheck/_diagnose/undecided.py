"""What would help to decide what could not be decided? What the function raised, or how noisy it is, and a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from gradcheck._model.subject import Subject
from gradcheck._model.tally import Tally
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.estimate import Entry, Rung
from gradcheck._results.floating import DOUBLE
from gradcheck._results.names import few_of
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict

NOISY = 100.0  # roundings of f: more noise than that is not from rounding
BETTER = 64.0  # times, that steps agree on a slope than it is known: not by chance, and no rounding hides it
JUMPS = (
    "some steps agree on a slope, and others do not, by more than rounding, as where a solver or an integration takes "
    "another path: tighten its tolerance, or choose another point"
)
ABSORBED = (
    "the function is zero and no step moves it, while less is claimed than shows beside a 1, as where a small x is "
    "lost in log(1 + x): compute it by log1p or expm1, or choose a larger point"
)
JUMPS_HERE = (
    "{names}: {what} is not continuous there: its slopes grow without end as the step falls; choose a point beside it"
)
LONGEST = 200  # characters of what a function raised
QUIETER = "tighten the tolerance of any solver in {}, fix what is random, or compute all of it in float64"
DRAWN = "the gradient of the expectation? Average it over many draws, or claim the derivative of each"
OPEN = (Verdict.UNDECIDED, Verdict.BROKEN)  # verdicts that an exception may explain


def helps(report: Report, subject: Subject) -> tuple[str, ...]:
    """Return why nothing could be decided and what would help, or else how often the function raised."""
    if report.verdict < Verdict.UNDECIDED and subject.tally.trouble is None:
        return ()
    raised = _raised(report, subject)
    if raised and not _measured(report):
        return (raised,)
    endless = _endless(report)
    found = (*endless, *(() if endless else _noise(report, subject)), *jumps(report, "the function"))
    return (*found, *filter(None, [raised or counted(subject.tally)]))


def jumps(report: Report, what: str) -> tuple[str, ...]:
    """Name the entries at which a function, or what else is measured, jumps at the given point."""
    entries = [e for t in report.tensors.values() for e in t.entries(Verdict.BROKEN) if _jumps(e)]
    return (JUMPS_HERE.format(names=few_of([entry.name for entry in entries]), what=what),) if entries else ()


def _jumps(entry: Entry) -> bool:
    """Return whether an entry has no slope for no other reason: it was measured, and something finite is claimed."""
    return bool(np.isfinite(entry.claim) and np.isnan(entry.estimate)) and all(map(_finite, entry.rungs))


def _endless(report: Report) -> tuple[str, ...]:
    """Name an entry whose slope grows with every smaller step, while a finite one is claimed."""
    entries = [e for t in report.tensors.values() for e in t.entries(Verdict.UNDECIDED) if np.isinf(e.estimate)]
    return tuple(
        f"to decide on {e.name}: its slope keeps growing as the step falls, and {e.claim:.6g} is claimed, "
        "which no step that was taken reached; choose a point where it is finite"
        for e in entries[:1]
    )


def _noise(report: Report, subject: Subject) -> tuple[str, ...]:
    explained = subject.tally.named
    names = [t.name for t in report.tensors.values() if t.verdict is Verdict.UNDECIDED and t.name not in explained]
    noise = [r.sigma for name in names for rungs in report.tensors[name].rungs.values() for r in rungs]
    if not np.isfinite(noise).any():
        return ()
    sigma = float(np.median([n for n in noise if np.isfinite(n)]))
    entries = [entry for name in names for entry in report.tensors[name].entries(Verdict.UNDECIDED)]
    if np.abs(subject.base).max() < DOUBLE and not any(r.left or r.right for e in entries for r in e.rungs):
        return (f"to decide on {', '.join(names)}: {ABSORBED}",)
    if all(map(_agreed, entries)):
        return (f"to decide on {', '.join(names)}: {JUMPS}",)
    if sigma > NOISY * subject.rounding():
        why = f"the function has noise of about {_rough(sigma)}"
        remedy = DRAWN if subject.pins.drawn else QUIETER.format("it")
    else:
        why = (
            f"the function, about {_rough(np.abs(subject.base).max())}, is rounded to a relative {_rough(subject.eps)}"
        )
        remedy = "leave out constants, or large terms that do not matter here"
        remedy = f"compute it in float64, or {remedy}" if subject.eps > DOUBLE else remedy
    return (f"to decide on {', '.join(names)}: {why}; {remedy}",)


def _agreed(entry: Entry) -> bool:
    """Return whether two steps, one after the other, agree on a slope far better than it is known."""
    least = entry.uncertainty / BETTER
    quiet = [rung.central for rung in entry.rungs if rung.noise <= least]
    return any(abs(a - b) <= least for a, b in pairwise(quiet))


def _raised(report: Report, subject: Subject) -> str:
    """Say what the function raised while it was probed, where that left something open; else nothing."""
    left = [t for t in report.tensors.values() if any(t.counts[verdict] for verdict in OPEN)]
    rungs = [rung for tensor in left for rung in _open(tensor)]
    failed, went = ([r.step for r in rungs if _finite(r) is finite] for finite in (False, True))
    if subject.tally.trouble is None or not left or (went and not failed):
        return ""
    return f"on {', '.join(t.name for t in left)}: {_said(subject.tally.trouble)}{_where(failed, went)}"


def counted(tally: Tally) -> str:
    """Say how often the function raised while it was probed, and what it raised first; nothing if it did not."""
    if tally.trouble is None or not tally.raised:
        return ""
    return f"{_said(tally.trouble)}, at {tally.raised} of {tally.evaluations} evaluations; they were left out"


def _measured(report: Report) -> bool:
    """Whether any step was possible where something was left open."""
    return any(_finite(rung) for tensor in report.tensors.values() for rung in _open(tensor))


def _open(tensor: TensorResult) -> Iterator[Rung]:
    """Yield the steps that were tried in entries that were left open."""
    for flat in tensor.flat[np.isin(tensor.codes, OPEN)]:
        yield from tensor.rungs.get(int(flat), ())


def _finite(rung: Rung) -> bool:
    return bool(np.isfinite(rung.left) and np.isfinite(rung.right))


def _said(trouble: Exception) -> str:
    """Return what was raised in the user's function, or by us of what it returned."""
    ours = isinstance(trouble, (CallError, InputError))
    said = str(trouble) if ours else f"the function raised {type(trouble).__name__}: {trouble}"
    line = said.strip().partition("\n")[0]
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def _where(failed: list[float], went: list[float]) -> str:
    if not failed:
        return ""
    smallest = _rough(min(failed))
    if not went:
        return f", at every step that was tried, from {smallest} to {_rough(max(failed))}"
    return f", at steps of {smallest} and above" if min(failed) > max(went) else f", at steps as small as {smallest}"


def _rough(value: float) -> str:
    return np.format_float_scientific(value, precision=0, trim="-", exp_digits=1)
