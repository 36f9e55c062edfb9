"""Is code recognised that asks for a graph, wherever it stands? And none that does not."""

from __future__ import annotations

import functools
from types import FunctionType

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck._adapters.torch.graph_minded import minds_graphs  # noqa: E402


def plain(x):
    with torch.no_grad():
        mask = x > 0
    return x * mask


def asking(x):
    return x if x.requires_grad else x.detach()


def through_another(x):
    return asking(x) + 1


def within(x):
    def inner():
        return x if torch.is_grad_enabled() else 2 * x

    return inner()


class Layer(nn.Module):
    def forward(self, x):
        return self.part(x)

    def part(self, x):
        return through_another(x)


class Careful(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x if ctx.needs_input_grad[0] else 2 * x


@pytest.mark.parametrize("root", [asking, through_another, within, functools.partial(asking), Careful.forward])
def test_code_that_asks(root):
    """Itself, by way of another function, or within."""
    assert minds_graphs([root], [])


def test_a_method_of_a_module():
    """Any of its methods may be called."""
    assert minds_graphs([], [Layer()])


def test_code_that_does_not():
    """No more than PyTorch's own, which knows what it does."""
    assert not minds_graphs([plain, torch.tanh], [nn.Linear(2, 2), nn.Sequential(nn.ReLU())])


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_what_is_compiled():
    """It would be compiled again for calls without a graph."""
    assert minds_graphs([], [torch.jit.script(nn.Linear(2, 2))])
    assert minds_graphs([torch.jit.script(nn.functional.relu)], [])
    made = FunctionType(plain.__code__, {})
    made._torchdynamo_orig_callable = plain
    assert minds_graphs([made], [])
