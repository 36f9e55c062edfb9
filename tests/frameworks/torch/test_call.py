"""What does a model compute at a point of arrays? With them in the places of its tensors, and not with many copies."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import InputError, Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch.call import TorchCall  # noqa: E402
from gradcheck._adapters.torch.choice import chosen, named  # noqa: E402
from gradcheck._adapters.torch.state import Constants  # noqa: E402


def call(f, *args, loss=None):
    """Return the call of a function, or a module, and the arrays of its point."""
    arguments = {f"x{k}": arg for k, arg in enumerate(args)}
    moved, _ = chosen([*named(f, arguments, loss)], arguments, None)
    modules = [*f.modules()] if isinstance(f, nn.Module) else []
    made = TorchCall(f, (args, {}), moved, loss=loss, modules=modules, constants=Constants([]), others=[])
    return made, {path: np.array(array) for one in moved for path, array in one.arrays().items()}


@pytest.mark.parametrize(
    ("f", "returned"),
    [
        (lambda x: x.detach().numpy(), "an array of shape"),
        (lambda x: x.tolist(), "a list"),
        (lambda x: x.argmax(), "a Tensor"),
        (lambda x: None, "a NoneType"),
    ],
    ids=["an array", "numbers", "an integer", "None"],
)
def test_what_returns_no_floating_point_tensor_is_refused(f, returned):
    """With what it returned, and what to leave out."""
    made, point = call(f, torch.ones(2))
    with made.guard(), pytest.raises(InputError, match=f"the function returned {returned}.*floating-point tensor is n"):
        made.forward(point)


def test_the_arrays_stand_in_the_places_of_the_tensors():
    """Of arguments and of parameters, a loss on top; the pullback is that of PyTorch, at the point."""
    model = nn.Linear(2, 1)
    made, point = call(model, torch.ones(3, 2), loss=lambda y: y.sum())
    point["weight"][...], point["bias"][...], point["x0"][...] = 2, 1, 0.5
    with made.guard():
        assert made.forward(point) == {"output": 9}
        found = made.pullback(point, {"output": np.float32(1)})
    assert {name: g.tolist() for name, g in found.items()} == {
        "weight": [[1.5, 1.5]],
        "bias": [3],
        "x0": [[2, 2]] * 3,
    }


def test_parameters_are_in_their_own_memory_afterwards():
    """However the calls end; and as many threads compute as before."""
    model, threads = nn.Linear(2, 1), torch.get_num_threads()
    before = model.weight.data_ptr(), model.weight.detach().clone()
    made, point = call(model, torch.ones(3, 5))
    point["weight"][...] = 7

    def ends():
        with made.guard():
            assert made.variables(point)["weight"].data_ptr() == point["weight"].ctypes.data
            made.forward(point)

    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        ends()
    assert model.weight.data_ptr() == before[0]
    assert torch.equal(model.weight, before[1])
    assert torch.get_num_threads() == threads


def test_gradients_that_come_by_way_of_backward_alone():
    """A Function that goes back within, through a part of the model, and adds to the gradients of its parameters."""

    class Within(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, part):
            ctx.part, ctx.x = part, x.detach()
            return part(x).detach()

        @staticmethod
        def backward(ctx, dy):
            with torch.enable_grad():
                x = ctx.x.clone().requires_grad_()
                ctx.part(x).backward(dy)
            return x.grad, None

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.part = nn.Linear(3, 2)

        def forward(self, x):
            return Within.apply(x, self.part)

    model = Model()
    model.part.weight.grad = mine = torch.ones(2, 3)
    report = check_gradients(model, torch.randn(4, 3), neighbours=0)
    assert (report.verdict, report.problems) == (Verdict.CORRECT, ())
    assert model.part.weight.grad is mine
    assert mine.eq(1).all()


SCRIPT = """
import resource, sys
import torch
from gradcheck import check_gradients

class Tables(torch.nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.tables = torch.nn.ModuleList([torch.nn.Embedding(rows, 100) for _ in range(16)])
    def forward(self, k):
        return torch.tanh(sum(table(k) for table in self.tables))

def check(rows):
    model, k = Tables(rows).double(), torch.arange(0, rows, rows // 2)
    report = check_gradients(model, k, entries=1, neighbours=1)
    assert str(report.verdict) in ("CORRECT", "UNTESTED"), report
    return sum(p.numel() * p.element_size() for p in model.parameters())

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

check(200)
before = peak()
size = check(1500)
print((peak() - before - size) / size)
"""


def test_three_copies_of_the_parameters_and_what_one_tensor_takes():
    """The numbers that are moved, the gradient, and the gradient elsewhere: beside the user's own."""
    pytest.importorskip("resource")
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}  # what is freed is given back at once
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, env=environment, timeout=300
    )
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < 3.9


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("around", [True, False])
def test_under_autocast_weights_are_those_of_the_point(seed, around):
    """Around the check, it keeps copies of them from call to call: right gradients pass, at the precision there is."""

    def halved():
        return torch.autocast("cpu", dtype=torch.bfloat16)

    class Halved(nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.linear, self.factor = nn.Linear(4, 3), factor

        def forward(self, x):
            with contextlib.nullcontext() if around else halved():
                y = self.linear(x)
            return self.factor * y - (self.factor - 1) * y.detach()

    torch.manual_seed(seed)
    x = torch.randn(5, 4, requires_grad=True)
    with halved() if around else contextlib.nullcontext():
        assert check_gradients(Halved(1), x).verdict is Verdict.CORRECT
        assert check_gradients(Halved(2), x).verdict is Verdict.WRONG


@pytest.mark.parametrize("factor", [1.0, 1.01])
def test_a_loss_whose_backward_refuses_double_is_measured_as_it_is(factor):
    """Its forward takes a target of zeros made in single precision, and PyTorch's backward does not."""

    def loss(x):
        wrong = factor * x + (1 - factor) * x.detach()
        return nn.functional.huber_loss(wrong, torch.zeros(4))

    report = check_gradients(loss, torch.linspace(-2, 1.5, 4))
    assert report.verdict is (Verdict.CORRECT if factor == 1 else Verdict.WRONG)
    assert any("in float64 the gradient function raised RuntimeError: Found dtype Float" in n for n in report.notes)
