"""What do the checks say that are kept beside the tests? The same as it was decided, or another thing."""

from __future__ import annotations

import hashlib
import re
import runpy
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.ablation.sources import ROOT

RECORD = "record "
RECORDED = tuple(f"tests/{room}" for room in ("entries", "protocol", "diagnose"))


def records() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return the checks of every room whose answers are kept."""
    from benchmarks.traps import tests_in_reach

    with tests_in_reach():
        return {
            f"{RECORD}{test.parent.name}: {name}": partial(_facts, test, name, case)
            for test in (ROOT / room / "test_record_of_checks.py" for room in RECORDED)
            for name, case in runpy.run_path(str(test))["CASES"].items()
        }


def _facts(test: Path, name: str, case: Callable[[], list[str]]) -> dict[str, Any]:
    record = import_module("record")  # of the tests: their cases have imported it
    lines = case()
    others = record.differences(lines, record.kept(test)[name])
    spent = re.search(rf"(\d+) {record.COST}", " ".join(lines[:1]))  # of a diagnosis that says nothing: none
    return {
        "fault": f"says {others[0]}" if others else "",
        "evaluations": int(spent[1]) if spent else 0,
        "print": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
    }
