"""How much memory does a check of much take, beside what the model takes by itself?

Each is measured in a process of its own: the peak after one value and one gradient, and after the check.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gradcheck import Report, check_gradients
from gradcheck.networks import Chain, CrossEntropy, parameters

SCRIPT = """\
import sys
from benchmarks.large import network
from benchmarks.memory import main
main(sys.argv[1], network)
"""
PIECE = 65_536  # entries that the function reads at once, so that it needs no memory of its own
WHAT = ("W5", "1e7", "1e8")
FIRST = 10_000  # entries of a check that is made before anything is measured
HEADERS = ["what", "judged", "own, in GB", "above, in GB", "above, times the weights"]


@dataclass(frozen=True)
class Weighed:
    """A check, what its model does by itself, and the size of its weights in bytes."""

    model: Callable[[], object]
    check: Callable[[], Report]
    weights: int


def box(size: int) -> Weighed:
    """Return a sum of sines, of which nobody says how it is made."""
    x, rng = np.empty(size), np.random.default_rng(0)
    for first in range(0, size, PIECE):
        x[first : first + PIECE] = rng.standard_normal(min(PIECE, size - first))

    def value(x: Any) -> float:  # noqa: ANN401
        return sum(float(np.sin(x[first : first + PIECE]).sum()) for first in range(0, x.size, PIECE))

    return Weighed(lambda: (value(x), np.cos(x)), lambda: check_gradients(value, x, grad=np.cos), x.nbytes)


def network(net: Chain, x: Any, loss: CrossEntropy) -> Weighed:  # noqa: ANN401
    """Return a network with its loss, all weights of which are measured."""

    def model() -> object:
        y, back = net.forward(x)
        _, back_of_loss = loss.forward(y)
        return back(back_of_loss(1.0)[0])

    weights = sum(array.nbytes for array in parameters(net).values())
    return Weighed(model, lambda: check_gradients(net, x, loss=loss), weights)


def main(what: str, made: Callable[[str], tuple[Chain, Any, CrossEntropy]]) -> None:
    """Print, as JSON, what was judged, and the peaks in bytes; `made` makes a network of its name."""
    case = network(*made(what)) if what.startswith("W") else box(int(float(what)))
    box(FIRST).check()
    case.model()
    own = peak()
    report = case.check()
    judged = f"{report.checked:,} of {sum(t.size for t in report.tensors.values()):,}, {report.verdict.name}"
    print(json.dumps({"judged": judged, "own": own, "above": peak() - own, "weights": case.weights}))


def peak() -> int:
    """Return the most memory that this process, or the one that started it, has held so far, in bytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def in_a_process(script: str, *given: str) -> dict[str, Any]:
    """Return what a script prints, as JSON, in a process of its own."""
    command = [sys.executable, "-c", script, *given]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])  # noqa: S603  ours
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def row(what: str) -> list[str]:
    """Return a row on one of them, measured in a process of its own."""
    found = in_a_process(SCRIPT, what)
    own, above = (f"{found[each] / 2**30:.2f}" for each in ("own", "above"))
    name = what if what.startswith("W") else f"a function of {int(float(what)):,} entries"
    return [name, found["judged"], own, above, f"{found['above'] / found['weights']:.1f}"]
