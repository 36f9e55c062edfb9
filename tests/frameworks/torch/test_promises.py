"""What does PyTorch promise of a backward besides? Outputs without a cotangent, and many cotangents at once."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch.promises import at_once, one_alone  # noqa: E402


def cube(**methods):
    """Return the same with another method."""
    return type("Other", (Cube,), {name: staticmethod(method) for name, method in methods.items()})


def test_a_backward_that_mixes_the_cotangents_of_a_stack_is_found():
    """One at a time it is right."""

    class Stacked(torch.autograd.Function):
        @staticmethod
        def forward(x):
            return x.sin()

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_backward(*inputs)

        @staticmethod
        def backward(ctx, dy):
            (x,) = ctx.saved_tensors
            return Times.apply(x.cos(), dy)

    class Times(torch.autograd.Function):
        generate_vmap_rule = False

        @staticmethod
        def forward(a, b):
            return a * b

        @staticmethod
        def setup_context(ctx, inputs, output):
            pass

        @staticmethod
        def vmap(info, in_dims, a, b):
            return a * b.flip(0), 0

    x = torch.randn(4)
    assert check_gradients(Stacked, x).verdict is Verdict.CORRECT
    report = check_gradients(Stacked, x, batched=True)
    assert [p.tensor for p in report.problems] == ["x"]
    assert "several cotangents at once" in report.problems[0].sentence


def test_right_ones_and_those_that_cannot():
    """What vmap does not know is said."""
    assert check_gradients(nn.Linear(3, 2), torch.randn(2, 3), batched=True).verdict is Verdict.CORRECT

    def backward(ctx, dy):
        (x,) = ctx.saved_tensors
        return 3 * x**2 * dy if dy.sum().item() else 0 * x

    report = check_gradients(cube(backward=backward), torch.randn(4), batched=True)
    assert report.verdict is Verdict.BROKEN
    assert "vmap" in report.problems[0].sentence


class Two(torch.autograd.Function):
    """sin x and cos x."""

    @staticmethod
    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(x)
        return x.sin(), x.cos()

    @staticmethod
    def backward(ctx, ds, dc):
        (x,) = ctx.saved_tensors
        dx = torch.zeros_like(x)
        dx = dx if ds is None else dx + ds * x.cos()
        return dx if dc is None else dx - dc * x.sin()


def test_a_backward_that_forgets_that_a_cotangent_may_be_missing():
    """It raises, or returns something else, where only one of the outputs is used."""

    def raises(ctx, ds, dc):
        (x,) = ctx.saved_tensors
        return ds * x.cos() - dc * x.sin()

    def forgets(ctx, ds, dc):
        return None if ds is None else Two.backward(ctx, ds, dc)

    raising = type("Raising", (Two,), {"backward": staticmethod(raises)})
    forgetting = type("Forgetting", (Two,), {"backward": staticmethod(forgets)})
    x = torch.randn(4)
    assert check_gradients(Two, x).verdict is Verdict.CORRECT
    assert check_gradients(raising, x).verdict is Verdict.BROKEN
    assert check_gradients(forgetting, x).verdict is Verdict.WRONG


def test_each_promise_is_asked_of_outputs_and_cotangents_alone():
    """A right graph keeps both; one that takes a number out of a cotangent breaks the second, and says what raised."""
    x = torch.tensor([0.5, 2.0], requires_grad=True)
    numbers = cube(backward=lambda ctx, dy: 3 * ctx.saved_tensors[0] ** 2 * dy * (dy[0].item() * 0 + 1))

    def asked(function):
        outputs = {"y": function(x), "z": x.sin()}
        us = {name: torch.ones(2) for name in outputs}
        return one_alone({"x": x}, outputs, us), at_once({"x": x}, outputs, us)

    assert asked(torch.tanh) == ([], [])
    kept, (problem,) = asked(numbers.apply)
    assert kept == []
    assert problem.verdict is Verdict.BROKEN
    assert "several cotangents at once (vmap) raised" in problem.sentence


def test_a_gradient_that_is_missing_everywhere_breaks_no_promise():
    """None for each and None for all: the output does not depend on it."""
    x, y = (torch.ones(2, requires_grad=True) for _ in range(2))
    carry, us = {"a": x.sin(), "b": x.cos()}, {"a": torch.ones(2), "b": torch.ones(2)}
    assert one_alone({"x": x, "y": y}, carry, us) == []
    assert at_once({"y": y}, carry, us) == []
