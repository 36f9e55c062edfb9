"""What grows with the size of what is checked? Costs beside the peers', time and memory."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmarks import curves
from benchmarks.memory import in_a_process, peak
from gradcheck import Check, Report, Run, check_gradients
from gradcheck.networks import Chain, Dense, Tanh

HEADER = ("what", "size", "evaluations", "CPU s", "of twice less", "MB beyond the first", "bytes an entry, or row")
ABOUT = """# Growth

What a check costs as what is checked grows: {axes}. Each cell says how
often the function was called, and in brackets the CPU time as a multiple of that of one call; float64, one process and
thread, everybody in turn on the same functions of NumPy. The last columns are the CPU time of a peer as a multiple of
ours.

- {layers}: a network of the reference layers; most weights are judged by shifts of pre-activations.
- {function}: a function of which nothing is known; all entries one by one where there are few, along
  directions where there are many.
- {loop}: two calls for each entry, of which {looped} were timed.
- {slow}: `torch.autograd.gradcheck`, up to {patience:,} entries.
- {jax}: `jax.test_util.check_grads`, which looks along a single random direction; that is its price, and no wrong
  entry has a name.

{sections}
## Time and memory

Each size in a process of its own: entries of one array, tensors of two entries each, layers, and the checks in one
report; memory at its peak.

{table}

Measured by `python -m benchmarks growth`, with {versions}.
"""
MEASURE = """\
import json, sys
from benchmarks.growth import measured
print(json.dumps(measured(sys.argv[1], int(sys.argv[2]))))
"""


def entries(size: int) -> int:
    """Check a function of one long array, which it reads piece by piece; return how often it was called."""
    x = np.random.default_rng(0).standard_normal(size)

    def pieces(x: Any) -> float:  # noqa: ANN401
        return sum(float(np.sum(np.sin(x[k : k + (1 << 16)]))) for k in range(0, x.size, 1 << 16))

    return _calls(check_gradients(pieces, x, grad=np.cos))


def tensors(size: int) -> int:
    """Check a function of many small arrays."""
    point = {f"W{k}": np.full(2, 1.0 + k % 7) for k in range(size)}

    def cubes(p: Mapping[str, Any]) -> float:
        return float(sum((a**3).sum() for a in p.values()))

    return _calls(check_gradients(cubes, point, grad=lambda p: {name: 3 * a**2 for name, a in p.items()}))


def layers(size: int) -> int:
    """Check a chain of so many layers."""
    rng = np.random.default_rng(0)
    chain = Chain(tuple(layer for _ in range(size // 2) for layer in (Dense.random(3, 3, rng), Tanh())))
    return _calls(check_gradients(chain, rng.standard_normal((2, 3))))


def rows(size: int) -> int:
    """Write the report on a run of so many checks, as the plugin does, and read it again."""
    x = np.ones(3)
    report = check_gradients(lambda x: float(np.sum(x**3)), x, grad=lambda x: 3 * x**2)
    run = Run(tuple(Check(report, f"test_{k}", "test.py", k) for k in range(size)))
    with tempfile.TemporaryDirectory() as folder:
        for name in ("run.html", "run.json"):
            run.save(Path(folder) / name)
        Run.load(Path(folder) / "run.json")
    return 0


def _calls(report: Report) -> int:
    return report.evaluations


SIZES: Mapping[Callable[[int], int], tuple[int, ...]] = MappingProxyType(
    {
        entries: (100_000, 200_000, 400_000, 800_000),
        tensors: (1_250, 2_500, 5_000, 10_000),
        layers: (20, 40, 80, 160),
        rows: (1_000, 2_000, 4_000, 8_000),
    }
)


def main(output: Path | None = None, *, quick: bool = False) -> None:
    """Measure, print, and write a page with its pictures; with `quick` the two smallest of each, without the peers."""
    # First, as the peak of a process is no less than the memory of the one that starts it.
    alone = table({what.__name__: sizes[: 2 if quick else None] for what, sizes in SIZES.items()})
    sections = curves.sections(None if output is None else output.parent, quick=quick)
    names = [axis.what for axis in curves.AXES]
    page = ABOUT.format(
        axes=f"{', '.join(names[:-1])} and number of {names[-1]}",
        layers=curves.LAYERS,
        function=curves.FUNCTION,
        loop=curves.LOOP,
        looped=curves.LOOPED,
        slow=curves.SLOW,
        patience=curves.PATIENCE,
        jax=curves.JAX,
        sections=sections,
        table=alone,
        versions=curves.versions(quick=quick),
    )
    print(page)
    if output is not None:
        output.write_text(page, encoding="utf-8", newline="\n")


def table(sizes: Mapping[str, tuple[int, ...]]) -> str:
    """Return the rows, each measured in a process of its own, where nothing is left from the one before."""
    found = [row for what, each in sizes.items() for row in _rows(what, each)]
    return tabulate(found, headers=HEADER, tablefmt="github", disable_numparse=True)


def _rows(what: str, sizes: tuple[int, ...]) -> list[list[str]]:
    measures = [in_a_process(MEASURE, what, str(size)) for size in sizes]
    found = []
    for k, (size, one) in enumerate(zip(sizes, measures, strict=True)):
        times = f"{one['seconds'] / measures[k - 1]['seconds']:.1f}" if k else ""
        more = one["bytes"] - measures[0]["bytes"]
        each = f"{more / (size - sizes[0]):,.0f}" if k else ""
        calls, seconds = f"{one['evaluations']:,.0f}", f"{one['seconds']:.2f}"
        found.append([what, f"{size:,}", calls, seconds, times, f"{more / 2**20:.0f}" if k else "", each])
    return found


def measured(what: str, size: int) -> dict[str, float]:
    """Return what one of them takes: seconds of CPU, the peak of memory in bytes, and evaluations."""
    names = {each.__name__: each for each in SIZES}
    begun = time.process_time()
    evaluations = names[what](size)
    seconds = time.process_time() - begun
    return {
        "seconds": seconds,
        "bytes": float(peak()),
        "evaluations": float(evaluations),
    }
