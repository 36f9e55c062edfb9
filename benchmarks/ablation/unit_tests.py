"""Does a unit test fail when one thing is changed? Those that mirror its module are asked, then any that read it.

Which do, and how long each takes, is noted in a run without any change. The kept records are no unit tests, but cases.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import pytest
from tqdm import tqdm

from benchmarks.ablation import run
from benchmarks.ablation.edited import ASK, EDIT, NOTE
from benchmarks.ablation.run import Alteration
from benchmarks.ablation.sources import ROOT

KEPT = "test_record_of_checks.py"
PLUGINS = ("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "benchmarks.ablation.edited")
FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
AT_ONCE = 6.0  # seconds that the tests take which are asked about a change, the quickest first
PATIENCE = 200.0  # seconds, after which they take too long
TOO_LONG = "takes too long"


@dataclass(frozen=True)
class UnitTest:
    """One test, and what it showed without any change."""

    test: str  # as pytest calls it
    seconds: float
    seen: frozenset[str]  # what of the numerics it reads

    @property
    def file(self) -> Path:
        """Where it stands."""
        return ROOT / self.test.partition("::")[0]


def noted(processes: int = 1, rooms: Iterable[str] = run.TESTED) -> list[UnitTest]:
    """Return the tests of the rooms, the quickest first, with what each reads: now or before."""
    rooms = tuple(rooms)
    stored = run.CACHE / f"{run.key_of('unit tests', rooms)}.json"
    if not stored.exists():
        with ThreadPoolExecutor(processes) as pool:
            run.store(stored, [line for lines in pool.map(_noted, rooms) for line in lines])
    found = [UnitTest(t["test"], t["seconds"], frozenset(t["seen"])) for t in json.loads(stored.read_text("utf-8"))]
    return sorted(found, key=lambda test: test.seconds)


def _noted(room: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "lines"
        _pytest([room], {NOTE: json.dumps({**run.what_is_noted(), "file": str(file)})})
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


Asked = Callable[[Alteration], list[UnitTest]]  # which tests are asked about a change


def mirroring(tests: Iterable[UnitTest], change: Alteration) -> list[UnitTest]:
    """Return the tests that mirror the module of a change, and those of the constants of its room."""
    files = mirrors(change.edit["module"])
    return [test for test in tests if test.file in files]


def reading(tests: Iterable[UnitTest], change: Alteration) -> list[UnitTest]:
    """Return the tests that read a changed constant, or in which a rule comes to something else."""
    return [test for test in tests if run.concerns(change, test.seen)]


def mirrors(module: str) -> list[Path]:
    """Return where the tests of a module are, and those of the constants of its room."""
    _, room, *rest = module.split(".")
    home = ROOT / "tests" / room.removeprefix("_")
    return [home.joinpath(*rest[:-1], f"test_{rest[-1] if rest else 'door'}.py"), home / "test_constants.py"]


def noticing(
    changes: Iterable[Alteration], asked: Asked, processes: int = 1, until: float = math.inf
) -> dict[str, list[str]]:
    """Return by place the tests that fail with a change of it; nothing of a place of which one change passes them all.

    Of a constant that is halved and doubled either must be noticed. After a time nothing more is asked.
    """
    places = [list(some) for _, some in groupby(changes, key=lambda change: change.place)]
    with ThreadPoolExecutor(processes) as pool:
        told = pool.map(partial(_all, asked, until), places)
        found = list(tqdm(told, "tests", len(places), leave=False, disable=None))
    return {some[0].place: list(dict.fromkeys(t)) for some, t in zip(places, found, strict=True) if t}


def _all(asked: Asked, until: float, changes: Iterable[Alteration]) -> list[str]:
    """Return a test that fails for each of some changes; nothing as soon as none does for one of them."""
    found = []
    for change in changes:
        test = _noticing(change, asked(change)) if time.monotonic() < until else ""
        if not test:
            return []
        found.append(test)
    return found


def _noticing(change: Alteration, tests: Iterable[UnitTest]) -> str:
    """Return the name of a test that fails with a change, asked now or before; nothing if none does."""
    taken = accumulate(test.seconds for test in tests)
    some = [test.test for test, seconds in zip(tests, taken, strict=True) if seconds <= AT_ONCE]
    stored = run.CACHE / f"{run.key_of('tests', change.edit, some)}.json"
    if not stored.exists():
        run.store(stored, failing(change.edit, some) if some else "")
    return str(json.loads(stored.read_text(encoding="utf-8")))


def failing(edit: Mapping[str, Any], tests: Sequence[str]) -> str:
    """Run tests with a change, in their order, and return the first that fails; nothing if all pass."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    with tempfile.TemporaryDirectory() as home:
        names = Path(home) / "names.json"
        names.write_text(json.dumps(tests), encoding="utf-8")
        try:
            done = _pytest(files, {EDIT: json.dumps(edit), ASK: str(names)}, PATIENCE)
        except subprocess.TimeoutExpired:
            return TOO_LONG
    named = FAILED.search(done.stdout)
    none = done.returncode in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    return named[1] if named else "" if none else f"ends with {done.returncode}"


def _pytest(
    tests: Iterable[str], told: Mapping[str, str], patience: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run tests; those that are told of a change stop at the first that fails."""
    words = ("-q", "--tb=no", "-rfE", f"--ignore-glob=*{KEPT}", *PLUGINS, *["-x"] * (EDIT in told), *tests)
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(  # noqa: S603  our own tests
        command,
        cwd=ROOT,
        env=os.environ | {**told, "PYTHONPATH": path},
        timeout=patience,
        capture_output=True,
        text=True,
        check=False,
    )
