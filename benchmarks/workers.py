"""How much faster are workers? The same check of a slow function by this process and by others, in turn."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from gradcheck import check_gradients

ENTRIES, REPEATS = 1024, 5
WORK = {"0.1 ms": 20, "1 ms": 200, "1 ms of waiting": 0, "the same, wrong": 0}  # small products in one evaluation
WAIT = 1e-3  # seconds, where there are none: what is shared out shows on a busy machine as well


def main(output: Path | None = None, *, quick: bool = False) -> None:
    """Print, for functions of several costs, the time with workers as a multiple of that without."""
    page = table(entries=100 if quick else ENTRIES, repeats=1 if quick else REPEATS)
    print(page)
    if output is not None:
        output.write_text(f"# Workers\n\nOn {os.cpu_count()} cores.\n\n{page}\n", encoding="utf-8", newline="\n")


def table(entries: int, repeats: int) -> str:
    """Return a row for each way, a column for each cost."""
    ways: dict[str, Any] = {"this process": None, "2 processes": 2, "joblib": "joblib"}
    times = {way: [_times(what, workers, entries, repeats) for what in WORK] for way, workers in ways.items()}
    rows = [
        [way, *(f"{a / b:.2f}" for a, b in zip(row, times["this process"], strict=True))] for way, row in times.items()
    ]
    return tabulate(rows, headers=["who evaluates", *WORK], tablefmt="github", disable_numparse=True)


def _times(what: str, workers: Any, entries: int, repeats: int) -> float:  # noqa: ANN401
    x = np.linspace(-1, 1, entries)
    square = np.eye(32) / 2
    work = WORK[what]

    def slow(x: Any) -> float:  # noqa: ANN401
        for _ in range(work):
            square @ square
        if not work:
            time.sleep(WAIT)
        return float(np.sum(np.sin(x)))

    def grad(x: Any) -> Any:  # noqa: ANN401
        return np.cos(x) * np.where(np.arange(x.size) % 7 == 0, 1.01, 1.0) if "wrong" in what else np.cos(x)

    def timed() -> float:
        start = time.perf_counter()
        check_gradients(slow, x, grad=grad, workers=workers)
        return time.perf_counter() - start

    return statistics.median(timed() for _ in range(repeats))
