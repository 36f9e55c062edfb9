"""What does every weight of a large network cost, and one wrong weight in many? Beside the textbook loop and torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate
from tqdm import tqdm

from benchmarks import memory
from benchmarks.looped import an_entry
from benchmarks.peers import jax_precision
from benchmarks.sections import put
from benchmarks.waiting.clock import seconds
from gradcheck import Report, check_gradients
from gradcheck.networks import (
    AveragePool2d,
    Chain,
    Conv2d,
    CrossEntropy,
    Dense,
    Flatten,
    Tanh,
    mlp,
    parameters,
    rebuild,
)

Array = NDArray[np.float64]
WIDTHS = {"W1": (64, 32, 10), "W2": (784, 128, 64, 10), "W4": (784, 810, 440, 10), "W5": (3072, 2500, 900, 10)}
BATCH = {"W1": 32}
LOOPED = 200  # entries of which the textbook loop is timed; the others cost as much
TIMED = 5  # forward passes of which one is timed
DRAWS = 20  # networks in which one weight is made wrong
BOXES = ((4_000, 0), (10_000, 0), (10_001, 0), (100_000, 0), (1_000_000, 0), (1_000_000, 1), (100_000, 20))
ABOUT = """# Large networks

CPU time in one process and thread, in float64: networks of dense layers, tanh and softmax cross-entropy, W1 of 2,410
weights and biases (a batch of 32), W2 of 109,386, W4 of 997,100, W5 of 9,942,410 (of 64); W3 of 1,898, with two
convolutions, tanh and pools between them, over 32 images of 8 x 8; and W2 as a function of JAX, its loop compiled.
All entries are judged, and the report is made. A forward pass is one value of the loss; the textbook loop takes two for
each entry, and is timed over {looped} of them.

{every}

One entry is made wrong, of about the size of the median, and is to be named and nothing else: {draws} draws each, the
median of what it takes.

{wrong}

A function of NumPy that nothing is known of, a sum of {box} terms of one entry each:

{boxes}

Memory, each in a process of its own: the peak of one value and gradient of the model alone (*own*, with the
interpreter), and what the check takes *above* that. Of a network every entry is measured and kept; of a function of
which nothing is known the directions and a sample.

{memory}

Measured by `python -m benchmarks large`, with {versions}.
"""


@dataclass(frozen=True)
class Spoiled:
    """A network in the gradient of which one weight is off."""

    inner: Chain
    name: str
    index: tuple[int, ...]
    by: float

    def forward(self, x: Any) -> tuple[Any, Callable[[Any], Any]]:  # noqa: ANN401  as the network has it
        """Return what the network does."""
        y, back = self.inner.forward(x)

        def backward(dy: Any) -> tuple[Any, Spoiled]:  # noqa: ANN401  likewise
            dx, grad = back(dy)
            G = parameters(grad)[self.name].copy()
            G[self.index] += self.by
            return dx, replace(self, inner=rebuild(grad, {self.name: G}))

        return y, backward


def network(name: str, seed: int = 0) -> tuple[Chain, Array, CrossEntropy]:
    """Return a network, a batch and the loss on top."""
    if name == "W3":
        return pictures(seed)
    rng, widths = np.random.default_rng(seed), WIDTHS[name]
    batch = BATCH.get(name, 64)
    x, labels = rng.standard_normal((batch, widths[0])), rng.integers(0, widths[-1], batch)
    return mlp(widths, Tanh(), rng), x, CrossEntropy(labels)


def pictures(seed: int) -> tuple[Chain, Array, CrossEntropy]:
    """Return a network with two convolutions, images and the loss on top."""
    rng = np.random.default_rng(seed)
    first, second = Conv2d.random(1, 8, 3, rng, padding=1), Conv2d.random(8, 16, 3, rng, padding=1)
    pool = AveragePool2d(2)
    net = Chain((first, Tanh(), pool, second, Tanh(), pool, Flatten(), Dense.random(64, 10, rng)))
    return net, rng.standard_normal((32, 1, 8, 8)), CrossEntropy(rng.integers(0, 10, 32))


def timed(call: Callable[[], Report]) -> tuple[float, Report]:
    """Return the CPU time of a check, and its report."""
    start = process_time()
    report = call()
    return process_time() - start, report


def forward(net: Chain, x: Array, loss: CrossEntropy) -> float:
    """Return the CPU time of one value of the loss."""

    def value() -> object:
        return loss.forward(net.forward(x)[0])[0]

    value()
    return seconds(value, TIMED)


def loop(net: Chain, x: Array, loss: CrossEntropy) -> float:
    """Return the CPU time of the textbook loop over some entries, for each of them."""
    largest = max(parameters(net).values(), key=np.size)
    return an_entry(lambda: loss.forward(net.forward(x)[0])[0], largest, LOOPED)


def every(name: str) -> list[str]:
    """Return a row on a network all entries of which are judged."""
    net, x, loss = network(name)
    costs = forward(net, x, loss), loop(net, x, loss)
    turns = [timed(partial(check_gradients, net, x, loss=loss, wrt="layers*")) for _ in range(1 if name == "W5" else 3)]
    return _judged(name, turns, costs, sum(array.size for array in parameters(net).values()))


def in_jax(name: str) -> list[str]:
    """Return a row on the same network as a function of JAX, beside a loop over that function, compiled."""
    from benchmarks.dense_jax import dense

    with jax_precision(double=True):
        net, x, loss = network(name)
        value, compiled, point = dense(parameters(net), x, loss.labels)
        largest = max(point.values(), key=np.size)
        compiled(point)
        costs = seconds(lambda: compiled(point), TIMED), an_entry(lambda: compiled(point), largest, LOOPED)
        check = partial(check_gradients, value, point)
        check()  # what is compiled once is compiled before, as for the loop
        return _judged(f"{name}, JAX", [timed(check) for _ in range(3)], costs, sum(a.size for a in point.values()))


def _judged(name: str, turns: list[tuple[float, Report]], costs: tuple[float, float], size: int) -> list[str]:
    """Return the row of a network, of which a forward pass, and the loop for an entry, have these costs."""
    (pass_, entry), (cost, report) = costs, min(turns, key=lambda turn: turn[0])
    means = ", ".join(sorted({tensor.means for tensor in report.tensors.values()}, reverse=True))
    judged = f"{report.checked:,} of {size:,}, {report.verdict}"
    worst = max(tensor.resolution for tensor in report.tensors.values())
    return [
        name,
        judged,
        means,
        f"{cost:.2g} s",
        f"{cost / pass_:,.0f}",
        f"{entry * size / cost:,.0f}",
        f"{worst:.0e}",
    ]


def wrong(name: str, by: float, entries: str, draws: int) -> list[str]:
    """Return a row on networks in which one weight is off by a part of a typical one."""
    named, accused, costs = 0, 0, []
    for seed in tqdm(range(draws), f"{name}, {by:g}", leave=False, disable=None):
        net, x, loss = network(name, seed)
        y, back = net.forward(x)
        W = "layers[0].W"
        G = parameters(back(loss.forward(y)[1]()[0])[1])[W]
        where = tuple(int(k) for k in np.random.default_rng(seed).integers(G.shape))
        spoiled = Spoiled(net, W, where, by * float(np.median(np.abs(G))))
        pass_ = forward(net, x, loss)
        cost, report = timed(partial(check_gradients, spoiled, x, loss=loss, wrt="*layers*", entries=entries))
        costs.append(cost / pass_)
        found = [(e.tensor, e.index) for e in report.wrong]
        named += (f"inner.{W}", where) in found
        accused += len([one for one in found if one != (f"inner.{W}", where)])
    return [name, f"{by:g}", entries, f"{named} of {draws}", str(accused), f"{np.median(costs):,.0f}"]


@dataclass(frozen=True)
class Box:
    """The sum of tanh(a x), of which nobody says how it is made."""

    a: Array
    where: NDArray[np.int64]  # entries whose claims are off by 1 % of a typical one

    def value(self, x: Array) -> float:
        """The function."""
        return float(np.sum(np.tanh(x * self.a)))

    def grad(self, x: Array) -> Array:
        """What is claimed."""
        g: Array = self.a * (1 - np.tanh(x * self.a) ** 2)
        g[self.where] += 0.01 * np.median(np.abs(g))
        return g


def box(size: int, count: int) -> list[str]:
    """Return a row on a function of NumPy of which nothing is known."""
    rng = np.random.default_rng(size + count)
    one = Box(rng.standard_normal(size), rng.choice(size, count, replace=False))
    x = rng.standard_normal(size)
    cost, report = timed(partial(check_gradients, one.value, x, grad=one.grad))
    value = seconds(partial(one.value, x), TIMED)
    found, where = {entry.index[0] for entry in report.wrong}, {*one.where.tolist()}
    (tensor,) = report.tensors.values()
    return [
        f"{size:,}",
        f"{len(found & where)} of {count}, {len(found - where)} others",
        f"{tensor.checked:,}",
        f"{report.evaluations:,}",
        f"{cost / value / report.evaluations:.2f}",
        f"{tensor.resolution:.0e}",
    ]


def main(*, output: Path | None = None, quick: bool = False) -> None:
    """Measure, print, and write a page."""
    names = ["W1", "W2", "W3"] if quick else sorted([*WIDTHS, "W3"])
    draws = 2 if quick else DRAWS
    # First, as the peak of a process is no less than the memory of the one that starts it.
    taken = [memory.row(what) for what in tqdm(memory.WHAT[: 1 if quick else None], "memory", disable=None)]
    rows = [every(name) for name in tqdm(names, "networks", disable=None)]
    rows += [] if quick or find_spec("jax") is None else [in_jax("W2")]
    asked = [("W2", 1e-2, "auto"), ("W2", 1e-5, "auto"), ("W2", 1e-2, "directions")]
    asked += [] if quick else [("W4", 1e-2, "auto"), ("W4", 1e-2, "directions")]
    page = ABOUT.format(
        looped=LOOPED,
        draws=draws,
        box="n",
        versions=f"NumPy {np.__version__}",
        every=_table(
            rows,
            ["network", "judged", "by", "time", "forward passes", "times the loop", "resolution"],
        ),
        wrong=_table(
            [wrong(*one, draws) for one in asked],
            ["network", "off by", "entries=", "named", "others accused", "forward passes"],
        ),
        boxes=_table(
            [box(*one) for one in BOXES],
            ["entries", "wrong ones named", "one by one", "evaluations", "time of each, in evaluations", "resolution"],
        ),
        memory=_table(taken, memory.HEADERS),
    )
    print(page)
    if output is not None:
        put(output, page)


def _table(rows: list[list[str]], headers: list[str]) -> str:
    return tabulate(rows, headers, tablefmt="github", disable_numparse=True)
