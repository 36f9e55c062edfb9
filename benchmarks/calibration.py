"""Is the stated uncertainty true? Random right gradients, the true error against it; and small errors planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate
from tqdm import tqdm

from gradcheck import Oracle, Report, Verdict, check_gradients
from gradcheck._results.report import TensorResult
from networks import (
    ELU,
    GELU,
    L1,
    BinaryCrossEntropy,
    Chain,
    Cost,
    CrossEntropy,
    Dense,
    Huber,
    LeakyReLU,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
    mlp,
    parameters,
)

Array = NDArray[Any]
Point = dict[str, Array]

SMOOTH = (Tanh(), Sigmoid(), GELU(), SiLU(), Softplus())
ROUGH = (ReLU(), LeakyReLU(), ELU())
SCALINGS = {"as it is": (1.0, 0.0), "times 1e-8": (1e-8, 0.0), "times 1e8": (1e8, 0.0), "plus 1e6": (1.0, 1e6)}
PLANTED = 1e-5  # relative error of the wrong entry
NOTICEABLE = 1e-2  # it is planted in entries above this part of their tensor's largest
NETWORKS = 75  # for each row of the table
EDGES = np.arange(-5.0, 1.01, 0.5)  # of the histogram, in powers of ten

ABOUT = """# Is the stated uncertainty true?

Right gradients of {networks} random networks and functions (widths 2 to 19, two to four layers, five smooth and three
kinked activations, five losses, batches of 1 to 19), {entries:,} entries: how each was judged, how often the true error
exceeded the stated uncertainty, and what it cost. Then one entry of each was put off by {planted:g} of itself (an entry
of at least {noticeable:g} of its tensor's largest), and looked for; it counts as hidden by noise where the report
of the right gradient had stated an uncertainty of more than half of that. The truth is the gradient in float64 by
backpropagation, which agrees with PyTorch and JAX to {agrees}.

{table}

The true error over the stated uncertainty, all entries of float64 together:

{histogram}

"No error" counts entries whose estimate is the true gradient to the last bit. Asked with NumPy {numpy}, seed {seed}.
"""
AGREES = "1e-13"


@dataclass
class RightGradient:
    """A right gradient: a value and its derivative at a point, scaled and shifted."""

    point: Point
    cost: Callable[[Point], float]
    slope: Callable[[Point], Point]
    scale: float = 1.0
    shift: float = 0.0

    def oracle(self, factors: Point | None = None) -> Oracle:
        """Return it as an oracle; factors spoil the entries of the claim."""

        def gradient(point: Point) -> Point:
            right = self.gradient(point)
            return right if factors is None else {k: g * factors[k] if k in factors else g for k, g in right.items()}

        return Oracle(self.point, lambda p: self.scale * self.cost(p) + self.shift, gradient)

    def gradient(self, point: Point) -> Point:
        """Return the true gradient, in the precision of the point."""
        return {k: g * g.dtype.type(self.scale) for k, g in self.slope(point).items()}


@dataclass
class Tally:
    """What is counted in one row of the table."""

    entries: int = 0
    verdicts: dict[Verdict, int] = field(default_factory=dict)
    over: int = 0  # entries whose true error exceeds the stated uncertainty
    evaluations: int = 0
    visible: int = 0  # planted errors larger than the uncertainty stated for the right gradient
    found: int = 0
    hidden: int = 0  # planted errors smaller than that
    ratios: list[Array] = field(default_factory=list)

    def add(self, report: Report, truth: Point) -> None:
        """Count a report of a right gradient."""
        self.entries += report.checked
        self.evaluations += report.evaluations
        for verdict, n in report.counts.items():
            self.verdicts[verdict] = self.verdicts.get(verdict, 0) + n
        for name, tensor in report.tensors.items():
            error = np.abs(tensor.estimates - truth[name].ravel()[tensor.flat].astype(float))
            known = np.isfinite(error) & (tensor.codes != Verdict.UNDECIDED) & (tensor.codes != Verdict.KINK)
            self.over += int((error > tensor.uncertainties)[known].sum())
            with np.errstate(divide="ignore", invalid="ignore"):
                self.ratios.append(np.where(error == 0, 0.0, error / tensor.uncertainties)[known])

    def row(self) -> list[str]:
        """Return the cells of the table."""
        n = max(self.entries, 1)
        share = {v: self.verdicts.get(v, 0) / n for v in Verdict}
        accused = self.verdicts.get(Verdict.WRONG, 0) + self.verdicts.get(Verdict.BROKEN, 0)
        return [
            f"{self.entries:,}",
            str(accused),
            f"{100 * share[Verdict.UNDECIDED]:.3f} %",
            f"{100 * self.over / n:.4f} %",
            f"{self.evaluations / n:.2f}",
            f"{self.found} of {self.visible}" if self.visible else "not asked",
            str(self.hidden) if self.visible else "",
        ]


def network(
    rng: np.random.Generator,
    activations: tuple[Any, ...],
    dtype: Any = np.float64,  # noqa: ANN401
    widest: int = 19,
) -> RightGradient:
    """Draw a network, a loss and a mini-batch."""
    widths = [int(w) for w in rng.integers(2, widest, rng.integers(2, 5), endpoint=True)]
    n = int(rng.integers(1, widest, endpoint=True))
    x = rng.standard_normal((n, widths[0])).astype(dtype)
    net = mlp(widths, activations[rng.integers(len(activations))], rng, dtype=dtype)
    target = rng.standard_normal((n, widths[-1])).astype(dtype)
    labels, yes = rng.integers(0, widths[-1], n), (target > 0).astype(dtype)
    losses: tuple[Any, ...] = (MeanSquaredError(target), CrossEntropy(labels), BinaryCrossEntropy(yes))
    losses += () if activations is SMOOTH else (Huber(target), L1(target))
    decay = float(rng.choice([0.0, 1e-3]))
    start: Cost[Chain] = Cost(net, losses[rng.integers(len(losses))], decay)
    names = list(parameters(net))

    def moved(k: int, layer: Any, point: Point) -> Any:  # noqa: ANN401
        if not isinstance(layer, Dense):
            return layer
        return Dense(point[f"layers[{k}].W"], point[f"layers[{k}].b"])

    def forward(point: Point) -> Any:  # noqa: ANN401
        # Not by `rebuild`, which looks into every part of the network: that would take longer than the network.
        layers = tuple(moved(k, layer, point) for k, layer in enumerate(net.layers))
        return Cost(Chain(layers), start.loss, decay).forward(point["x"])

    def slope(point: Point) -> Point:
        dx, grad = forward(point)[1]()
        return {**{name: parameters(grad)[f"network.{name}"] for name in names}, "x": dx}

    return RightGradient({**parameters(net), "x": x}, lambda point: forward(point)[0], slope)


FUNCTIONS: dict[str, tuple[Callable[[Array], Any], Callable[[Array], Array]]] = {
    "log-sum-exp": (
        lambda x: np.log(np.sum(np.exp(x - x.max()))) + x.max(),
        lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
    ),
    "norm": (lambda x: np.sqrt(np.sum(x * x)), lambda x: x / np.sqrt(np.sum(x * x))),
    "sines": (lambda x: np.sum(np.sin(3 * x)), lambda x: 3 * np.cos(3 * x)),
    "cubic": (lambda x: np.sum(x**3) + np.sum(x) ** 2, lambda x: 3 * x**2 + 2 * np.sum(x)),
    "variance": (np.var, lambda x: 2 * (x - x.mean()) / x.size),
    "log of squares": (lambda x: np.sum(np.log1p(x * x)), lambda x: 2 * x / (1 + x * x)),
    "Gaussian": (
        lambda x: np.exp(-np.sum(x * x) / x.size),
        lambda x: -2 * x / x.size * np.exp(-np.sum(x * x) / x.size),
    ),
}


def function(rng: np.random.Generator) -> RightGradient:
    """Draw one of some functions of an array, with entries of any size."""
    value, slope = list(FUNCTIONS.values())[rng.integers(len(FUNCTIONS))]
    x = rng.standard_normal(int(rng.integers(2, 200))) * 10.0 ** rng.uniform(-1, 1)
    return RightGradient({"x": x}, lambda p: value(p["x"]), lambda p: {"x": slope(p["x"])})


def rows(count: int, seed: int) -> Iterator[tuple[str, bool, str, Iterator[RightGradient]]]:
    """Yield (name, whether an error of 1e-5 must be found, precision, cases) for each row of the table."""

    def cases(
        draw: Callable[[np.random.Generator], RightGradient], scale: float = 1.0, shift: float = 0.0
    ) -> Iterator[RightGradient]:
        for n in range(count):
            yield replace(draw(np.random.default_rng([seed, n])), scale=scale, shift=shift)

    for name, (scale, shift) in SCALINGS.items():
        yield f"smooth networks, {name}", True, "double", cases(lambda g: network(g, SMOOTH), scale, shift)
    for name, (scale, shift) in SCALINGS.items():
        yield f"kinked networks, {name}", True, "double", cases(lambda g: network(g, ROUGH), scale, shift)
    for name, (scale, shift) in SCALINGS.items():
        yield f"functions, {name}", True, "double", cases(function, scale, shift)
    yield (
        "float32 networks, measured in float64",
        False,
        "double",
        cases(lambda g: network(g, SMOOTH + ROUGH, np.float32)),
    )
    yield "float32 networks, as they are", False, "as-is", cases(lambda g: network(g, SMOOTH + ROUGH, np.float32))


def plant(case: RightGradient, report: Report, rng: np.random.Generator) -> tuple[str, int]:
    """Choose an entry that matters."""
    names = [name for name, t in report.tensors.items() if np.any(t.claims)]
    name = names[rng.integers(len(names))]
    size = np.abs(case.gradient(case.point)[name]).ravel()
    return name, int(rng.choice(np.flatnonzero(size > NOTICEABLE * size.max())))


def visible(tensor: TensorResult, flat: int) -> bool:
    """Return whether the report of the right gradient promises to see the error: twice the stated uncertainty."""
    position = int(np.flatnonzero(tensor.flat == flat)[0])
    return bool(PLANTED * abs(tensor.claims[position]) > 2 * tensor.uncertainties[position])


def found(case: RightGradient, name: str, flat: int) -> bool:
    """Return whether a planted error is found, and nothing else accused."""
    factors = np.ones(case.point[name].shape)
    factors.flat[flat] += PLANTED
    report = check_gradients(case.oracle({name: factors}), wrt=name, neighbours=0)
    index = tuple(int(i) for i in np.unravel_index(flat, factors.shape))
    return [(e.tensor, e.index) for e in report.wrong] == [(name, index)]


def measure(count: int, seed: int, *, progress: bool = True) -> dict[str, Tally]:
    """Check all the cases, and return what was counted."""
    tallies = {}
    for name, sought, precision, cases in rows(count, seed):
        tally = tallies[name] = Tally()
        rng = np.random.default_rng(seed)
        for case in tqdm(cases, name, count, leave=False, disable=None if progress else True):
            report = check_gradients(case.oracle(), precision=precision)
            tally.add(report, case.gradient({k: a.astype(np.float64) for k, a in case.point.items()}))
            if sought:
                name_of, flat = plant(case, report, rng)
                seen = visible(report.tensors[name_of], flat)
                tally.visible += seen
                tally.hidden += not seen
                tally.found += seen and found(case, name_of, flat)
    return tallies


def histogram(ratios: Array) -> list[list[str]]:
    """Return rows of (true error over uncertainty, share of the entries, bar)."""
    exact = int(np.count_nonzero(ratios == 0))
    powers = np.log10(ratios[ratios > 0])
    counts, _ = np.histogram(np.clip(powers, EDGES[0], EDGES[-1]), EDGES)
    largest = max(counts.max(), exact, 1)
    labels = [f"{10**a:.1e} to {10**b:.1e}" for a, b in pairwise(EDGES)]
    labels[0] = f"below {10 ** EDGES[1]:.1e}"
    found = [("no error", exact), *zip(labels, (int(c) for c in counts), strict=True)]
    return [[label, f"{100 * n / len(ratios):.3f} %", "█" * round(40 * n / largest)] for label, n in found]


def draw(ratios: Array, path: Path) -> None:
    """Draw the histogram as a picture, if matplotlib is installed."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print(f"matplotlib is not installed: {path.name} stays as it is")
        return
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.add_subplot()
    axes.hist(np.log10(np.clip(ratios[ratios > 0], 1e-6, 1e2)), bins=120, color="tab:blue")
    axes.axvline(0.0, color="tab:red", linestyle="--")
    axes.annotate(
        "overconfident beyond", (-0.05, 0.97), xycoords=("data", "axes fraction"), color="tab:red", ha="right", va="top"
    )
    axes.set(xlabel="log10 of the true error over the stated uncertainty", ylabel="entries", yscale="log")
    axes.set_title(f"{len(ratios):,} entries of right gradients in float64")
    figure.savefig(path, dpi=120, metadata={"Software": None})


def main(output: Path | None, *, quick: bool = False, seed: int = 0) -> None:
    """Measure and print; write the page and the picture if there is a place for them."""
    count = 4 if quick else NETWORKS
    tallies = measure(count, seed)
    head = ["right gradients of", "entries", "accused", "undecided", "overconfident"]
    head += ["evaluations an entry", f"{PLANTED:g} found", "hidden by noise"]
    table = [[name, *tally.row()] for name, tally in tallies.items()]
    ratios = np.concatenate([r for name, t in tallies.items() if "float32" not in name for r in t.ratios])
    bars = histogram(ratios)
    print(tabulate(table, head, tablefmt="simple", disable_numparse=True))
    print(tabulate(bars, ["error / uncertainty", "entries", ""], tablefmt="simple", disable_numparse=True))
    if output is None:
        return
    text = ABOUT.format(
        networks=f"{count * len(tallies):,}",
        entries=sum(t.entries for t in tallies.values()),
        planted=PLANTED,
        noticeable=NOTICEABLE,
        agrees=AGREES,
        table=tabulate(table, head, tablefmt="github", disable_numparse=True),
        histogram=tabulate(bars, ["error / uncertainty", "entries", ""], tablefmt="github", disable_numparse=True),
        numpy=np.__version__,
        seed=seed,
    )
    output.write_text(text, encoding="utf-8", newline="\n")
    draw(ratios, output.with_suffix(".png"))
