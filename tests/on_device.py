"""Does a check on a device say what it says on the CPU? `python tests/on_device.py cuda` tells.

Right modules and wrong ones, in float64, float32 and half precision; weights by shifts of pre-activations, others by
`torch.func.vmap`, and one by one in the precision of the module. Without an argument the CPU is compared with itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from tabulate import tabulate
from torch import nn
from torch.nn import functional as F  # noqa: N812

from gradcheck import Report, Verdict, check_gradients

DTYPES = (torch.float64, torch.float32, torch.float16)
SHIFTS = "shifts of pre-activations"
OFTEN = 1.5  # times as many calls are more
ROWS, INWARD, HIDDEN, OUTWARD = 6, 16, 12, 5
HEAD = ("module", "dtype", "precision", "verdict", "wrong entries", "by shifts", "calls", "differs in")


class Product(torch.autograd.Function):
    """x W.T + b, whose backward is right, or twice too large in a row of W and in an entry of b."""

    @staticmethod
    def forward(ctx, x, W, b, off):
        ctx.save_for_backward(x, W)
        ctx.off = off
        return x @ W.t() + b

    @staticmethod
    def backward(ctx, dy):
        x, W = ctx.saved_tensors
        dW, db = dy.t() @ x, dy.sum(0)
        if ctx.off:
            dW[1] *= 2
            db[-1] *= 2
        return dy @ W, dW, db, None


class Affine(nn.Module):
    """A layer with that product."""

    def __init__(self, inward, outward, *, off=False):
        super().__init__()
        draw = torch.Generator().manual_seed(inward)
        self.weight = nn.Parameter(torch.randn(outward, inward, generator=draw) / inward**0.5)
        self.bias = nn.Parameter(torch.randn(outward, generator=draw) / 2)
        self.off = off

    def forward(self, x):
        return Product.apply(x, self.weight, self.bias, self.off)


class Scaled(nn.Module):
    """A row of W off in the backward, and W divided by its norm: no shift of a pre-activation tells what W does."""

    def __init__(self, inward, outward, *, off):
        super().__init__()
        draw = torch.Generator().manual_seed(inward)
        self.weight = nn.Parameter(torch.randn(outward, inward, generator=draw))
        self.off = off

    def forward(self, x):
        W = self.weight
        if self.off:  # the same value, and twice the slope in a row
            W = torch.cat([W[:1], 2 * W[1:2] - W[1:2].detach(), W[2:]])
        return torch.tanh(F.linear(x, W / W.norm()))


MODULES = {
    "right": lambda: nn.Sequential(nn.Linear(INWARD, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, OUTWARD)),
    "wrong": lambda: nn.Sequential(Affine(INWARD, HIDDEN, off=True), nn.Tanh(), nn.Linear(HIDDEN, OUTWARD)),
    "right, scaled": lambda: Scaled(INWARD, HIDDEN, off=False),
    "wrong, scaled": lambda: Scaled(INWARD, HIDDEN, off=True),
}


@dataclass(frozen=True)
class Checked:
    """What a check said, and how often it called the module: seldom, where it took many values at once."""

    report: Report
    calls: int


@dataclass(frozen=True)
class Case:
    """A module, its dtype, and the precision in which it is checked."""

    name: str
    dtype: torch.dtype
    precision: str

    def check(self, device: str) -> Checked:
        """Check the module on a device: the same numbers everywhere."""
        torch.manual_seed(0)
        model = MODULES[self.name]().to(device=device, dtype=self.dtype)
        calls: list[int] = []
        model.register_forward_pre_hook(lambda *_: calls.append(1))
        x = torch.randn(ROWS, INWARD, generator=torch.Generator().manual_seed(1))
        report = check_gradients(model, x.to(device=device, dtype=self.dtype), precision=self.precision)
        return Checked(report, len(calls))


def cases() -> Iterator[Case]:
    """Yield all of them: promoted to double precision, and as they are."""
    for name in MODULES:
        for dtype in DTYPES:
            for precision in ("double", "as-is"):
                if precision == "double" or dtype != torch.float64:  # which is the same
                    yield Case(name, dtype, precision)


def wrong(report: Report) -> set[tuple[str, tuple[int, ...]]]:
    """Return the wrong entries, by name and index."""
    return {(entry.tensor, entry.index) for entry in report.wrong}


def by_shifts(report: Report) -> set[str]:
    """Return the tensors that were measured by shifts."""
    return {tensor.name for tensor in report.tensors.values() if tensor.means == SHIFTS}


def differences(checked: Checked, elsewhere: Checked, case: Case) -> list[str]:
    """Return in what two checks of one case differ; in half precision both may round otherwise."""
    here, there = checked.report, elsewhere.report
    rough = case.precision == "as-is" and case.dtype == torch.float16
    bad = Verdict.WRONG in (here.verdict, there.verdict)
    found = {
        "the verdict": here.verdict is not there.verdict and (bad or not rough),
        "wrong entries": wrong(here) != wrong(there) and not rough,
        "verdicts of tensors": not rough and _verdicts(here) != _verdicts(there),
        "what shifts measured": by_shifts(here) != by_shifts(there),
        "how often it is called": not rough and elsewhere.calls > OFTEN * checked.calls,
        "what was expected": (there.verdict is Verdict.WRONG) != case.name.startswith("wrong"),
    }
    return [what for what, differs in found.items() if differs]


def _verdicts(report: Report) -> dict[str, Verdict]:
    return {name: tensor.verdict for name, tensor in report.tensors.items()}


def rows(device: str) -> list[list[str]]:
    """Check every case here and there; return a row for each."""
    found = []
    for case in cases():
        here, there = case.check("cpu"), case.check(device)
        told, report = ", ".join(differences(here, there, case)), there.report
        numbers = [str(len(wrong(report))), str(len(by_shifts(report))), f"{there.calls} of {report.evaluations}"]
        dtype = str(case.dtype).removeprefix("torch.")
        found.append([case.name, dtype, case.precision, report.verdict.name, *numbers, told])
    return found


def main(device: str) -> int:
    """Print the table; return 1 if anything differs."""
    found = rows(device)
    print(tabulate(found, HEAD, tablefmt="github", disable_numparse=True))
    return int(any(row[-1] for row in found))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or ["cpu"]))
