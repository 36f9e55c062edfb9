"""Is it named what PyTorch's means hold constant on the way back, and nothing blamed for what is simply wrong?"""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch.autograd.function import once_differentiable  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402

torch.manual_seed(0)
X = torch.randn(6, 4, dtype=torch.float64)
Z = torch.randn(5, dtype=torch.complex128)
A = torch.rand(5, dtype=torch.float64) + 0.5
MATRIX = torch.randn(5, 3, dtype=torch.complex128)
WEIGHTS = torch.randn(4, 3, dtype=torch.float64)


def backward(slope, forward):
    """Return a Function with a backward of its own."""

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, *rest):
            ctx.save_for_backward(x)
            ctx.rest = len(rest)
            return forward(x, *rest)

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return slope(g, x), *[None] * ctx.rest

    return Own


class Straight(nn.Module):
    def forward(self, x):
        return x + (torch.round(2 * x) / 2 - x).detach()


class Detached(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 5), nn.Linear(5, 5)

    def forward(self, x):
        h = torch.tanh(self.a(x))
        return self.b(h) * h.detach()


class Normalised(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 5)

    def forward(self, x):
        h = self.a(x)
        with torch.no_grad():
            mean, variance = h.mean(0), h.var(0)
        return (h - mean) / torch.sqrt(variance + 1e-5)


class Checkpointed(nn.Module):
    def __init__(self, *, reentrant):
        super().__init__()
        self.a, self.dropout, self.reentrant = nn.Linear(4, 6), nn.Dropout(0.5), reentrant

    def forward(self, x):
        return checkpoint(
            lambda x: self.dropout(torch.tanh(self.a(x))), x, use_reentrant=self.reentrant, preserve_rng_state=False
        )


Strided = backward(lambda g, _: 2 * torch.as_strided(g, g.shape, (g.shape[1], 1)), lambda x: 2 * x)


class Turned(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)

    def forward(self, x):
        return Strided.apply(self.a(x).t()).t()


class Hooked(nn.Module):
    """Whose gradient a hook halves: one of a parameter, of a module, or of what is in between."""

    def __init__(self, where):
        super().__init__()
        self.a, self.b, self.where = nn.Linear(4, 5).double(), nn.Linear(5, 3).double(), where
        if where == "parameter":
            self.a.weight.register_hook(lambda g: g / 2)
        if where == "module":
            self.b.register_full_backward_hook(lambda _, given, __: tuple(g / 2 for g in given))
        if where == "before a module":
            self.b.register_full_backward_pre_hook(lambda _, given: tuple(g / 2 for g in given))

    def forward(self, x):
        h = torch.tanh(self.a(x))
        if self.where == "tensor":
            h.register_hook(lambda g: g / 2)
        return self.b(h)


def weighted(x):
    with torch.no_grad():
        weights = torch.softmax(x, -1)
    return (weights * x**2).sum()


def in_numpy(x):
    return (torch.from_numpy(np.sin(x.detach().numpy())) * x).sum()


class LeavesPyTorch(nn.Module):
    def __init__(self, how):
        super().__init__()
        self.a, self.b, self.how = nn.Linear(4, 5).double(), nn.Linear(5, 3).double(), how

    def forward(self, x):
        h = torch.tanh(self.a(x))
        if self.how == "weights":
            return self.b(h * torch.as_tensor(torch.softmax(h, -1).detach().cpu().numpy()))
        if self.how == "mean":
            return self.b(h * torch.tensor(h.mean().item()))
        return self.b(torch.from_numpy(h.detach().numpy()))


def looked_up(weights):
    return nn.functional.embedding(torch.tensor([0, 1, 2, 0]), weights, padding_idx=0)


NORMED = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 5).double())
OLD_NORMED = nn.utils.spectral_norm(nn.Linear(4, 5).double())

CASES = {
    "straight through": (Straight(), X, "a straight-through estimator"),
    "detach": (Detached().double(), X, "right without detach() or .data"),
    "data": (lambda x: (x.data.exp() * x).sum(), X, "right without detach() or .data"),
    "no_grad": (weighted, X, "right without no_grad()"),
    "item": (lambda x: x / x.abs().max().item(), X, "right without item()"),
    "no_grad in a module": (Normalised().double(), X, "right without no_grad()"),
    "numpy": (in_numpy, X, "right with what numpy(), tolist() or item() returns held constant"),
    "tolist": (lambda x: (torch.tensor(x.tolist()).sin() * x).sum(), X, "right with what numpy(), tolist() or item()"),
    "numpy in a module": (LeavesPyTorch("weights"), X, "right with what numpy(), tolist() or item() returns held"),
    "item in a tensor": (LeavesPyTorch("mean"), X, "right with what numpy(), tolist() or item() returns held"),
    "all of it": (LeavesPyTorch("all"), X, "right with what numpy(), tolist() or item() returns held constant"),
    "padding": (looked_up, WEIGHTS, "padding_idx holds the gradient of its row at zero"),
    "a hook of a parameter": (Hooked("parameter"), X, "right without its hooks"),
    "a hook of a module": (Hooked("module"), X, "right without its hooks"),
    "a hook before a module": (Hooked("before a module"), X, "right without its hooks"),
    "a hook of a tensor": (Hooked("tensor"), X, "right without its hooks"),
    "checkpoint": (Checkpointed(reentrant=False).double(), X, "preserve_rng_state=False"),
    "layout": (Turned().double(), X, "right for cotangents that are contiguous"),
    "spectral norm": (NORMED, X, "spectral_norm in training"),
    "the older spectral norm": (OLD_NORMED, X, "spectral_norm in training"),
    "gamma": (lambda a: torch.distributions.Gamma(a, 1.0).rsample(), A, "a sample of a gamma distribution"),
    "beta": (lambda a: torch.distributions.Beta(a, a + 1).rsample(), A, "a sample of a beta or Dirichlet"),
    "rounding": (
        backward(lambda g, _: g, torch.round).apply,
        X,
        "a straight-through estimator: the function is constant",
    ),
    "conjugate": (backward(lambda g, z: g * 2 * z, torch.square).apply, Z, "a conjugate is missing"),
    "conjugate of a matrix": (backward(lambda g, _: g @ MATRIX.t(), lambda z: z @ MATRIX).apply, Z, "a conjugate is"),
    "conjugate of a size": (backward(lambda g, z: g * 2 * z.conj(), lambda z: z.abs() ** 2).apply, Z, "a conjugate is"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_left_out_is_named(name):
    """By undoing it, wherever it can be undone."""
    model, point, words = CASES[name]
    report = check_gradients(model, point)
    assert report.verdict is Verdict.WRONG
    assert words in report.diagnosis[0], report.diagnosis


class Both(nn.Module):
    """A detach that is harmless, beside a backward that is wrong."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 5)

    def forward(self, x):
        h = self.a(x)
        return Cubed.apply(h) + 0 * h.detach()


Cubed = backward(lambda g, x: g * x**2, lambda x: x**3)


def test_what_is_simply_wrong_is_not_blamed_on_them():
    """The gradient is as wrong without the detach."""
    report = check_gradients(Both().double(), X)
    assert report.verdict is Verdict.WRONG
    assert not any("detach" in sentence for sentence in report.diagnosis)
    assert "taken alone is wrong" in report.diagnosis[0]


def test_numpy_is_not_blamed_for_another_mistake():
    """What it returns is looked at, and as wrong when it is held constant."""
    report = check_gradients(lambda x: Cubed.apply(x).sum() + 0 * float(x.detach().numpy().sum()), X)
    assert report.verdict is Verdict.WRONG
    assert not any("numpy" in sentence for sentence in report.diagnosis)


def cube(*how):
    """Return a Function whose backward cannot be differentiated, or not wholly."""

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            if "no_grad" in how:
                with torch.no_grad():
                    return 3 * x**2 * g
            return g * (3 * x**2).detach() if "detach" in how else 3 * x**2 * g

    if "once" in how:
        Cube.backward = staticmethod(once_differentiable(Cube.backward))
    return Cube


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("once", "order 2: Cube.backward is marked once_differentiable"),
        ("detach", "right without detach() or .data in the backward"),
        ("no_grad", "right without no_grad() in the backward"),
    ],
)
def test_what_is_left_out_of_a_backward_is_named_where_that_is_differentiated(how, words):
    """The gradient itself is right, and the Function is put back."""
    function = cube(how)
    report = check_gradients(function.apply, A, order=2)
    assert (report.verdict, report.tensors["x"].verdict) == (Verdict.WRONG, Verdict.CORRECT)
    assert words in report.diagnosis[0]
    assert (function.backward.__name__, check_gradients(function.apply, A).verdict) == ("backward", Verdict.CORRECT)


def test_no_mark_is_blamed_for_what_is_wrong_without_it():
    """As where something is detached besides."""
    report = check_gradients(cube("once", "detach").apply, A, order=2)
    assert report.verdict is Verdict.WRONG
    assert not any("right without" in sentence for sentence in report.diagnosis)


def test_a_backward_that_can_be_differentiated_is_right_twice():
    """It has no mark."""
    assert check_gradients(cube().apply, A, order=2).verdict is Verdict.CORRECT


def test_everything_is_put_back():
    """Whatever was changed for a call."""
    before = torch.Tensor.detach, torch.no_grad.__enter__, nn.functional.embedding, Strided.backward
    check_gradients(Turned().double(), X)
    check_gradients(weighted, X)
    assert before == (torch.Tensor.detach, torch.no_grad.__enter__, nn.functional.embedding, Strided.backward)
    assert "data" not in vars(torch.Tensor)
    x = torch.ones(2, requires_grad=True)
    assert not x.detach().requires_grad
    assert not x.data.requires_grad
    with torch.no_grad():
        assert not (2 * x).requires_grad


def test_a_model_that_is_right_is_asked_nothing():
    """It is called no more often than before."""
    calls = []

    def cubes(x):
        calls.append(1)
        return (x**3).sum()

    report = check_gradients(cubes, X)
    assert report.verdict is Verdict.CORRECT
    assert len(calls) <= report.evaluations + report.gradients + 8


class Adapter(nn.Module):
    """A layer that is frozen, and beside it a product of two small matrices, of which the second begins with zeros."""

    def __init__(self, passed):
        super().__init__()
        self.base = nn.Linear(4, 3).requires_grad_(requires_grad=False)
        self.down, self.up = nn.Linear(4, 2), nn.Linear(2, 3)
        self.passed = passed
        nn.init.zeros_(self.up.weight)

    def forward(self, x):
        """Return the sum of both."""
        return self.base(x) + self.up(self.passed(self.down(x)))


def test_what_begins_with_zeros_is_undone_nearby():
    """At the given point the gradient is right whatever is held constant, and so numpy() and item() were blamed."""
    report = check_gradients(Adapter(lambda h: h.detach()).double(), X)
    assert report.verdict is Verdict.WRONG
    assert "without detach()" in report.diagnosis[0]
    assert check_gradients(Adapter(lambda h: h).double(), X).verdict is Verdict.CORRECT


def test_a_layer_is_taken_alone_where_it_is_wrong():
    """As it meets a cotangent there, which is zero at the given point."""
    half = backward(lambda g, x: g / torch.cosh(x) ** 2 / 2, torch.tanh)
    report = check_gradients(Adapter(half.apply).double(), X)
    assert report.verdict is Verdict.WRONG
    assert "taken alone is wrong: x: every entry is exactly half" in report.diagnosis[0]
