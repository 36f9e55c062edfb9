"""Does a test of its own room fail when one thing is changed? Asked of what no case of the corpus misses.

The test that mirrors the module is asked first, then the others of the room, but for its kept record, which is a case.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.ablation import run
from benchmarks.ablation.edited import EDIT
from benchmarks.ablation.run import Alteration
from benchmarks.ablation.sources import PARTS, ROOT

KEPT = "test_record_of_checks.py"
PLUGINS = ("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "benchmarks.ablation.edited")
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
PATIENCE = 900.0  # seconds
TOO_LONG = "takes too long"


def noticing(changes: Iterable[Alteration], processes: int = 1) -> dict[str, list[str]]:
    """Return by place the tests that fail with a change of it; nothing of a place of which one change passes them all.

    Of a constant that is halved and doubled either must be noticed.
    """
    wanted = list(changes)
    with ThreadPoolExecutor(processes) as pool:
        found = list(tqdm(pool.map(_noticing, wanted), "tests", len(wanted), leave=False, disable=None))
    tests: dict[str, list[str]] = {}
    for change, test in zip(wanted, found, strict=True):
        tests.setdefault(change.place, []).append(test)
    return {place: list(dict.fromkeys(some)) for place, some in tests.items() if all(some)}


def _noticing(change: Alteration) -> str:
    """Return the name of a test that fails with a change, asked now or before; nothing if none does."""
    stored = run.CACHE / f"{run.key_of('tests', change.edit)}.json"
    if not stored.exists():
        run.store(stored, failing(change.edit, asked(change.edit["module"])))
    return str(json.loads(stored.read_text(encoding="utf-8")))


def asked(module: str) -> list[Path]:
    """Return the tests of a module, those that mirror it first; last those of the entries, which use what is shared."""
    _, room, *rest = module.split(".")
    home = ROOT / "tests" / room.removeprefix("_")
    mirror = home.joinpath(*rest[:-1], f"test_{rest[-1]}.py") if rest else home
    users = [ROOT / "tests" / "entries"] if room in PARTS else []
    return [path for path in (mirror, home / "test_constants.py", home, *users) if path.exists()]


def failing(edit: Mapping[str, Any], tests: Iterable[Path]) -> str:
    """Run tests with a change, and return the first that fails; nothing if all pass."""
    words = ("-qx", "--tb=no", "-rfE", f"--ignore-glob=*{KEPT}", *PLUGINS, *map(str, tests))
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    variables = os.environ | {EDIT: json.dumps(edit), "PYTHONPATH": path}
    command = [sys.executable, "-m", "pytest", *words]
    try:
        done = subprocess.run(  # noqa: S603  our own tests
            command, cwd=ROOT, env=variables, timeout=PATIENCE, capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        return TOO_LONG
    named = FAILED.search(done.stdout)
    return named[1] if named else f"ends with {done.returncode}" * bool(done.returncode)
