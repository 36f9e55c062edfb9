"""What does it cost to check every weight and bias of a small network, and what is found for the price?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import ClassVar

import numpy as np
from tabulate import tabulate

from benchmarks.dense_numpy import Params, cross_entropy, gradient
from benchmarks.peers import ACCUSES, FAILS, PASSES, PEERS, TEXTBOOK_STEP, Peer, close
from benchmarks.questions import Array, Question, of_params
from benchmarks.sections import put
from gradcheck import Verdict, check_gradients
from networks import load_digits

Checker = Callable[["CountedLoss"], str]

REPETITIONS = 7
LOOP, OURS = "textbook loop", "gradcheck"

ABOUT = """# Speed, and what it buys

A {widths} network (tanh, softmax cross-entropy, a mini-batch of {batch} digits, float64) in plain NumPy has {size:,}
weights and biases. Every checker was given the same loss and the same claimed gradient, in one process and one thread,
in turn, {repetitions} times. Time is that of the right gradient, as a multiple of the textbook loop in the same turn:
the median, and in brackets the smallest and the largest. A forward pass is a call of the loss.

{table}

The textbook loop takes central differences with a step of {step:g}; an entry counts as wrong if it is off by more than
1e-6 of itself and 1e-8. SciPy returns numbers and leaves the judgement to its user: `check_grad` was taken to accuse
at more than 1e-5 of the length of the gradient, `approx_derivative` (three points) as the textbook loop does. torch,
JAX and autograd were given the NumPy functions wrapped as theirs, and their default settings. Those that need less
than one forward pass an entry look along random directions.

Asked in one run, with {versions}.
"""


@dataclass
class CountedLoss:
    """A network, a loss, and a claimed gradient of it; counts how often the loss is called."""

    params: Params
    X: Array  # (N, I)
    labels: Array  # (N,)
    spoil: Callable[[dict[str, Array]], dict[str, Array]] = dict

    calls: ClassVar[int] = 0  # of the class, since a checker may put back the attributes of an object

    def loss(self, p: Params) -> float:
        """Mean cross-entropy of softmax(tanh(X W1 + b1) W2 + b2)."""
        CountedLoss.calls += 1
        return cross_entropy(p, self.X, self.labels)

    def grad(self, p: Params) -> dict[str, Array]:
        """The gradient of the loss, or what is claimed to be."""
        return self.spoil(gradient(p, self.X, self.labels))

    @property
    def size(self) -> int:
        """The number of weights and biases."""
        return sum(array.size for array in self.params.values())

    def question(self) -> Question:
        """The same for those who know arrays only."""
        return of_params(self.params, self.loss, self.grad)


def case(*, quick: bool) -> CountedLoss:
    """Return the network of the digits, or one that is small enough for a test."""
    inputs, hidden, outputs, batch = (6, 3, 2, 4) if quick else (64, 32, 10, 32)
    rng, data = np.random.default_rng(0), load_digits()
    params = {
        "W1": rng.standard_normal((inputs, hidden)) / np.sqrt(inputs),
        "b1": 0.1 * rng.standard_normal(hidden),
        "W2": rng.standard_normal((hidden, outputs)) / np.sqrt(hidden),
        "b2": 0.1 * rng.standard_normal(outputs),
    }
    pixels = slice(20, 20 + inputs) if quick else slice(None)
    return CountedLoss(params, data.x_train[:batch, pixels], data.y_train[:batch] % outputs)


def faults(right: CountedLoss) -> dict[str, CountedLoss]:
    """Return the same case with mistakes in its gradient."""
    W1 = right.grad(right.params)["W1"]
    size = np.where(W1 == 0, np.inf, np.abs(W1))
    typical = np.unravel_index(np.argsort(size, axis=None)[np.count_nonzero(W1) // 2], W1.shape)

    def one_weight(g: dict[str, Array]) -> dict[str, Array]:
        g["W1"][typical] *= 1 + 1e-5
        return g

    def forgotten_mean(g: dict[str, Array]) -> dict[str, Array]:
        return g | {"b1": g["b1"] * len(right.X)}

    return {
        "one weight off by 1e-5": replace(right, spoil=one_weight),
        "a mean forgotten": replace(right, spoil=forgotten_mean),
    }


# --------------------------------------------------------------------------------------------- the checkers


def ours(asked: CountedLoss) -> str:
    """Call check_gradients."""
    verdict = check_gradients(asked.loss, asked.params, grad=asked.grad).verdict
    return {Verdict.CORRECT: PASSES, Verdict.WRONG: ACCUSES}.get(verdict, str(verdict))


def approx_derivative(asked: CountedLoss) -> str:
    """Compare the claim with SciPy's three-point differences."""
    from scipy.optimize._numdiff import approx_derivative as differences

    shapes = {name: array.shape for name, array in asked.params.items()}
    ends = np.cumsum([array.size for array in asked.params.values()])[:-1]

    def value(x: Array) -> float:
        pieces = zip(shapes.items(), np.split(x, ends), strict=True)
        return asked.loss({name: piece.reshape(shape) for (name, shape), piece in pieces})

    measured = differences(value, np.concatenate([a.ravel() for a in asked.params.values()]), method="3-point")
    claim = np.concatenate([g.ravel() for g in asked.grad(asked.params).values()])
    return PASSES if all(close(float(m), float(c)) for m, c in zip(measured, claim, strict=True)) else ACCUSES


def _peer(peer: Peer) -> Checker:
    return lambda asked: peer.says(asked.question())


def checkers(*, quick: bool) -> dict[str, Checker]:
    """Return ours, the loop, and those peers that are installed."""
    peers = [peer for peer in PEERS if peer.version and peer.name != "JAX float32"]
    found = {peer.name: _peer(peer) for peer in (peers[:1] if quick else peers)}
    if "SciPy" in found:
        found["SciPy check_grad"] = found.pop("SciPy")
        found["SciPy approx_derivative"] = approx_derivative
    return {**found, OURS: ours}


# ---------------------------------------------------------------------------------------------- the table


def measure(right: CountedLoss, asked: dict[str, Checker], repetitions: int) -> list[list[str]]:
    """Return a row for each checker."""
    counts, answers = {}, {}
    for name, checker in asked.items():  # the first call of each also compiles what there is to compile
        CountedLoss.calls = 0
        answers[name] = [_pass(checker(right))]
        counts[name] = CountedLoss.calls / right.size
        answers[name] += [_found(checker(fault)) for fault in faults(right).values()]
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(repetitions):
        for name, checker in asked.items():
            start = perf_counter()
            checker(right)
            times[name].append(perf_counter() - start)
    ratios = {name: [t / u for t, u in zip(ts, times[LOOP], strict=True)] for name, ts in times.items()}
    return [[name, _spread(ratios[name]), f"{counts[name]:.2g}", *answers[name]] for name in asked]


def _spread(ratios: list[float]) -> str:
    low, middle, high = (f"{value:.2g}" for value in (min(ratios), median(ratios), max(ratios)))
    return middle if low == high else f"{middle} ({low} to {high})"


def _pass(answer: str) -> str:
    return {PASSES: "yes", ACCUSES: "no: a false alarm"}.get(answer, f"no: {answer}")


def _found(answer: str) -> str:
    return {ACCUSES: "yes", PASSES: "no", FAILS: "fails"}.get(answer, f"no: {answer}")


def main(output: Path | None, *, quick: bool = False) -> None:
    """Measure and print; write the page if there is a place for it. Quick: a tiny network, once, no peers."""
    right, asked = case(quick=quick), checkers(quick=quick)
    repetitions = 1 if quick else REPETITIONS
    head = ["checker", "time", "forward passes an entry", "passes the right one"]
    head += [f"finds {name}" for name in faults(right)]
    rows = measure(right, asked, repetitions)
    table = tabulate(rows, head, tablefmt="github", disable_numparse=True)
    print(tabulate(rows, head, tablefmt="simple", disable_numparse=True))
    missing = dict.fromkeys(peer.package for peer in PEERS if not peer.version)
    if missing:
        print(f"not installed, and left out: {', '.join(missing)}")
    if output:
        hidden, outputs = right.params["W2"].shape
        packages = {"numpy": np.__version__} | {p.package: p.version for p in PEERS if p.version and not quick}
        text = ABOUT.format(
            widths=f"{right.X.shape[1]}-{hidden}-{outputs}",
            batch=len(right.X),
            size=right.size,
            repetitions=repetitions,
            step=TEXTBOOK_STEP,
            table=table,
            versions=", ".join(f"{name} {v.split('+')[0]}" for name, v in packages.items()),
        )
        put(output, text)
