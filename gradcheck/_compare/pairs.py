"""Which checks of two runs belong together, and what has changed in each? Matched by test, model and tensor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from gradcheck._compare.changes import Change, Comparison, Grade
from gradcheck._render.figures import count, number
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

Key = tuple[str, str, int]  # a test, a model, and how many of the same stand before it

BEYOND_DOUBT = 1e-11  # of a tensor's largest claim: to be less uncertain than that changes nothing
FACTOR = 10.0  # by which an uncertainty must have moved to be told
NEWLY: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.CORRECT: "newly right",
        Verdict.KINK: "newly a kink",
        Verdict.UNTESTED: "newly untested",
        Verdict.UNDECIDED: "newly undecided",
        Verdict.BROKEN: "newly broken",
        Verdict.WRONG: "newly wrong",
    },
)


def compare(old: Run, new: Run, factor: float = FACTOR) -> Comparison:
    """Return what has changed from one run to another; uncertainties only where they moved by more than the factor."""
    before, after = _keyed(old), _keyed(new)
    changes: list[Change] = []
    same = 0
    for key in [*before, *(key for key in after if key not in before)]:
        found = list(_changes(before.get(key), after.get(key), factor))
        changes += found
        if key in before and key in after:
            touched = {change.tensor for change in found}
            same += sum(name not in touched for name in after[key].report.tensors)
    return Comparison(tuple(sorted(changes, key=lambda change: -change.grade)), same, tuple(_notes(old, new)))


def _keyed(run: Run) -> dict[Key, Check]:
    seen: Counter[tuple[str, str]] = Counter()
    keyed = {}
    for check in run.checks:
        name = check.test, check.report.name
        keyed[*name, seen[name]] = check
        seen[name] += 1
    return keyed


def _changes(old: Check | None, new: Check | None, factor: float) -> Iterator[Change]:
    """Yield what has changed in a check that was made in both runs, or in one of them."""
    known = new or old
    if known is None:
        return
    change = partial(Change, test=known.test, model=known.report.name, file=known.file, line=known.line)
    if old is not None and new is not None:
        yield from _within(old.report, new.report, factor, change)
        return
    yield _come_or_gone(change, "", old.report.verdict if old else None, new.report.verdict if new else None)


def _within(old: Report, new: Report, factor: float, change: partial[Change]) -> Iterator[Change]:
    """Yield what has changed in a report: the protocol that it kept, and each tensor."""
    was, now = _kept(old), _kept(new)
    if was != now:
        yield change(what=NEWLY[now], grade=_grade(was, now), tensor="", was=str(was), now=str(now))
    if not new.tensors and new.problems:  # then there is nothing to say of any tensor
        return
    for name in [*old.tensors, *(name for name in new.tensors if name not in old.tensors)]:
        before, after = old.tensors.get(name), new.tensors.get(name)
        if before is not None and after is not None:
            yield from _tensor(before, after, factor, partial(change, tensor=name))
        else:
            gone, come = (found.verdict if found else None for found in (before, after))
            yield _come_or_gone(change, name, gone, come)


def _kept(report: Report) -> Verdict:
    """Return the worst breach of the protocol; CORRECT if there is none."""
    return max((problem.verdict for problem in report.problems), default=Verdict.CORRECT)


def _tensor(old: TensorResult, new: TensorResult, factor: float, change: partial[Change]) -> Iterator[Change]:
    if old.verdict is not new.verdict:
        grade = _grade(old.verdict, new.verdict)
        yield change(what=NEWLY[new.verdict], grade=grade, was=str(old.verdict), now=str(new.verdict))
    if old.checked != new.checked:
        fewer = new.checked < old.checked
        grade, what = (Grade.LESS, "fewer entries") if fewer else (Grade.DIFFERENT, "more entries")
        yield change(what=what, grade=grade, was=f"{count(old.checked)} checked", now=f"{count(new.checked)} checked")
    was, now = _typical(old), _typical(new)
    said = {"was": f"± {number(was, 1)}", "now": f"± {number(now, 1)}"}
    matters = BEYOND_DOUBT * float(np.max(np.abs(old.claims), where=np.isfinite(old.claims), initial=0.0))
    if now > max(was * factor, matters):
        yield change(what="less certain", grade=Grade.LESS, **said)
    elif was > max(now * factor, matters):
        yield change(what="more certain", grade=Grade.BETTER, **said)


def _typical(tensor: TensorResult) -> float:
    """Return the median uncertainty of the entries that are uncertain at all, nan if there is none."""
    uncertain = tensor.uncertainties[tensor.uncertainties > 0]
    return float(np.median(uncertain)) if len(uncertain) else float("nan")


def _come_or_gone(change: partial[Change], tensor: str, was: Verdict | None, now: Verdict | None) -> Change:
    """Return what is there in one run alone; what comes and is not right makes the run worse."""
    said = {"tensor": tensor, "was": str(was or ""), "now": str(now or "")}
    if now is None:
        return change(what="vanished", grade=Grade.LESS, **said)
    if now > Verdict.KINK:
        return change(what=NEWLY[now], grade=Grade.WORSE, **said)
    return change(what="appeared", grade=Grade.DIFFERENT, **said)


def _grade(was: Verdict, now: Verdict) -> Grade:
    if now > max(was, Verdict.KINK):
        return Grade.WORSE
    return Grade.BETTER if now <= Verdict.KINK < was else Grade.DIFFERENT


def _notes(old: Run, new: Run) -> Iterator[str]:
    """Yield what was different about the runs themselves: versions, seeds."""
    was, now = _circumstances(old), _circumstances(new)
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield f"{name}: {was.get(name, 'none')} before, {now.get(name, 'none')} now"


def _circumstances(run: Run) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for check in run.checks:
        for name, value in {**check.report.environment, "seed": str(check.report.seed)}.items():
            found.setdefault(name, set()).add(value)
    return {name: ", ".join(sorted(values)) for name, values in found.items()}
