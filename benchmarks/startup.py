"""What does it cost to begin? The import, the first check, the plugin where nothing is checked, and its fixture."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

PLUGIN = ("_gradcheck_pytest", "gradcheck._plugin.session")  # the hooks, and what they load at every start
TRIALS = 15
LIMIT = 10_000  # microseconds that the import of both may cost
IMPORT, FIRST, FIXTURE = 40, 30, 1.2  # reach: milliseconds beyond NumPy, beside the second, times the bare function
CHECKS = 200  # by the fixture, and by the bare function
CHECKED = """
import time
import numpy as np
def f(x): return float(np.sum(np.sin(x) * x**2))
def g(x): return np.cos(x) * x**2 + 2 * x * np.sin(x)
x = np.array([0.3, -1.2, 0.8])
"""
BEGIN = f"""{CHECKED}
clock = time.process_time
start = clock()
from gradcheck import check_gradients
times = [clock() - start]
for _ in range(2):
    start = clock()
    check_gradients(f, x, grad=g)
    times.append(clock() - start)
import sys
print(*times, file=sys.stderr)
"""
IN_PYTEST = f"""{CHECKED}
import statistics
import sys
from gradcheck import check_gradients
def test_fixture(gradcheck):
    ratios = []
    for _ in range({CHECKS}):
        start = time.process_time()
        gradcheck(f, x, grad=g)
        between = time.process_time()
        check_gradients(f, x, grad=g)
        ratios.append((between - start) / (time.process_time() - between))
    sys.__stderr__.write(f"ratio {{statistics.median(ratios[1:])}}")
"""
LINE = re.compile(r"import time: +(\d+) \| +(\d+) \| +(\S+)$", re.MULTILINE)  # by itself, with what it imports


def python(folder: Path, *options: str) -> tuple[float, str]:
    """Run Python; return the seconds it took, and what it wrote to stderr."""
    begin = time.perf_counter()
    # As installed packages are: with their bytecode.
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    command = [sys.executable, *options]
    done = subprocess.run(command, cwd=folder, env=compiled, capture_output=True, text=True, check=True)  # noqa: S603  our own
    return time.perf_counter() - begin, done.stderr


def imported(folder: Path) -> tuple[int, int]:
    """Return the microseconds that the import of the plugin costs: by itself, and with what it is the first to load."""
    # Pytest loads its plugins by importlib, of which -X importtime says nothing.
    _, log = python(folder, "-X", "importtime", "-c", f"import pytest, {', '.join(PLUGIN)}")
    costs = {name: (int(alone), int(whole)) for alone, whole, name in LINE.findall(log)}
    alone, whole = zip(*(costs[name] for name in PLUGIN), strict=True)
    return sum(alone), sum(whole)


def begun(folder: Path, trials: int) -> tuple[float, float]:
    """Return the milliseconds of CPU time of the import beyond NumPy, and of the first check beyond the second."""
    found = [[float(word) * 1e3 for word in python(folder, "-c", BEGIN)[1].split()] for _ in range(trials + 1)]
    imports, firsts, seconds = zip(*found[1:], strict=True)  # the first compiles what is not yet compiled
    beside = [first - second for first, second in zip(firsts, seconds, strict=True)]
    return statistics.median(imports), statistics.median(beside)


def by_fixture(folder: Path) -> float:
    """Return how many times as long a small check takes by the fixture as by the bare function."""
    (folder / "test_fixture.py").write_text(IN_PYTEST, encoding="utf-8")
    _, told = python(folder, "-m", "pytest", "-q", "-s", "test_fixture.py")
    (folder / "test_fixture.py").unlink()
    return float(told.split()[-1])


def sessions(folder: Path, trials: int) -> tuple[list[float], list[float]]:
    """Return the seconds of sessions with the plugin and without it, in pairs, the order changing."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for trial in range(trials):
        for plugin in ((True, False), (False, True))[trial % 2]:
            options = () if plugin else ("-p", "no:gradcheck")
            seconds, _ = python(folder, "-m", "pytest", "--co", "-q", *options)
            times[plugin].append(seconds)
    return times[True], times[False]


def main(output: Path | None = None, *, quick: bool = False) -> None:
    """Measure, print the table, and exit 1 if the import costs more than it may."""
    trials = 3 if quick else TRIALS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_nothing.py").write_text("def test(): pass\n", encoding="utf-8")
        sessions(folder, 1)  # compiles what is not yet compiled
        alone, whole = map(statistics.median, zip(*(imported(folder) for _ in range(trials)), strict=True))
        with_plugin, without = sessions(folder, trials)
        first_import, first_check = begun(folder, trials)
        fixture = by_fixture(folder)
    start = statistics.median(without)
    difference = statistics.median(a - b for a, b in zip(with_plugin, without, strict=True))
    rows = [
        ("import of hooks and session, by themselves", f"{alone:,.0f} µs", f"{alone / start / 1e6:.2%} of a session"),
        ("with what they are the first to import", f"{whole:,.0f} µs", f"{whole / start / 1e6:.2%} of a session"),
        ("a whole session without it", f"{start * 1e3:.0f} ms", "pytest --co -p no:gradcheck"),
        ("a whole session with it", f"{statistics.median(with_plugin) * 1e3:.0f} ms", "pytest --co"),
        ("the difference of a pair", f"{difference * 1e3:+.1f} ms", f"median of {trials} pairs"),
        ("import of check_gradients beyond NumPy, CPU", f"{first_import:.0f} ms", f"reach {IMPORT} ms"),
        ("the first check beside the second, CPU", f"{first_check:.0f} ms", f"reach {FIRST} ms"),
        ("a small check by the fixture, of the bare function", f"{fixture:.2f} times", f"reach {FIXTURE}"),
    ]
    text = tabulate(rows, ["what", "time", ""], tablefmt="github", colalign=("left", "right", "left"))
    print(text)
    if output is not None:
        page = f"# What it costs to begin\n\n{text}\n"
        output.write_text(page, encoding="utf-8", newline="\n")
    if whole > LIMIT:
        sys.exit(f"the plugin costs {whole:,.0f} µs, more than the {LIMIT:,} that it may")
