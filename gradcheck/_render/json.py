"""How is a report kept? As JSON that holds all of it, inf and nan as strings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck._render.escape import encodable
from gradcheck._results.estimate import Rung
from gradcheck._results.report import Problem, Report, Stage, TensorResult
from gradcheck._results.run import Check
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._results.run import Run

LEVELS = 3  # the report, its tensors, their columns: each on a line of its own
DATA = (Check, Report, TensorResult, Problem, Rung, Stage)


def render(report: Report) -> str:
    """Return the report as JSON."""
    return _written({"schema": Report.SCHEMA, "verdict": str(report.verdict), **_plain(report)}, LEVELS)


def render_run(run: Run) -> str:
    """Return the run as JSON."""
    checks = [_plain(check) for check in run.checks]
    page = {"schema": Report.SCHEMA, "verdict": str(run.verdict), "title": run.title, "checks": checks}
    return _written(page, 2 + LEVELS)


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever a field holds
    """Return a value as JSON data."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Verdict):
        return str(value)
    if isinstance(value, DATA):
        told = {f.name: _plain(_column(f.name, getattr(value, f.name))) for f in fields(value)}
        if "tensors" in told:
            told["tensors"] = list(told["tensors"].values())  # they know their names
        return told
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _column(name: str, value: Any) -> Any:  # noqa: ANN401  whatever a field holds
    """Return a column as a list, verdicts for its codes; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    return [Verdict(code) for code in value] if name == "codes" else value.tolist()


def _written(page: dict[str, Any], levels: int) -> str:
    return encodable("".join(_lines(page, 0, levels)) + "\n")


def _lines(value: Any, level: int, levels: int) -> Iterator[str]:  # noqa: ANN401  JSON
    """Yield JSON with a line for every value down to so many levels, and what lies deeper on one."""
    listed = isinstance(value, list) and any(isinstance(v, dict) for v in value)
    if level > levels or not value or not (listed or isinstance(value, dict)):
        yield json.dumps(value, allow_nan=False, ensure_ascii=False)
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    pairs = value.items() if isinstance(value, dict) else ((None, v) for v in value)
    for number, (key, below) in enumerate(pairs):
        yield (",\n" if number else f"{opening}\n") + " " * (level + 1)
        yield "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        yield from _lines(below, level + 1, levels)
    yield f"\n{' ' * level}{closing}"
