"""How does the cost of a check grow with weights, depth, width, batch and tensors? Ours beside the peers', in turn.

Everybody is given the same functions of NumPy, in one process and thread: what is compared are ratios.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from tabulate import tabulate
from tqdm import tqdm

from benchmarks.dense_numpy import cross_entropy, gradient
from benchmarks.looped import an_entry
from benchmarks.peers import PASSES, PEERS
from benchmarks.questions import Array, Question, of_params
from benchmarks.waiting.clock import seconds
from gradcheck import Report, Verdict, check_gradients
from gradcheck.networks import CrossEntropy, Tanh, mlp, parameters

LAYERS, FUNCTION, LOOP = "gradcheck, layers", "gradcheck, function", "textbook loop"
SLOW, JAX = "torch slow", "JAX float64"  # as the peers are called
COLOURS = {LAYERS: "#0072b2", FUNCTION: "#56b4e9", LOOP: "#767676", SLOW: "#d55e00", JAX: "#009e73"}  # Okabe and Ito
MARKS = {LAYERS: "o-", FUNCTION: "s-", LOOP: "^--", SLOW: "v--", JAX: "d:"}  # nothing is told by colour alone
PATIENCE = 5_000  # entries above which torch, which takes one after the other, is not asked
LOOPED = 50  # entries of which the textbook loop is timed; the others cost as much
DEAR, TURNS = 1.0, 3  # seconds above which a checker is asked once; otherwise once more in each turn
TENSORS_OF = 1_024  # entries, in all tensors together


class Network:
    """Layers x W + b with tanh between them, and softmax cross-entropy on top."""

    def __init__(self, widths: Sequence[int], batch: int) -> None:
        rng = np.random.default_rng(0)
        self.layers = mlp(widths, Tanh(), rng)  # the same as a network of ours
        self.x, self.labels = rng.standard_normal((batch, widths[0])), rng.integers(0, widths[-1], batch)
        self.calls = 0

    @property
    def point(self) -> dict[str, Array]:
        """Weights and biases, layer by layer."""
        return parameters(self.layers)

    def value(self, p: Mapping[str, Array]) -> float:
        """The mean of the cross-entropy."""
        self.calls += 1
        return cross_entropy(p, self.x, self.labels)

    def grad(self, p: Mapping[str, Array]) -> dict[str, Array]:
        """Its gradient."""
        return gradient(p, self.x, self.labels)


class Pieces:
    """A sum of sines, of entries that lie in so many tensors."""

    def __init__(self, count: int) -> None:
        entries = np.random.default_rng(0).standard_normal(TENSORS_OF)
        self.point = {f"W{k}": piece for k, piece in enumerate(np.split(entries, count))}
        self.calls = 0

    def value(self, p: Mapping[str, Array]) -> float:
        """The function."""
        self.calls += 1
        return float(sum(np.sin(piece).sum() for piece in p.values()))

    def grad(self, p: Mapping[str, Array]) -> dict[str, Array]:
        """Its gradient."""
        return {name: np.cos(piece) for name, piece in p.items()}


Case = Network | Pieces


@dataclass(frozen=True)
class Axis:
    """Something that grows: what it is called, its sizes, and what is checked at each of them."""

    what: str
    about: str
    sizes: tuple[int, ...]
    make: Callable[[int], Case]


AXES = (
    Axis(
        "weights",
        "Networks of n, n and 10 units, a batch of 32",
        (8, 32, 128, 512, 990),
        lambda n: Network((n, n, 10), 32),
    ),
    Axis(
        "depth",
        "n layers of 16 units each, a batch of 32",
        (2, 4, 8, 16, 32),
        lambda n: Network((16,) * (n + 1), 32),
    ),
    Axis(
        "width",
        "64 inputs, n hidden units, 10 outputs, a batch of 32",
        (4, 16, 64, 256, 1_024),
        lambda n: Network((64, n, 10), 32),
    ),
    Axis("batch", "64 inputs, 32 hidden units, 10 outputs", (1, 8, 64, 512), lambda n: Network((64, 32, 10), n)),
    Axis("tensors", f"A sum of {TENSORS_OF:,} sines of entries in n tensors", (1, 4, 16, 64, 256), Pieces),
)


Checker = Callable[[Case], bool | None]  # of a case: whether it passes; None where it is not asked


def by_layers(case: Case) -> bool | None:
    """Check a network whose layers are known."""
    if isinstance(case, Pieces):
        return None
    return _passes(case, check_gradients(case.layers, case.x, loss=CrossEntropy(case.labels), wrt="layers*"))


def as_function(case: Case) -> bool:
    """Check a function of which nothing is known."""
    return _passes(case, check_gradients(case.value, case.point, grad=case.grad))


def _passes(case: Case, report: Report) -> bool:
    case.calls = report.evaluations  # the attributes of what is checked are put back at the end
    return report.verdict is Verdict.CORRECT


def of_peer(name: str, limit: int | None = None) -> Checker:
    """Return what asks a peer, unless there are too many entries for it."""
    (peer,) = (peer for peer in PEERS if peer.name == name)
    return lambda case: None if limit and size_of(case) > limit else peer.says(question(case)) == PASSES


def question(case: Case) -> Question:
    """Return a case as it is put to those who know arrays only."""
    return of_params(case.point, case.value, case.grad)


def size_of(case: Case) -> int:
    """Return the number of entries."""
    return sum(array.size for array in case.point.values())


@dataclass(frozen=True)
class CheckCost:
    """What a check takes: calls of the function, CPU time as a multiple of that of one call, and whether it passes."""

    calls: float
    time: float
    passed: bool


@dataclass(frozen=True)
class GrowthRow:
    """A size, how many entries that makes, the CPU time of one call in seconds, and the costs."""

    size: int
    entries: int
    call: float
    costs: Mapping[str, CheckCost]  # by checker, without those that were not asked


def checkers(*, quick: bool) -> dict[str, Checker]:
    """Return ours, and the peers that are installed."""
    ours: dict[str, Checker] = {LAYERS: by_layers, FUNCTION: as_function}
    if quick:
        return ours
    installed = {peer.name for peer in PEERS if peer.version}
    limits = {SLOW: PATIENCE, JAX: None}
    return ours | {name: of_peer(name, limit) for name, limit in limits.items() if name in installed}


def row(axis: Axis, size: int, asked: Mapping[str, Checker]) -> GrowthRow:
    """Measure the costs of one size: each checker in turn, beside calls of the function."""
    case = axis.make(size)
    entries, point = size_of(case), case.point
    costs = {LOOP: CheckCost(2.0 * entries, 0.0, passed=True)} | _asked_once(case, asked)
    value = partial(case.value, point)
    largest = max(point.values(), key=np.size)

    def turn() -> dict[str, float]:
        """Return the CPU time of each as a multiple of that of one call."""
        one = seconds(value, LOOPED)
        times = {name: costs[name].time for name in costs}
        times |= {name: seconds(partial(asked[name], case), 1) for name in asked if 0 < times.get(name, 0) < DEAR}
        times[LOOP] = entries * an_entry(value, largest, min(LOOPED, largest.size))
        return {name: time / one for name, time in times.items()} | {"": one}

    turns = [turn() for _ in range(TURNS)]
    timed = {name: replace(cost, time=median(one[name] for one in turns)) for name, cost in costs.items()}
    return GrowthRow(size, entries, median(one[""] for one in turns), timed)


def _asked_once(case: Case, asked: Mapping[str, Checker]) -> dict[str, CheckCost]:
    """Ask each once; return how often it called the function, its CPU time in seconds, and what it said."""
    found = {}
    for name, check in asked.items():
        case.calls = 0
        begin = process_time()
        passed = check(case)
        if passed is not None:
            found[name] = CheckCost(float(case.calls), process_time() - begin, passed=passed)
    return found


def versions(*, quick: bool) -> str:
    """Return the packages that were asked, with their versions."""
    packages = {peer.package: peer.version for peer in PEERS if peer.name in (SLOW, JAX) and peer.version and not quick}
    known = {"numpy": np.__version__} | packages
    return ", ".join(f"{name} {version.split('+')[0]}" for name, version in known.items())


# ----------------------------------------------------------------------------------------- the tables and pictures


def section(axis: Axis, rows: Sequence[GrowthRow], picture: str) -> str:
    """Return what is said of one axis, with its picture and its table."""
    names = [name for name in COLOURS if any(name in one.costs for one in rows)]
    head = ["n", "entries", "a call", *names, *(f"times {name}" for name in names if name in (LOOP, SLOW))]
    table = tabulate([_cells(one, names) for one in rows], head, tablefmt="github", disable_numparse=True)
    return f"## {axis.what.capitalize()}\n\n{axis.about}.\n\n![{axis.what}]({picture})\n\n{table}\n"


def _cells(one: GrowthRow, names: Sequence[str]) -> list[str]:
    ours = one.costs.get(LAYERS, one.costs[FUNCTION])
    costs = [_said(one.costs.get(name)) for name in names]
    faster = [_times(c.time / ours.time) if (c := one.costs.get(n)) else "–" for n in names if n in (LOOP, SLOW)]
    return [f"{one.size:,}", f"{one.entries:,}", f"{1e3 * one.call:.2g} ms", *costs, *faster]


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"


def _said(cost: CheckCost | None) -> str:
    if cost is None:
        return "–"
    return f"{cost.calls:,.0f} ({cost.time:,.0f})" + ("" if cost.passed else ", a false alarm")


def draw(axis: Axis, rows: Sequence[GrowthRow], path: Path) -> None:
    """Draw calls of the function, and CPU time, against the sizes."""
    from matplotlib import style
    from matplotlib.figure import Figure

    by_entries = axis.what == "weights"
    with style.context("default"):  # whatever the user's own style is
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        for name, colour in COLOURS.items():
            known = [(one.entries if by_entries else one.size, one.costs[name]) for one in rows if name in one.costs]
            for side, what in ((left, "calls"), (right, "time")):
                numbers = [getattr(cost, what) for _, cost in known]
                if known:
                    side.plot([size for size, _ in known], numbers, MARKS[name], color=colour, label=name, markersize=5)
        for side, title in ((left, "calls of the function"), (right, "CPU time, in calls of the function")):
            side.set(xscale="log", yscale="log", xlabel=axis.what, title=title)
            side.grid(visible=True, which="major", alpha=0.3)
            side.spines[["top", "right"]].set_visible(False)
        figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=len(COLOURS), frameon=False)
        figure.savefig(path, dpi=100, metadata={"Software": None})


def sections(folder: Path | None, *, quick: bool) -> str:
    """Measure all, and return what is said of it; the pictures are drawn if there is a place for them.

    With `quick` the two smallest sizes of each, without the peers.
    """
    asked, parts = checkers(quick=quick), []
    _asked_once(Network((2, 2, 2), 2), asked)  # what is loaded once is loaded before
    for axis in tqdm(AXES, "axes", disable=None):
        rows = [row(axis, size, asked) for size in axis.sizes[: 2 if quick else None]]
        picture = f"growth-{axis.what}.png"
        if folder is not None:
            _drawn(axis, rows, folder / picture)
        parts.append(section(axis, rows, picture))
    return "\n".join(parts)


def _drawn(axis: Axis, rows: Sequence[GrowthRow], path: Path) -> None:
    try:
        draw(axis, rows, path)
    except ImportError:
        print(f"matplotlib is not installed: {path.name} stays as it is")
