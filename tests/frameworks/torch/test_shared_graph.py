"""Is a graph shared by several cotangents, where that gives the same? Where it does not, each gets its own."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch import models  # noqa: E402
from gradcheck._options import Options  # noqa: E402


@contextlib.contextmanager
def opened(f, *args):
    """Yield the oracle of a function, its point, and a list to which each of its calls adds something."""
    calls = []

    def counted(*given):
        calls.append(1)
        return f(*given)

    oracle = models.oracle(counted, args, Options())
    point = {path: np.array(array) for path, array in oracle.point.items()}
    with oracle.guard():
        for _ in range(3):  # until it is known what a call changes
            oracle.gradient(point)
        calls.clear()
        yield oracle, point, calls


def given(n=3):
    return torch.linspace(0.5, 2, n, dtype=torch.float64)


def test_one_call_for_several_cotangents():
    """Each gradient is that of its own; at another point, or after another call, a new graph is made."""
    with opened(torch.exp, given()) as (oracle, point, calls):
        for u in (np.ones(3), np.arange(3.0), np.zeros(3)):
            assert np.allclose(oracle.pullback(point, u)["x"], u * np.exp(point["x"]))
        assert len(calls) == 1
        point["x"][0] = 1
        assert oracle.pullback(point, np.ones(3))["x"][0] == np.e
        assert len(calls) == 2
        oracle.gradient(point)
        oracle.pullback(point, 2 * np.ones(3))
        assert len(calls) == 4


def test_the_same_cotangent_again_gets_a_graph_of_its_own():
    """So that what changes from call to call is seen."""
    with opened(torch.exp, given()) as (oracle, point, calls):
        for _ in range(3):
            oracle.pullback(point, np.ones(3))
    assert len(calls) == 3


class Spent(torch.autograd.Function):
    """Its backward changes what it keeps."""

    @staticmethod
    def forward(ctx, x):
        ctx.kept = x.clone()
        return x**2 / 2

    @staticmethod
    def backward(ctx, dy):
        dx = ctx.kept * dy
        ctx.kept.mul_(2)
        return dx


class Once(torch.autograd.Function):
    """Its backward can be called once."""

    @staticmethod
    def forward(ctx, x):
        ctx.kept = [x]
        return x**2 / 2

    @staticmethod
    def backward(ctx, dy):
        return ctx.kept.pop() * dy


@pytest.mark.parametrize("function", [Spent, Once])
def test_a_graph_that_cannot_be_gone_through_again(function):
    """Is not: its gradients are right, and what is said of it is what was said before."""
    with opened(function.apply, given()) as (oracle, point, _):
        for u in (np.ones(3), 2 * np.ones(3), -np.ones(3)):
            assert np.array_equal(oracle.pullback(point, u)["x"], point["x"] * u)
    report = check_gradients(function.apply, given())
    assert not report.wrong
    assert "a second time" in report.problems[0].sentence


def test_what_a_call_changes_or_draws():
    """Then the next call is another; the gradients are those of calls of their own."""
    torch.manual_seed(0)
    for model in (nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3)), nn.Dropout(0.5)):
        with opened(model.double(), torch.randn(4, 3).double()) as (oracle, point, _):
            oracle.pullback(point, np.ones(12))
            assert oracle.pullback.shut
    assert check_gradients(nn.Dropout(0.5), torch.randn(4, 3).double()).verdict is not Verdict.WRONG


def test_a_backward_that_is_not_linear_is_found():
    """By cotangents that share its graph."""

    class Clipped(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, dy):
            return 2 * ctx.saved_tensors[0] * dy.clamp(-2, 2)

    report = check_gradients(Clipped.apply, given())
    assert "not linear in its cotangent" in report.problems[0].sentence
