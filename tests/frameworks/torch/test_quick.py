"""Are values without a graph the same as those with one? Where they are not, or cannot be had, those with it count."""

from __future__ import annotations

import copy

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch import models, quick, stacked  # noqa: E402


class Scaled(torch.autograd.Function):
    """Three times x, whose backward says otherwise."""

    @staticmethod
    def forward(ctx, x):
        return 3 * x

    @staticmethod
    def backward(ctx, dy):
        return 2 * dy


def graphs(f):
    """Return the function, and a list to which each of its calls adds whether there was a graph."""
    seen = []

    def counted(*args):
        y = f(*args)
        seen.append(getattr(y, "grad_" + "fn") is not None)
        return y

    return counted, seen


def as_they_were(monkeypatch):
    """Let every value be taken with a graph."""
    monkeypatch.setattr(quick.Quick, "__call__", lambda self, point: self.full(point))


def test_a_wrong_gradient_is_found_without_graphs():
    """And most values are without one."""
    f, seen = graphs(Scaled.apply)
    report = check_gradients(f, torch.randn(6, dtype=torch.float64))
    assert report.verdict is Verdict.WRONG
    assert seen.count(False) > 3 * seen.count(True)


class Stateful(nn.Module):
    """Whatever a call can leave behind, and drops, and changes in place."""

    def __init__(self):
        super().__init__()
        self.linear, self.norm, self.drop = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3)
        self.register_buffer("mean", torch.zeros(4))
        self.hidden, self.calls = None, 0

    def forward(self, x):
        x += 1
        h = self.drop(torch.tanh(self.norm(self.linear(x))))
        h = h if self.hidden is None else h + 0.1 * self.hidden
        self.hidden, self.calls = h.detach(), self.calls + 1
        self.mean.lerp_(h.detach().mean(0), 0.1)
        return h.square().sum() + h.sum()


class Clamped(nn.Module):
    """Gives its weight other memory at each call."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.5, -0.25], dtype=torch.float64))

    def forward(self, x):
        self.weight.data = self.weight.data.clamp(-1, 1)
        return (self.weight * x).sum()


def twice_the_same(x, y):
    x.add_(y)
    return (x * y).sin()


def nested(parts):
    return torch.cat([parts["a"][0].exp(), parts["b"]]) * parts["c"]


SAME = {
    "a module with state, in place, with dropout": lambda: (Stateful(), torch.randn(5, 3)),
    "a weight in other memory": lambda: (Clamped(), torch.randn(2, dtype=torch.float64)),
    "one tensor in two places": lambda: (twice_the_same, *[torch.randn(3, dtype=torch.float64)] * 2),
    "nested": lambda: (nested, {"a": [torch.randn(2).double()], "b": torch.randn(3).double(), "c": 2.0}),
    "complex": lambda: (torch.fft.fft, torch.randn(3, dtype=torch.complex128)),
    "bfloat16": lambda: (torch.tanh, torch.randn(3, dtype=torch.bfloat16)),
    "sparse": lambda: (torch.sparse.sum, torch.eye(3).double().to_sparse()),
    "several outputs": lambda: (lambda x: (x.exp(), x.argmax(), {"a": x.sum()}), torch.randn(3).double()),
    "an LSTM": lambda: (nn.LSTM(3, 2), torch.randn(4, 1, 3)),
    "an encoder without dropout": lambda: (
        nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).double().eval(),
        torch.randn(2, 3, 4).double(),
    ),
}


@pytest.mark.parametrize("case", SAME.values(), ids=SAME.keys())
def test_the_report_is_the_same(case, monkeypatch):
    """To the last digit, whatever a call does to what it is given."""
    torch.manual_seed(0)
    model, *args = case()
    again = copy.deepcopy(model)
    monkeypatch.setattr(stacked.Stacked, "__call__", lambda *_: None)
    found = check_gradients(model, *args)
    as_they_were(monkeypatch)
    expected = check_gradients(again, *args)
    assert found.evaluations == expected.evaluations
    assert found.problems == expected.problems
    for name, tensor in expected.tensors.items():
        assert np.array_equal(tensor.codes, found.tensors[name].codes)
        assert np.array_equal(tensor.estimates, found.tensors[name].estimates, equal_nan=True)


def differs_without_a_graph(x):
    return x.sin() if torch.__dict__["is_grad_" + "enabled"]() else x.cos()


def needs_a_graph(x):
    y = x.sin()
    return torch.autograd.grad(y.sum(), x, create_graph=True)[0]


def asks(x):
    return x.sin() if torch.is_grad_enabled() else x.cos()


def asks_far_from_here(x):
    return x.sin() if torch.is_grad_enabled() or x[0] > 0 else x.cos()


@pytest.mark.parametrize("f", [differs_without_a_graph, needs_a_graph, asks, asks_far_from_here])
def test_what_is_another_without_a_graph_is_taken_with_one(f):
    """Found by asking both, or by reading its code."""
    x = torch.linspace(0.1, 2, 5, dtype=torch.float64)
    assert check_gradients(f, x).verdict is Verdict.CORRECT


def test_what_raises_elsewhere_without_a_graph_alone():
    """Is taken with one, there and from then on."""
    enabled = torch.__dict__["is_grad_" + "enabled"]

    def f(x):
        if not enabled() and x[0] != 0.5 and x[1] == 1:
            msg = "no graph"
            raise ValueError(msg)
        return x.exp()

    report = check_gradients(f, torch.tensor([0.5, 1, 2, 3, 4, 5], dtype=torch.float64), neighbours=0)
    assert (report.verdict, report.wrong) == (Verdict.CORRECT, ())


def test_both_ways_are_gone_again_now_and_then():
    """What begins to be another after many calls is then taken with a graph."""
    enabled, calls = torch.__dict__["is_grad_" + "enabled"], []

    def f(x):
        calls.append(enabled())
        return x * 1.0 if enabled() or len(calls) < quick.AGAIN else x + 7.0

    oracle, point = models.oracle(f, (torch.ones(2, dtype=torch.float64),), models.Options()), {"x": np.ones(2)}
    with oracle.guard():
        values = [along(oracle, point, n // 2).tolist() for n in range(3 * quick.AGAIN)]
    assert not all(calls[: quick.AGAIN])
    assert all(calls[-quick.AGAIN :])
    assert values[-1] == [(3 * quick.AGAIN - 1) // 2] * 2


def along(oracle, point, n):
    """Return the value at a point that is moved, the same one all the time."""
    point["x"][...] = n
    return oracle.value(point)


def test_a_function_that_is_another_at_each_call():
    """Gets no call more than before, which might hide that."""
    calls = []

    def f(x):
        calls.append(1)
        return x.sin() + 1e-3 * (len(calls) % 2)

    report = check_gradients(f, torch.ones(3, dtype=torch.float64))
    assert report.verdict is Verdict.BROKEN
    assert "changes from call to call" in report.problems[0].sentence
