"""Does the price of an entry depend on how the entries are cut into tensors, or on how deep the network is?"""

from __future__ import annotations

from itertools import chain, repeat

import numpy as np

from benchmarks.questions import Array
from benchmarks.waiting.figure import Figure, WaitingRow, right, spread
from gradcheck import Report, check_gradients
from networks import Chain, Dense, Tanh

GROUP = "evaluations"
FLAT = 1.1  # a tenth more is flat
WIDTH, DEPTHS, BATCH = 6, (3, 10, 30), 4
SHALLOW = (3, 10)  # in a hurry


def rows() -> list[WaitingRow]:
    """Return the two questions."""
    return [
        WaitingRow(GROUP, "100 tensors of ten entries", "one of a thousand", 2, many_tensors),
        WaitingRow(GROUP, f"an entry, {DEPTHS[-1]} layers deep", f"{DEPTHS[0]} layers deep", FLAT, depth),
    ]


def many_tensors(*, quick: bool) -> Figure:
    """Return how many times as many evaluations a hundred tensors of ten entries take as one of a thousand."""
    count = 10 if quick else 100
    x = np.random.default_rng(0).normal(size=(count, 10))
    many, one = cut(list(x)), cut([x.ravel()])
    ratio = many.evaluations / one.evaluations
    return Figure(
        *spread([ratio]),
        evaluations=many.evaluations,
        gradients=many.gradients,
        other_evaluations=one.evaluations,
        remark=f"{many.checked} entries",
    )


def cut(tensors: list[Array], factor: float = 1.0) -> Report:
    """Check the same function of the same numbers, in one tensor or several; right if the factor is 1."""

    def f(*tensors: Array) -> float:
        return float(sum(np.sum(np.sin(x)) for x in tensors))

    def grad(*tensors: Array) -> tuple[Array, ...] | Array:
        found = tuple(factor * np.cos(x) for x in tensors)
        return found if len(found) > 1 else found[0]

    return right(check_gradients(f, *tensors, grad=grad))


def depth(*, quick: bool) -> Figure:
    """Return how many times as many evaluations an entry takes in the deepest network as in the shallowest."""
    reports = [deep(layers) for layers in (SHALLOW if quick else DEPTHS)]
    prices = [report.evaluations / report.checked for report in reports]
    told = ", ".join(f"{price:.1f}" for price in prices)
    return Figure(
        *spread([prices[-1] / prices[0]]),
        evaluations=reports[-1].evaluations,
        gradients=reports[-1].gradients,
        other_evaluations=reports[0].evaluations,
        remark=f"{told} an entry at {', '.join(map(str, SHALLOW if quick else DEPTHS))} layers",
    )


def deep(layers: int) -> Report:
    """Check a network of so many layers with tanh behind each."""
    rng = np.random.default_rng(0)
    pairs = ((Dense.random(WIDTH, WIDTH, rng), Tanh()) for _ in repeat(None, layers))
    return right(check_gradients(Chain(tuple(chain.from_iterable(pairs))), rng.normal(size=(BATCH, WIDTH))))
