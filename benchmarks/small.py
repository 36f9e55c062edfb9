"""What does a small check cost, beside that of a peer on the very same function? CPU time, in turn, in one process."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from tabulate import tabulate

from benchmarks.peers import ask_torch
from benchmarks.questions import Array, Question
from gradcheck import check_gradients

TRIALS = 25
Ask = Callable[[], object]


class Pair(NamedTuple):
    """A function, how it is asked of ours and of a peer, and how many times as long ours may take."""

    name: str
    ours: Ask
    theirs: Ask
    reach: float


def pairs() -> Iterator[Pair]:
    """Yield the pairs whose peers are installed."""
    if find_spec("torch"):
        yield _numpy()
    if find_spec("jax"):
        yield from _jax()


def _numpy() -> Pair:
    x = np.array([0.3, -1.2, 0.8])

    def f(x: Array) -> float:
        return float(np.sum(np.sin(x) * x**2))

    def grad(x: Array) -> Array:
        return np.asarray(np.cos(x) * x**2 + 2 * x * np.sin(x))

    question = Question((x,), lambda a: np.asarray(f(a[0])), lambda a, dy: [float(dy) * grad(a[0])])
    ours = functools.partial(check_gradients, f, x, grad=grad)
    return Pair("three numbers of NumPy, torch.autograd.gradcheck", ours, lambda: ask_torch(question), 2.0)


def _jax() -> Iterator[Pair]:
    import jax
    import jax.numpy as jnp
    from jax.test_util import check_grads

    x = jnp.linspace(0.3, 1.1, 5)

    def smooth(x: Any) -> Any:  # noqa: ANN401
        return jnp.sum(jnp.tanh(x) * x**2) + jnp.prod(jnp.cos(x))

    def short(x: Any) -> Any:  # noqa: ANN401
        return jnp.sum(jnp.sin(x) * x)

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def ruled(x: Any) -> Any:  # noqa: ANN401
        return jnp.sum(jnp.tanh(x) * x**2)

    slope = lambda x: 2 * x * jnp.tanh(x) + x**2 * (1 - jnp.tanh(x) ** 2)  # noqa: E731
    ruled.defvjp(lambda x: (jnp.sum(jnp.tanh(x) * x**2), x), lambda x, u: (u * slope(x),))  # type: ignore[no-untyped-call]
    for name, f, modes in (
        ("a function", smooth, ("fwd", "rev")),
        ("a short one", short, ("fwd", "rev")),
        ("with a rule of its own", ruled, ("rev",)),
    ):
        theirs = functools.partial(check_grads, f, (x,), order=1, modes=modes)
        title = f"five numbers of JAX, {name}, check_grads({', '.join(modes)})"
        yield Pair(title, functools.partial(check_gradients, f, x), theirs, 3.0)


def ratio(pair: Pair, trials: int) -> tuple[float, float, float]:
    """Return how many times as long ours takes, and the seconds of both: medians of turns, the first of them left out.

    The first calls compile what there is to compile, and a program of JAX that is met again and again is compiled.
    """
    seconds = []
    for _ in range(trials + trials // 2):
        start = process_time()
        pair.ours()
        between = process_time()
        pair.theirs()
        seconds.append((between - start, process_time() - between))
    turns = seconds[trials // 2 :]
    return median(a / b for a, b in turns), median(a for a, _ in turns), median(b for _, b in turns)


def main(output: Path | None = None, *, quick: bool = False) -> None:
    """Measure, print the table, and write it where it is wanted."""
    rows = []
    for pair in pairs():
        times, ours, theirs = ratio(pair, 3 if quick else TRIALS)
        rows.append((pair.name, f"{ours * 1e3:.1f} ms", f"{theirs * 1e3:.1f} ms", f"{times:.1f}", f"{pair.reach:g}"))
    head = ["what, and the peer", "ours", "the peer", "ratio", "reach"]
    text = tabulate(rows, head, tablefmt="github", colalign=("left", *["right"] * 4), disable_numparse=True)
    print(text)
    if output is not None:
        page = f"# What a small check costs beside that of a peer\n\nCPU time, medians of turns.\n\n{text}\n"
        output.write_text(page, encoding="utf-8", newline="\n")
