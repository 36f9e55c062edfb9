"""Are values of a model taken at many points at once, where that gives the same? Nowhere else, and it is as it was."""

from __future__ import annotations

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch import stacked  # noqa: E402


def counted(model):
    """Return a list to which each call of a model adds something."""
    calls = []
    model.register_forward_pre_hook(lambda *_: calls.append(1))
    return calls


def test_far_fewer_calls_than_evaluations():
    """For weights, buffers and inputs; the report is that of values one by one, but for last digits."""
    model, x = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 5)).double(), torch.randn(4, 6).double()
    calls = counted(model)
    found = check_gradients(model, x, neighbours=0)
    assert found.verdict is Verdict.CORRECT
    assert len(calls) < 0.75 * found.evaluations


def test_parameters_are_where_they_were(monkeypatch):
    """Also where the model raises, which then goes on one by one."""
    model = nn.Sequential(nn.Linear(6, 8), nn.Tanh()).double()
    held = model[0].weight
    raised = []

    def refuses(*_):
        raised.append(model[0].weight is held)
        msg = "no rule"
        raise RuntimeError(msg)

    monkeypatch.setattr(stacked, "floats", refuses)
    report = check_gradients(model, torch.randn(2, 6).double(), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert 0 < len(raised) <= stacked.REFUSALS
    assert not any(raised)
    assert model[0].weight is held


class ByHand(torch.autograd.Function):
    """Has a forward that vmap cannot take, and a wrong backward."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sin()

    @staticmethod
    def backward(ctx, dy):
        dx = dy * ctx.saved_tensors[0].cos()
        return torch.cat([dx[:20], 1.5 * dx[20:21], dx[21:]])


class Ruled(torch.autograd.Function):
    """Has a rule for many at once that is another function than its forward; its backward is right for the rule."""

    @staticmethod
    def forward(x):
        return x.sin()

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, dy):
        return -2 * dy * (2 * ctx.saved_tensors[0]).sin()

    @staticmethod
    def vmap(info, in_dims, x):
        return (2 * x).cos(), in_dims[0]


def test_a_function_without_a_rule_or_with_a_wrong_one():
    """What counts is what the model itself returns."""
    x = torch.linspace(0.3, 1.2, 30, dtype=torch.float64)
    assert [e.index for e in check_gradients(ByHand.apply, x, neighbours=0).wrong] == [(20,)]
    assert len(check_gradients(Ruled.apply, x, neighbours=0).wrong) > 20


class Elsewhere(nn.Module):
    """Computes with its weight by another way than its name."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(5, 6).double())
        self.also = [self.weight]

    def forward(self, x):
        return torch.tanh(x @ self.also[0].T)


@pytest.mark.parametrize(
    "make",
    [
        Elsewhere,
        lambda: nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5)).double(),
        lambda: nn.Sequential(nn.Linear(6, 5), nn.Dropout(0.3)).double(),
        lambda: nn.GRU(6, 3).double(),
    ],
    ids=["seen by another way", "batch norm", "dropout", "no rule"],
)
def test_other_models_are_asked_one_by_one(make):
    """And judged as before."""
    model = make()
    before = copy.deepcopy(model.state_dict())
    report = check_gradients(model, torch.randn(4, 6).double(), neighbours=0)
    assert report.verdict is Verdict.CORRECT
    assert all(np.array_equal(before[name], t) for name, t in model.state_dict().items() if "num_batches" not in name)


@pytest.mark.parametrize("most", range(650, 750, 10))
def test_no_more_is_taken_at_once_than_may_be_evaluated(most):
    """What may still be evaluated is taken one by one, and the others are left undone."""
    torch.manual_seed(0)
    model, x = nn.utils.parametrizations.weight_norm(nn.Linear(20, 20)).double(), torch.randn(5, 20).double()
    found = check_gradients(model, x, neighbours=0, max_evaluations=most)
    assert found.evaluations <= most
    assert found.verdict is Verdict.UNDECIDED
