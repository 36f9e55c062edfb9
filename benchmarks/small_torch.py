"""What does a check of PyTorch cost, beside PyTorch's own on the same function? CPU time, in turn, in one process."""

from __future__ import annotations

import copy
import functools
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from tabulate import tabulate

from benchmarks.patience import patience
from benchmarks.samples import OperatorSample, cases
from gradcheck import check_gradients

Ask = Callable[..., object]
Row = tuple[str, Ask, Ask, float]  # what, ours, PyTorch's, and how many times as long ours may take

TURNS = 15
LEAST = 1e-9  # seconds: what took no time at all took so much
PATIENCE = 60  # seconds for an answer about an operator
MANY = 200  # entries of a sample that is a large one
EVERY = 60  # as one of how many samples is asked about where it is to be quick


def rows() -> Iterator[Row]:
    """Yield functions and modules, each asked about as a module, through the door, and through it in its fast mode."""
    import torch

    from gradcheck.compat.torch import gradcheck

    for name, model, args, reach in models():
        f, tensors = _function(model, args)
        theirs = functools.partial(torch.autograd.gradcheck, f, tensors)
        fast = functools.partial(torch.autograd.gradcheck, f, tensors, fast_mode=True)
        yield name, functools.partial(check_gradients, model, *args), theirs, reach
        yield f"{name}, the door", functools.partial(gradcheck, f, tensors), theirs, reach
        yield f"{name}, fast mode", functools.partial(gradcheck, f, tensors, fast_mode=True), fast, 3.0


def models() -> Iterator[tuple[str, Any, tuple[Any, ...], float]]:
    """Yield a name, what is checked at which inputs, and what it may cost beside PyTorch's own."""
    import torch

    class Cube(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:  # noqa: ANN401
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:  # noqa: ANN401
            return 3 * ctx.saved_tensors[0] ** 2 * dy

    class Summed(torch.nn.Module):  # type: ignore[misc]
        """A model whose output is one number."""

        def __init__(self, model: Any) -> None:  # noqa: ANN401
            super().__init__()
            self.model = model

        def forward(self, x: Any) -> Any:  # noqa: ANN401
            y = self.model(x)
            return (y[0] if isinstance(y, tuple) else y).sin().sum()

    def normal(*shape: int) -> Any:  # noqa: ANN401
        return torch.randn(*shape, dtype=torch.float64, requires_grad=True)

    torch.manual_seed(0)
    yield "Function of 10 inputs", Cube.apply, (normal(10),), 2.0
    yield "Linear(4, 3)", torch.nn.Linear(4, 3).double(), (normal(5, 4),), 2.0
    yield "LSTM of 144 weights", Summed(torch.nn.LSTM(3, 4).double()), (normal(5, 2, 3),), 1.0
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    yield "encoder layer of 600 weights", Summed(layer.double()), (normal(2, 3, 8),), 0.7


def _function(model: Any, args: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:  # noqa: ANN401
    """Return a model as a function of its inputs and parameters, and those."""
    import torch

    if not isinstance(model, torch.nn.Module):
        return model, args
    twin = copy.deepcopy(model)
    names = [name for name, _ in twin.named_parameters()]
    own = tuple(p.detach().clone().requires_grad_() for p in twin.parameters())

    def f(*tensors: Any) -> Any:  # noqa: ANN401
        inputs, parameters = tensors[: len(args)], tensors[len(args) :]
        return torch.func.functional_call(twin, dict(zip(names, parameters, strict=True)), inputs)

    return f, (*args, *own)


def measured(ours: Ask, theirs: Ask, turns: int) -> tuple[float, float, float]:
    """Return how many times as long ours takes, and the seconds of both: medians of turns, after a first one."""
    seconds = []
    for _ in range(turns + 1):
        begun = process_time()
        ours()
        between = process_time()
        theirs()
        seconds.append((between - begun, process_time() - between))
    kept = seconds[1:]
    return median(a / max(b, LEAST) for a, b in kept), median(a for a, _ in kept), median(b for _, b in kept)


def operators(every: int) -> Iterator[tuple[str, float, float, float]]:
    """Yield what all samples of operators cost through the door, and the large ones, and in the fast mode."""
    import torch

    from gradcheck.compat.torch import gradcheck

    seconds = np.array([_asked(gradcheck, torch.autograd.gradcheck, case) for case in list(cases())[::every]])
    large = seconds[seconds[:, -1] > MANY]
    for name, those, at, reach in (
        (f"operators, {len(seconds)} samples", seconds, 0, 2.0),
        (f"operators, {len(large)} samples of more than {MANY} entries", large, 0, 1.0),
        (f"operators, {len(seconds)} samples, fast mode", seconds, 2, 3.0),
    ):
        yield name, float(those[:, at].sum()), float(those[:, at + 1].sum()), reach


def _asked(ours: Ask, theirs: Ask, case: OperatorSample) -> list[float]:
    """Return what each takes for a sample, in full and in its fast mode, and how many entries there are."""
    found = []
    for fast in (False, True):
        for ask in (ours, theirs):
            how = {"nondet_tol": case.nondet, "fast_mode": fast, "raise_exception": False}
            begun = process_time()
            try:
                with patience(PATIENCE), warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    ask(case.function, case.tensors, **how)
            except Exception:  # noqa: BLE001, S110  whatever it says, it has taken its time
                pass
            found.append(process_time() - begun)
    return [*found, float(case.entries)]


def main(output: Path | None = None, *, quick: bool = False) -> None:
    """Measure, print the table, and write it where it is wanted."""
    import torch

    torch.set_num_threads(1)
    told = [(name, *measured(ours, theirs, 1 if quick else TURNS), reach) for name, ours, theirs, reach in rows()]
    told += [
        (n, ours / max(theirs, 1e-9), ours, theirs, reach)
        for n, ours, theirs, reach in operators(EVERY if quick else 1)
    ]
    table = [(n, f"{a * 1e3:.1f} ms", f"{b * 1e3:.1f} ms", f"{r:.2f}", f"{reach:g}") for n, r, a, b, reach in told]
    head = ["what", "ours", "torch.autograd.gradcheck", "ratio", "reach"]
    text = tabulate(table, head, tablefmt="github", colalign=("left", *["right"] * 4), disable_numparse=True)
    print(text)
    if output is not None:
        page = f"# What a check of PyTorch costs beside PyTorch's own\n\nCPU time; medians of turns.\n\n{text}\n"
        output.write_text(page, encoding="utf-8", newline="\n")
