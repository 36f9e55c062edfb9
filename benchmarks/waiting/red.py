"""How much longer does a check take when the gradient is wrong? The same function, wrong and right, in turn."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.waiting.clock import in_turn
from benchmarks.waiting.figure import Figure, WaitingRow, right, spread, wrong
from benchmarks.waiting.of_numpy import scaled
from benchmarks.waiting.of_torch import function_with_weights
from benchmarks.waiting.pendulum import pendulum
from gradcheck import Report, check_gradients
from networks import FAULTS, Cost, CrossEntropy, Dense, LSTMCell, Recurrent, Tanh, load_digits, mlp
from networks.faults.planting import planted, spoiled

GROUP = "red beside green"


@dataclass(frozen=True)
class Fork:
    """A check that is right, one that is wrong, and which tensor it has to accuse."""

    green: Callable[[], Report]
    red: Callable[[], Report]
    accused: str


def rows() -> list[WaitingRow]:
    """Return every mistake."""

    def fork(name: str, reach: float, make: Callable[..., Fork], needs: str = "") -> WaitingRow:
        def measure(*, quick: bool) -> Figure:
            return told_apart(make(quick=quick), quick=quick)

        return WaitingRow(GROUP, name, "the right one", reach, measure, needs)

    return [
        fork("NumPy, W1 of a network 64-32-10 doubled", 2, network),
        fork("NumPy, W of Dense(30, 30) doubled", 2, functools.partial(dense, alike=True)),
        fork("NumPy, W of Dense(30, 30) without a pattern", 3, functools.partial(dense, alike=False)),
        fork("PyTorch, a weight of a module doubled", 2, module, "torch"),
        fork("NumPy, an LSTM of 224 weights, one gate wrong", 2, lstm),
        fork("NumPy, a differential equation with two parameters, one wrong", 2, equation),
    ]


def told_apart(fork: Fork, *, quick: bool) -> Figure:
    """Time both; raises NotAsExpected where the right one is not CORRECT, or the tensor not accused."""
    green, red = right(fork.green()), wrong(fork.red(), fork.accused)
    turns = in_turn(fork.red, fork.green, quick=quick)
    cause = red.diagnosis[0] if red.diagnosis else "no cause is named"
    return Figure(
        *spread(turns.ratios),
        turns.ours_ms,
        turns.other_ms,
        red.evaluations,
        red.gradients,
        green.evaluations,
        remark=f"{red.evaluations / green.evaluations:.1f} times the evaluations; {cause}",
    )


def network(*, quick: bool) -> Fork:
    """Return a network of two layers on a batch of digits; the gradient of its first weights is doubled."""
    widths = (6, 3, 2) if quick else (64, 32, 10)
    data = load_digits()
    right_one: Any = Cost(mlp(widths, Tanh(), np.random.default_rng(0)), CrossEntropy(data.y_train[:8] % widths[-1]))
    x = data.x_train[:8, 20 : 20 + widths[0]] if quick else data.x_train[:8]
    doubled = planted(right_one, Dense, spoiled(Dense, scaled(2)), 0)
    return _of(right_one, doubled, x, "network.layers[0].W")


def dense(*, quick: bool, alike: bool) -> Fork:
    """Return a dense layer; the gradient of W is doubled, or every entry is off by a factor of its own."""
    width, rng = 5 if quick else 30, np.random.default_rng(0)
    layer, x = Dense.random(width, width, rng), rng.normal(size=(8, width))
    factor = 2 if alike else rng.uniform(0.5, 2, (width, width))
    return _of(layer, planted(layer, Dense, spoiled(Dense, scaled(factor)), 0), x, "W")


def lstm(*, quick: bool) -> Fork:
    """Return an LSTM over four steps; the slope of its forget gate is taken at the wrong place."""
    rng = np.random.default_rng(0)
    examples, steps, inputs, width = (1, 2, 2, 1) if quick else (2, 4, 8, 4)
    layer, x = Recurrent(LSTMCell.random(inputs, width, rng)), rng.normal(size=(examples, steps, inputs))
    return _of(layer, FAULTS["lstm_forget_slope_of_gate"].apply(layer), x, "cell.W_ih")


def _of(layer: Any, faulty: Any, x: Any, accused: str) -> Fork:  # noqa: ANN401
    return Fork(functools.partial(check_gradients, layer, x), functools.partial(check_gradients, faulty, x), accused)


def equation(*, quick: bool) -> Fork:
    """Return a pendulum; the gradient of its friction is half too large."""

    def check(factor: float) -> Callable[[], Report]:
        problem, p = pendulum(factor, 5 if quick else 25)
        return functools.partial(check_gradients, problem.loss, p, grad=problem.grad)

    return Fork(check(1.0), check(1.5), "p")


def module(*, quick: bool) -> Fork:
    """Return two layers of PyTorch with a Function of their own; the second doubles the gradient of its weights."""
    import torch

    torch.set_num_threads(1)

    def check(factor: float) -> Callable[[], Report]:
        torch.manual_seed(0)
        first, second = function_with_weights(6, 8, 1.0), function_with_weights(8, 5, factor)
        model = torch.nn.Sequential(first, torch.nn.Tanh(), second)
        return functools.partial(check_gradients, model, torch.randn(2 if quick else 4, 6))

    return Fork(check(1.0), check(2.0), "2.weight")
