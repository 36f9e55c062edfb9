"""Are the steps of a model told, with their places, so that a mistake in a Function is named where it stands?"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  its usual name

from gradcheck import Verdict, check_gradients
from gradcheck._adapters.torch import run_steps
from gradcheck._adapters.torch.run_steps import told
from gradcheck._adapters.torch.tape import CannotReplayError
from gradcheck._diagnose.steps.run_record import RunRecord, listened
from gradcheck._diagnose.steps.source_text import argument_text, operand_text
from gradcheck._diagnose.steps.way_through import WayThrough

RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(4, 6)), RNG.normal(size=(6, 6))
B = RNG.normal(size=6)
SCALE = 2.5


def recorded(f, *arrays):
    """Return the record of f(*tensors), the tensors being called a, b, c, ..."""
    record = RunRecord()
    point = [record.taken(name, array) for name, array in zip("abc", arrays, strict=False)]

    def run(given, listener):
        return told(lambda tree: f(*map(torch.from_numpy, tree)).numpy(), given, listener)

    y = listened(run, point, record)
    assert record.returned(y, ())
    return record


def stepwise(x, w):
    h = torch.zeros(6, dtype=torch.float64)
    for row in x:
        h = torch.tanh(row + w @ h)
    return h


def in_place(x, w):
    y = x.clone()
    y.mul_(3).add_(x @ w)
    return y


def in_part(x):
    y = x.clone()
    y[0] = x[1] * 2
    return y.sum(0)


FUNCTIONS = {
    "product": lambda x, w: x @ w + torch.from_numpy(B),
    "linear": lambda x, w: F.linear(x, w, w[0]),
    "layer norm": lambda x, w: F.layer_norm(x, (6,)) @ w.t(),
    "softmax": lambda x, w: torch.softmax(x / 2, -1) @ w,
    "einsum": lambda x, w: torch.einsum("bi,ij,bj->b", x, w, x),
    "put together": lambda x, w: torch.cat([x, 1 - x @ w], 1).reshape(2, -1).cumsum(0),
    "expanded": lambda x, w: torch.stack([x[:, 0], x[:, 2]]).expand(3, 2, 4) * w[0, 0],
    "by entry": lambda x, w: torch.where(x > 0, x, 0.1 * x).clamp(-1, 1) ** 3 @ w,
    "a stack of products": lambda x, w: x.reshape(2, 2, 6) @ w.expand(2, 6, 6),
    "another stack": lambda x, w: x.reshape(2, 2, 6) @ torch.stack([w]),
    "taken out": lambda x, w: (x[torch.tensor([0, 0, 3])] @ w).amax(1),
    "along an axis": lambda x, w: x.var(1, keepdim=True) + F.logsigmoid(x @ w).logsumexp(0),
    "in a loop": stepwise,
    "in place": in_place,
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_the_record_makes_the_gradient_of_autograd(f):
    """Of products, of what is rearranged, put together, done along an axis, in place, and in a loop."""
    record = recorded(f, X, W)
    x, w = (torch.from_numpy(array).requires_grad_() for array in (X, W))
    y = f(x, w)
    u = RNG.normal(size=tuple(y.shape))
    right = torch.autograd.grad(y, [x, w], torch.from_numpy(u))
    found = WayThrough(record, u.ravel()).gradients({})
    for name, gradient in zip("ab", right, strict=True):
        np.testing.assert_allclose(found[name], gradient.numpy(), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(
    ("f", "name", "operand", "number"),
    [
        (lambda x: 2 * x, "multiply", "x", "2"),
        (lambda x: x * 4, "multiply", "x", "4"),
        (lambda x: SCALE * x, "multiply", "x", "SCALE"),
        (lambda x: x + SCALE, "add", "x", "SCALE"),
        (lambda x: 1 - x, "subtract", "x", "1"),
        (lambda x: x - 1.5, "subtract", "x", "1.5"),
        (lambda x: torch.pow(x, 3), "power", "x", "3"),
    ],
)
def test_a_number_is_told_from_what_stands_beside_it(f, name, operand, number):
    """Whichever of them is written first; another number can be put in its place."""
    step = next(step for step in recorded(f, X).steps if step.numbers)
    ((place, _),) = step.numbers.items()
    assert (step.name, operand_text(step, 0), argument_text(step, place)) == (name, operand, number)
    shifted = {"multiply": 7 * X, "add": X + 7, "subtract": 7 - X if number == "1" else X - 7, "power": X**7}
    np.testing.assert_allclose(step.otherwise(place, 7.0)([X]), shifted[name])


@pytest.mark.parametrize(
    "f",
    [F.dropout, lambda x: torch.view_as_real(torch.fft.fft(x)), lambda x: x.float() * 2, in_part],
    ids=["drawn", "complex", "single", "in part"],
)
def test_what_is_no_step_of_numpy_is_not_told(f):
    """What is drawn anew each time, complex numbers, another precision, and what is changed through a part of it."""
    with pytest.raises((CannotReplayError, AssertionError)):
        recorded(f, X)


def test_a_long_run_is_not_told(monkeypatch):
    """Nor is one that would take long to be followed."""
    monkeypatch.setattr(run_steps, "STEPS", 2)
    with pytest.raises(CannotReplayError, match="long"):
        recorded(lambda x: x.sin().cos().tanh(), X)


class Normed(torch.autograd.Function):
    """Divided by the root of the mean square; the backward has a mistake, if it is told which."""

    mistake = ""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-2)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        eps = {"forgotten": 0.0, "another": 3e-2}.get(Normed.mistake, 1e-2)
        axis = 0 if Normed.mistake == "axis" else -1
        s = torch.rsqrt(x.pow(2).mean(axis, keepdim=True) + eps)
        return g * s - x * s**3 * (g * x).mean(axis, keepdim=True)


class Cell(torch.autograd.Function):
    """Four steps of a recurrence; the backward forgets to transpose the weight, if it is told so."""

    transposed = True

    @staticmethod
    def forward(ctx, x, W):
        h = torch.zeros(6, dtype=x.dtype)
        states = [h]
        for row in x:
            h = torch.tanh(row + W @ h)
            states.append(h)
        ctx.save_for_backward(W, *states)
        return h

    @staticmethod
    def backward(ctx, g):
        W, *states = ctx.saved_tensors
        rows, dW = [], torch.zeros_like(W)
        for before, after in zip(states[-2::-1], states[:0:-1], strict=True):
            d = g * (1 - after**2)
            rows.insert(0, d)
            dW = dW + torch.outer(d, before)
            g = (W.T if Cell.transposed else W) @ d
        return torch.stack(rows), dW


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("forgotten", "x: it would be right without 0.01, in x.pow(2).mean(-1, keepdim=True) + 1e-2 (line "),
        ("another", "x: it would be right with 0.03 in the place of 0.01, in x.pow(2)"),
        ("axis", "x: it would be right along axis 0 in the place of 1, in x.pow(2).mean(-1, keepdim=True) (line "),
    ],
)
def test_the_step_of_a_function_is_named(monkeypatch, mistake, words):
    """With its line in the forward."""
    x = torch.from_numpy(X).requires_grad_()
    assert check_gradients(Normed.apply, x).verdict is Verdict.CORRECT
    monkeypatch.setattr(Normed, "mistake", mistake)
    report = check_gradients(Normed.apply, x)
    assert report.verdict is Verdict.WRONG
    assert words in report.diagnosis[0]


class Standard(torch.autograd.Function):
    """Standardised along axis 0; the backward divides by one too few."""

    @staticmethod
    def forward(ctx, x, g):
        xh = (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt()
        ctx.save_for_backward(xh, g, x.var(0, unbiased=False))
        return xh * g

    @staticmethod
    def backward(ctx, u):
        xh, g, v = ctx.saved_tensors
        d = u * g
        return (d - d.mean(0) - xh * (d * xh).sum(0) / (len(xh) - 1)) / (v + 1e-5).sqrt(), (u * xh).sum(0)


def test_a_run_that_cannot_be_made_with_another_number_in_it_is_no_cause():
    """Along another axis a mean does not fit what it is subtracted from, and PyTorch raises."""
    report = check_gradients(Standard, torch.from_numpy(X[:, :3]), torch.from_numpy(B[:3]))
    assert (report.tensors["x"].verdict, report.tensors["g"].verdict) == (Verdict.WRONG, Verdict.CORRECT)
    assert "along axis" not in report.diagnosis[0]


def test_a_weight_that_is_not_transposed_in_a_loop_is_named(monkeypatch):
    """It explains both tensors."""
    args = [torch.from_numpy(array).requires_grad_() for array in (X, W)]
    assert check_gradients(Cell.apply, *args).verdict is Verdict.CORRECT
    monkeypatch.setattr(Cell, "transposed", False)
    report = check_gradients(Cell.apply, *args)
    assert "every tensor: W where its transpose is meant, in W @ h (line " in report.diagnosis[0]


def test_the_tensors_of_the_user_are_as_they_were(monkeypatch):
    """A run that is followed leaves no trace."""
    monkeypatch.setattr(Normed, "mistake", "forgotten")
    x = torch.from_numpy(X.copy()).requires_grad_()
    check_gradients(Normed.apply, x)
    assert (x.grad, x.requires_grad, np.array_equal(x.detach().numpy(), X)) == (None, True, True)


def test_a_layer_of_units_at_zero_is_not_accused():
    """PyTorch's own gradient by an input of zeros, which is none that the model has nearby."""
    for seed in range(6):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(3, 12, bias=False), nn.ReLU(), nn.Linear(12, 2))
        assert check_gradients(model, torch.zeros(1, 3)).tensors["input"].verdict is Verdict.KINK


@pytest.mark.parametrize("layer", [nn.PReLU, lambda: Largest(4)], ids=["PReLU", "maxout"])
def test_other_layers_with_kinks_at_zero_are_not_accused(layer):
    """One whose slope is a weight, which is no step entry by entry by PyTorch's word, and one that takes the first."""
    for seed in range(4):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(3, 16, bias=False), layer(), nn.LazyLinear(2))
        model(torch.zeros(1, 3))
        assert check_gradients(model, torch.zeros(1, 3)).tensors["input"].verdict is Verdict.KINK


class Largest(nn.Module):
    """The largest of each so many."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.unflatten(-1, (-1, self.pieces)).max(-1).values


def test_a_padding_of_zeros_is_not_accused():
    """Along some of its entries the model is straight, with another slope than the rule of the units makes."""
    for seed in range(6):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Conv1d(1, 3, 3, padding=1, bias=False), nn.ReLU(), nn.AvgPool1d(2), nn.Conv1d(3, 2, 2))
        assert check_gradients(model, F.pad(torch.randn(1, 1, 4), (3, 3))).tensors["input"].verdict is Verdict.KINK


@pytest.mark.parametrize("back", [lambda u, _: 0 * u, lambda u, x: u * (x < 0)], ids=["nothing", "the other side"])
def test_a_backward_that_is_legal_at_a_kink_alone_is_wrong(back):
    """PyTorch computes its claims where it is asked, so that zero throughout is no number typed for the point."""

    class Unit(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.relu()

        @staticmethod
        def backward(ctx, u):
            return back(u, *ctx.saved_tensors)

    for seed in range(6):
        torch.manual_seed(seed)
        W, V = torch.randn(3, 12), torch.randn(12, 2)
        report = check_gradients(lambda x, W=W, V=V: Unit.apply(x @ W) @ V, torch.zeros(1, 3))
        assert report.verdict is Verdict.WRONG
