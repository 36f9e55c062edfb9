"""Which error does a report lead to?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gradcheck._results.errors import BiasMismatch, GradientError, InputMismatch, WeightMismatch
from gradcheck._results.report import Report
from gradcheck._results.verdict import Verdict

MISMATCH: Mapping[str, type[GradientError]] = MappingProxyType(
    {"weight": WeightMismatch, "bias": BiasMismatch, "input": InputMismatch, "parameter": WeightMismatch}
)


def failure_of(report: Report) -> type[GradientError] | None:
    """Return the error for a report, None if it passes."""
    worst = max(
        (t for t in report.tensors.values() if t.wrong), key=lambda t: t.worst.multiple if t.worst else 0, default=None
    )
    if worst is not None:
        return MISMATCH.get(worst.kind, GradientError)
    if report.problems or (report.verdict is Verdict.UNTESTED and not _anything_tested(report)):
        return GradientError
    broken = any(t.verdict is Verdict.BROKEN for t in report.tensors.values())
    hopeless = any(t.checked and t.counts[Verdict.UNDECIDED] == t.checked for t in report.tensors.values())
    return GradientError if broken or hopeless else None


def _anything_tested(report: Report) -> bool:
    return any(t.verdict is not Verdict.UNTESTED for t in report.tensors.values())
