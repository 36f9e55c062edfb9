"""Is what is wrong wrong at another point than the given one, and at which?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck._results.estimate import Entry
    from gradcheck._results.report import Report, TensorResult

HERE = "the given point"
BESIDE = "a rule is broken, whatever the entries below say: see the problem"
ALONE = "what is claimed breaks a rule: see the problem"


def whereabouts(tensor: TensorResult, entry: Entry) -> str:
    """Return where an entry was measured, with the numbers of that point; nothing if it is the given one."""
    if entry.where == HERE:
        return ""
    point = tensor.points.get(entry.where, "")
    return f"{entry.where} ({point})" if point else entry.where


def lead(report: Report, *, numbers: bool = True) -> str:
    """Return what is the matter, in a sentence: that of the verdict, or where it is wrong if it is so only nearby.

    Without `numbers`, those of the point are left out: a message beside the sentence tells them.
    """
    if _by_problem(report):
        return BESIDE if report.tensors else ALONE
    wrong = [(t, t.worst) for t in report.tensors.values() if t.verdict is Verdict.WRONG and t.worst is not None]
    here = [entry for _, entry in wrong if entry.where == HERE]
    if not wrong or here or report.verdict is not Verdict.WRONG or report.problems:
        return report.verdict.sentence
    tensor, entry = max(wrong, key=lambda pair: pair[1].multiple)
    there = whereabouts(tensor, entry) if numbers else entry.where
    return f"nothing is wrong at the given point, but {entry.name} is at {there}"


def _by_problem(report: Report) -> bool:
    """Whether it is not the entries that make a report what it is; where there are none, a broken one is said to be."""
    found = max((t.verdict for t in report.tensors.values()), default=Verdict.CORRECT)
    told = report.verdict is Verdict.WRONG or (report.verdict is Verdict.BROKEN and bool(report.tensors))
    return told and found < report.verdict
