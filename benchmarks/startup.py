"""What does the plugin cost a session of pytest that checks nothing? Its import, and whole sessions, in pairs."""

from __future__ import annotations

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
LINE = re.compile(r"import time: +(\d+) \| +(\d+) \| +(\S+)$", re.MULTILINE)  # by itself, with what it imports


def python(folder: Path, *options: str) -> tuple[float, str]:
    """Run Python; return the seconds it took, and what it wrote to stderr."""
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, *options], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603  our own
    return time.perf_counter() - begin, done.stderr


def imported(folder: Path) -> tuple[int, int]:
    """Return the microseconds that the import of the plugin costs: by itself, and with what it is the first to load."""
    # Pytest loads its plugins by importlib, of which -X importtime says nothing.
    _, log = python(folder, "-X", "importtime", "-c", f"import pytest, {', '.join(PLUGIN)}")
    costs = {name: (int(alone), int(whole)) for alone, whole, name in LINE.findall(log)}
    alone, whole = zip(*(costs[name] for name in PLUGIN), strict=True)
    return sum(alone), sum(whole)


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
    start = statistics.median(without)
    difference = statistics.median(a - b for a, b in zip(with_plugin, without, strict=True))
    rows = [
        ("import of hooks and session, by themselves", f"{alone:,.0f} µs", f"{alone / start / 1e6:.2%} of a session"),
        ("with what they are the first to import", f"{whole:,.0f} µs", f"{whole / start / 1e6:.2%} of a session"),
        ("a whole session without it", f"{start * 1e3:.0f} ms", "pytest --co -p no:gradcheck"),
        ("a whole session with it", f"{statistics.median(with_plugin) * 1e3:.0f} ms", "pytest --co"),
        ("the difference of a pair", f"{difference * 1e3:+.1f} ms", f"median of {trials} pairs"),
    ]
    text = tabulate(rows, ["what", "time", ""], tablefmt="github", colalign=("left", "right", "left"))
    print(text)
    if output is not None:
        page = f"# What the plugin costs where nothing is checked\n\n{text}\n"
        output.write_text(page, encoding="utf-8", newline="\n")
    if whole > LIMIT:
        sys.exit(f"the plugin costs {whole:,.0f} µs, more than the {LIMIT:,} that it may")
