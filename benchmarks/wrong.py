"""What does a wrong gradient cost beside the right one, and for what? The same function, green and red."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from benchmarks import speed
from gradcheck import Report, check_gradients
from networks import Dense
from networks.layer import Backward

Array = NDArray[Any]
Params = Mapping[str, Array]
Call = tuple[Any, tuple[Any, ...], dict[str, Any]]

REPETITIONS = 5
STEPS, BATCH, INPUTS, WIDTH = 5, 3, 8, 4  # of the LSTM

ABOUT = """# What a wrong gradient costs

The same function was checked with its right gradient and with a wrong one, in one process and in turn, {repetitions}
times. An evaluation is a call of the function, the diagnosis included; CPU time is the median of the ratios.

{table}

What the evaluations were made for:

{phases}
"""


@dataclass(frozen=True)
class Workload:
    """A call that is right, and one that is wrong."""

    name: str
    right: Call
    wrong: Call


def pairs(*, quick: bool) -> Iterator[Workload]:
    """Yield the workloads; quick, those of NumPy that take no time."""
    yield two_layers(quick=quick)
    size = 6 if quick else 30
    yield dense("doubled", size, np.full((size, size), 2.0))
    yield dense("without a pattern", size, np.random.default_rng(0).uniform(0.5, 2, (size, size)))
    if quick:
        return
    yield lstm()
    if find_spec("scipy"):
        yield decay()
    if find_spec("torch"):
        yield module()


def two_layers(*, quick: bool) -> Workload:
    """A network of the digits, the gradient of whose first weights is doubled."""
    right = speed.case(quick=quick)
    wrong = replace(right, spoil=lambda g: g | {"W1": 2 * g["W1"]})
    return Workload(
        f"{right.size:,} weights, W1 doubled",
        (right.loss, (right.params,), {"grad": right.grad}),
        (wrong.loss, (wrong.params,), {"grad": wrong.grad}),
    )


def dense(what: str, size: int, factors: Array) -> Workload:
    """A layer whose weights have factors in their gradient."""

    class Spoilt(Dense):
        def forward(self, x: Array) -> tuple[Array, Backward[Any]]:
            y, back = super().forward(x)

            def backward(dy: Array) -> tuple[Array, Any]:
                dx, grad = back(dy)
                return dx, replace(grad, W=grad.W * factors)

            return y, backward

    right = Dense.random(size, size, np.random.default_rng(1))
    x = np.random.default_rng(2).standard_normal((8, size))
    return Workload(f"Dense({size}, {size}), {what}", (right, (x,), {}), (Spoilt(right.W, right.b), (x,), {}))


def _sigmoid(a: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-a)))


@dataclass(frozen=True)
class Recurrence:
    """An LSTM as it is written by hand, and half the square of its last output; `gate` is 1 - f where it is right."""

    X: Array  # (T, N, I)
    gate: Callable[[Array], Array] = lambda f: 1 - f

    def loss(self, p: Params) -> float:
        """Go through the steps."""
        *_, last = self._steps(p)
        return float(0.5 * np.sum(last[-1] ** 2))

    def grad(self, p: Params) -> dict[str, Array]:
        """Go back through them."""
        steps = list(self._steps(p))
        d = {name: np.zeros_like(value) for name, value in p.items()}
        dh, dc = steps[-1][-1].copy(), np.zeros((BATCH, WIDTH))
        for x, h, c_before, i, f, g, o, c, _ in reversed(steps):
            t = np.tanh(c)
            dc = dc + dh * o * (1 - t**2)
            df = dc * c_before * f * self.gate(f)
            da = np.concatenate([dc * g * i * (1 - i), df, dc * i * (1 - g**2), dh * t * o * (1 - o)], axis=1)
            d["W_ih"] += x.T @ da
            d["W_hh"] += h.T @ da
            d["b_ih"] += da.sum(axis=0)
            d["b_hh"] += da.sum(axis=0)
            dh, dc = da @ p["W_hh"].T, dc * f
        return d

    def _steps(self, p: Params) -> Iterator[tuple[Array, ...]]:
        h = c = np.zeros((BATCH, WIDTH))
        for x in self.X:
            a = x @ p["W_ih"] + p["b_ih"] + h @ p["W_hh"] + p["b_hh"]
            gates = np.split(a, 4, axis=1)
            i, f, g, o = _sigmoid(gates[0]), _sigmoid(gates[1]), np.tanh(gates[2]), _sigmoid(gates[3])
            before, c = c, f * c + i * g
            earlier, h = h, o * np.tanh(c)
            yield x, earlier, before, i, f, g, o, c, h


def lstm() -> Workload:
    """224 weights and biases, and a gate whose derivative is incomplete."""
    rng = np.random.default_rng(0)
    right = Recurrence(rng.standard_normal((STEPS, BATCH, INPUTS)))
    wrong = replace(right, gate=np.ones_like)
    p = {
        "W_ih": rng.standard_normal((INPUTS, 4 * WIDTH)) / 3,
        "W_hh": rng.standard_normal((WIDTH, 4 * WIDTH)) / 2,
        "b_ih": rng.standard_normal(4 * WIDTH) / 5,
        "b_hh": rng.standard_normal(4 * WIDTH) / 5,
    }
    calls = [(one.loss, (p,), {"grad": one.grad}) for one in (right, wrong)]
    return Workload("LSTM of 224 weights, a gate wrong", *calls)


def decay() -> Workload:
    """Two parameters of a differential equation, fitted to data; the second sensitivity is half as much again."""
    from scipy.integrate import solve_ivp

    times, data = np.linspace(0, 2, 20), np.random.default_rng(0).uniform(0.2, 1, 20)

    def solved(p: Array) -> Array:  # y' = p0 y (1 - y) - p1 y, and its derivatives with respect to p
        def slope(_: float, state: Array) -> list[float]:
            y, by0, by1 = state
            bend = p[0] * (1 - 2 * y) - p[1]
            return [p[0] * y * (1 - y) - p[1] * y, bend * by0 + y * (1 - y), bend * by1 - y]

        states: Array = solve_ivp(slope, (0, 2), [0.3, 0.0, 0.0], t_eval=times, rtol=1e-8, atol=1e-10).y
        return states

    def loss(p: Array) -> float:
        return float(0.5 * np.sum((solved(p)[0] - data) ** 2))

    def grad(p: Array, factor: float = 1.0) -> Array:
        y, by0, by1 = solved(p)
        return np.array([(y - data) @ by0, factor * ((y - data) @ by1)])

    start = np.array([1.3, 0.4])
    return Workload(
        "ODE, two parameters",
        (loss, (start,), {"grad": grad}),
        (loss, (start,), {"grad": lambda p: grad(p, 1.5)}),
    )


def module() -> Workload:
    """A torch.nn.Module with a Function of its own in each layer, one of which doubles."""
    import torch

    class Affine(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any, W: Any, b: Any, times: float) -> Any:  # noqa: ANN401
            ctx.save_for_backward(x, W)
            ctx.times = times
            return x @ W.T + b

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:  # noqa: ANN401
            x, W = ctx.saved_tensors
            return dy @ W, ctx.times * dy.T @ x, dy.sum(0), None

    class Layer(torch.nn.Linear):  # type: ignore[misc]
        times = 1.0

        def forward(self, x: Any) -> Any:  # noqa: ANN401
            return Affine.apply(x, self.weight, self.bias, self.times)

    def network(times: float) -> Any:  # noqa: ANN401
        torch.manual_seed(0)
        layers = torch.nn.Sequential(Layer(6, 8), torch.nn.Tanh(), Layer(8, 5))
        layers[2].times = times
        return layers

    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    return Workload("torch module, a layer doubled", (network(1.0), (x,), {}), (network(2.0), (x,), {}))


# ---------------------------------------------------------------------------------------------- the tables


def made(call: Call) -> tuple[Report, float]:
    """Return the report of a call, and the CPU time that it took."""
    model, args, keywords = call
    start = process_time()
    report = check_gradients(model, *args, **keywords)
    return report, process_time() - start


def row(pair: Workload, repetitions: int) -> tuple[list[str], list[list[str]]]:
    """Return what a pair costs, and for what."""
    made(pair.right)  # the first call compiles what there is to compile
    both = [(made(pair.right), made(pair.wrong)) for _ in range(repetitions)]
    (right, _), (wrong, _) = both[-1]
    ratio = median(red / green for (_, green), (_, red) in both)
    calls = wrong.evaluations / right.evaluations
    cause = wrong.diagnosis[0] if wrong.diagnosis else ""
    costs = [pair.name, str(right.evaluations), str(wrong.evaluations), f"{calls:.2f}", f"{ratio:.2f}", cause]
    phases = dict.fromkeys([*right.spent, *wrong.spent])
    return costs, [[pair.name, p, str(right.spent.get(p, 0)), str(wrong.spent.get(p, 0))] for p in phases]


def main(output: Path | None, *, quick: bool = False) -> None:
    """Measure and print; write the page if there is a place for it."""
    repetitions = 1 if quick else REPETITIONS
    rows = [row(pair, repetitions) for pair in pairs(quick=quick)]
    tables = (
        ([costs for costs, _ in rows], ["", "right", "wrong", "evaluations", "CPU time", "named as"]),
        ([line for _, lines in rows for line in lines], ["", "made for", "right", "wrong"]),
    )
    for cells, head in tables:
        print(tabulate(cells, head, tablefmt="simple", disable_numparse=True, maxcolwidths=60))
    if output:
        table, phases = (tabulate(cells, head, tablefmt="github", disable_numparse=True) for cells, head in tables)
        text = ABOUT.format(repetitions=repetitions, table=table, phases=phases)
        output.write_text(text, encoding="utf-8", newline="\n")
