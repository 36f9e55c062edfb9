"""Is the guilty part of a model named? Modules and Functions are taken alone, where they are met."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402


class Scaled(torch.autograd.Function):
    """k x, in the old style; the claim is twice that."""

    @staticmethod
    def forward(ctx, x, k):
        ctx.k = k
        return x * k

    @staticmethod
    def backward(ctx, dy):
        return 2 * dy * ctx.k, None


class Right(Scaled):
    @staticmethod
    def backward(ctx, dy):
        return dy * ctx.k, None


class Scale(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function.apply(x, 3.0)


def network(function):
    return nn.Sequential(
        nn.Linear(3, 4), nn.Sequential(nn.Tanh(), Scale(Right)), nn.ModuleList([Scale(function)])[0], nn.Linear(4, 2)
    )


def test_the_function_and_the_module_it_stands_in_are_named():
    """Taken alone it is wrong, and says how; the right ones of the same kind are not named."""
    report = check_gradients(network(Scaled), torch.randn(2, 3))
    assert report.diagnosis[0].startswith("Scaled (autograd.Function) in 2 (Scale) taken alone is wrong")
    assert "twice" in report.diagnosis[0] or "2 times" in report.diagnosis[0]
    assert not any("Right" in sentence or "1.1 (Scale)" in sentence for sentence in report.diagnosis)


def test_in_a_function_without_modules():
    """The Function that is at fault, not its right neighbour."""

    def f(x, w):
        return Right.apply(Scaled.apply(torch.tanh(Right.apply(x, 2.0) @ w), 0.5), 2.0)

    report = check_gradients(f, torch.randn(2, 3), torch.randn(3, 2))
    assert report.diagnosis[0].startswith("Scaled (autograd.Function) taken alone is wrong")
    assert not any("Right" in sentence for sentence in report.diagnosis)


def test_a_module_that_joins_right_layers_wrongly():
    """The layers in it are right, it itself is not."""

    class Joins(nn.Module):
        def __init__(self):
            super().__init__()
            self.below, self.above = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x):
            return self.above(self.below(x)) + self.below(x).detach()

    report = check_gradients(nn.Sequential(nn.Linear(3, 3), Joins(), nn.Linear(3, 1)), torch.randn(2, 3))
    assert any("1 (Joins) taken alone is wrong, though each layer in it is right" in s for s in report.diagnosis)


def test_a_right_model_is_not_taken_apart():
    """It costs nothing where nothing is wrong, and leaves no trace."""
    forward = Right.__dict__.get("forward"), Scaled.__dict__["forward"]
    report = check_gradients(network(Right), torch.randn(2, 3))
    assert report.verdict is Verdict.CORRECT
    assert report.diagnosis == ()
    check_gradients(network(Scaled), torch.randn(2, 3))
    assert (Right.__dict__.get("forward"), Scaled.__dict__["forward"]) == forward


def test_two_uses_of_one_function_are_told_apart():
    """The backward is wrong for one of the two arguments alone."""

    class Often(Scaled):
        @staticmethod
        def backward(ctx, dy):
            return dy * ctx.k * (2 if ctx.k == 5.0 else 1), None

    report = check_gradients(lambda x: Often.apply(torch.sin(Often.apply(x, 2.0)), 5.0), torch.randn(3))
    assert report.diagnosis[0].startswith("Often (autograd.Function, use 2) taken alone is wrong")


def test_the_stages_stand_in_the_order_of_calling():
    """A Function stands where its module does; the guilty one says what is the matter with it."""
    report = check_gradients(network(Scaled), torch.randn(2, 3))
    assert [stage.name for stage in report.stages] == [
        "0 (Linear)",
        "1.0 (Tanh)",
        "Right (autograd.Function) in 1.1 (Scale)",
        "Scaled (autograd.Function) in 2 (Scale)",
        "3 (Linear)",
    ]
    assert [stage.verdict is Verdict.WRONG for stage in report.stages] == [False, False, False, True, False]
    assert "taken alone is wrong" in report.stages[3].sentence
