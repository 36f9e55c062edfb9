"""What does it cost to begin? The import beyond NumPy, and the first check beside the second, in fresh processes."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from benchmarks.waiting.figure import Figure, WaitingRow, spread
from benchmarks.waiting.process import python

GROUP = "the beginning"
TRIALS, IN_A_HURRY = 15, 3
CHECK = """
def f(x): return float(np.sum(np.sin(x) * x))
def grad(x): return FACTOR * (np.cos(x) * x + np.sin(x))
def check():
    begin = time.process_time()
    verdict = str(check_gradients(f, np.array([0.3, -0.7, 1.1]), grad=grad).verdict)
    if verdict != "CORRECT": sys.exit(verdict)
    return time.process_time() - begin
"""
IMPORT = """
import numpy as np, sys, time
begin = time.process_time()
import gradcheck
gradcheck.check_gradients
print(time.process_time() - begin)
"""
FIRST = f"""
import numpy as np, sys, time
from gradcheck import check_gradients
{CHECK}
print(check() - check())
"""


def rows() -> list[WaitingRow]:
    """Return the import and the first check."""
    return [
        WaitingRow(
            GROUP,
            "import gradcheck, check_gradients",
            "import numpy",
            40,
            functools.partial(fresh, IMPORT),
            unit="ms",
        ),
        WaitingRow(GROUP, "the first check", "the second", 30, functools.partial(fresh, FIRST), unit="ms"),
    ]


def fresh(program: str, *, quick: bool, factor: float = 1.0) -> Figure:
    """Return the milliseconds that a program prints in fresh processes; the first compiles, and is not counted."""
    program = program.replace("FACTOR", repr(factor))
    with tempfile.TemporaryDirectory() as folder:
        trials = 1 + (IN_A_HURRY if quick else TRIALS)
        _, *times = (float(python(Path(folder), "-c", program)) * 1e3 for _ in range(trials))
    return Figure(*spread(times), remark=f"{len(times)} processes")
