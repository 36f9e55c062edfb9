"""Which reports pass? Not those with anything wrong or broken; what could not be decided gives a warning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import by_columns
from gradcheck._judge.tolerance import Slack
from gradcheck._model.oracle import Array, Oracle
from gradcheck._options import Options
from gradcheck._results.errors import UndecidedWarning
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict


def options(slack: Slack, *, fast: bool = False) -> Options:
    """Return how these functions measure: every entry, at the given point only, as their originals do.

    Or, if it is to be `fast`, along a few directions, and those entries that disagree.
    """
    return Options(neighbours=0, progress=False, slack=slack, hasty=fast)


def forward_mode_alone(oracle: Oracle) -> Oracle:
    """Return an oracle that claims what forward mode says, and nothing else."""
    return replace(by_columns(oracle), examine=None, parts=None, undone=None)


def fails(report: Report) -> bool:
    """Whether anything is wrong or broken, except that the function jumps at the given point.

    There it has no slope that a claim could be held against.
    """
    return bool(report.wrong or report.problems or any(_not_finite(t) for t in report.tensors.values()))


def _not_finite(tensor: TensorResult) -> bool:
    return not bool(np.isfinite(tensor.claims[tensor.codes == Verdict.BROKEN]).all())


def warn(report: Report) -> None:
    """Warn of undecided entries; the warning points at the user's call."""
    noisy, jumps = (report.counts[v] for v in (Verdict.UNDECIDED, Verdict.BROKEN))
    found = [f"{noisy} could not be decided"] * bool(noisy)
    found += [f"at {jumps} the function is not continuous"] * bool(jumps)
    if found:
        text = f"of {report.checked} entries of {report.name} {' and '.join(found)}"
        warnings.warn(text, UndecidedWarning, stacklevel=_callers())


def _callers() -> int:
    """Return the stacklevel of a warning, from where it is given up to the user's own call."""
    frame, level = sys._getframe(1), 1  # noqa: SLF001
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith(__package__):
        frame, level = frame.f_back, level + 1
    return level


def steady(oracle: Oracle, tolerance: float) -> Oracle:
    """Return an oracle whose gradient, asked again at the same point, is the first unless it differs by more.

    A gradient that varies allows no further tests, such as whether it is linear in the cotangent.
    """
    if not tolerance:
        return oracle
    point: dict[str, bytes] = {}
    first: dict[str, Array] = {}

    def gradient(at: Mapping[str, Array]) -> dict[str, Array]:
        claims: dict[str, Array] = oracle.gradient(at)
        here = {path: np.asarray(a).tobytes() for path, a in at.items()}
        if here != point or not _near(claims, first, tolerance):
            point.clear()
            point.update(here)
            first.clear()
            first.update(claims)
        return {path: np.array(a) for path, a in first.items()}

    return replace(oracle, gradient=gradient, pullback=None, examine=None)


def _near(claims: Mapping[str, Any], first: Mapping[str, Any], tolerance: float) -> bool:
    return all(bool(np.all(np.abs(claims[path] - first[path]) <= tolerance)) for path in first)
