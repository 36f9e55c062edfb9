"""Which benchmark? `python -m benchmarks [speed | traps | calibration | ablation | ...] [--output FILE]`."""

from __future__ import annotations

import argparse
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

BENCHMARKS = {
    "speed": "time and forward passes on a small network, side by side with the peers",
    "traps": "what the checkers say to the hard cases of tests/traps",
    "ablation": "what fails without each constant and each rule of the numerics",
    "calibration": "the true error against the stated uncertainty",
    "ecosystem": "what is said of layers, losses, solvers and derivatives of public packages",
    "faults": "which faults of the reference networks are found, and what they are taken for",
    "growth": "time, memory and evaluations against the size of what is checked",
    "large": "every weight of large networks, and one wrong one in many",
    "opinfo": "what PyTorch's checker and ours say to PyTorch's own operators",
    "startup": "what import and the first check cost, and what the plugin costs a session that checks nothing",
    "cluster": "what a check of a billion weights costs, from constants that are held against real runs",
    "waiting": "CPU time of small checks beside the peers, of the red beside the green, and of the beginning",
    "wrong": "what the evaluations of a wrong gradient are made for, beside those of the right one",
    "workers": "a slow function, evaluated by this process and by others",
}
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)


def main() -> None:
    """Run one of them, single-threaded."""
    known = {name: text for name, text in BENCHMARKS.items() if find_spec(f"benchmarks.{name}")}
    about = "; ".join(f"{name}: {text}" for name, text in known.items())
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("benchmark", nargs="?", choices=list(known), default="speed", help=about)
    parser.add_argument("--output", type=Path, help="write Markdown to this file as well")
    parser.add_argument("--quick", action="store_true", help="the smallest size, once, without the peers")
    parser.add_argument(
        "--only", metavar="PATTERN", help="waiting: rows whose name holds this; ablation: places, as _judge.*"
    )
    ablation = parser.add_argument_group("ablation")
    ablation.add_argument(
        "--corpus", choices=("full", "core", "spread", "sample", "quick"), help="all cases, or fewer of the dearer ones"
    )
    ablation.add_argument("--processes", type=int, metavar="N", help="how many changes are tried at once")
    ablation.add_argument("--minutes", type=float, metavar="N", help="ask nothing more after so many; go on next time")
    options = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    options.setdefault("output", None)
    for name in THREADS:
        os.environ[name] = "1"  # before NumPy is imported, which reads them once
    benchmark = import_module(f"benchmarks.{options.pop('benchmark')}")
    benchmark.main(**options)


if __name__ == "__main__":
    main()
