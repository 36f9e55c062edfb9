"""Which hand-written backward within a model is at fault? Each Function is met where it is applied."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck._adapters.torch.functions import met, own  # noqa: E402


class Old(torch.autograd.Function):
    """k x, in the old style."""

    @staticmethod
    def forward(ctx, x, k):
        ctx.k = k
        return k * x

    @staticmethod
    def backward(ctx, dy):
        return ctx.k * dy, None


class Layer(nn.Module):
    def forward(self, x):
        return Old.apply(Cube.apply(x), 2.0)


def run(f, x, u=1.0):
    """Return what `met` runs: the outputs, and a cotangent of each."""

    def outputs():
        y = f(x.clone().requires_grad_())
        return {"y": y}, {"y": torch.full_like(y, u)}

    return outputs


def test_each_function_is_met_with_what_it_is_given_and_what_comes_back():
    """Whichever way its forward is written; and in which module."""
    model = nn.Sequential(nn.Tanh(), Layer())
    x = torch.tensor([0.5, -1.0])
    cube, old = met(run(model, x, u=3.0), model)
    assert (cube.name, old.name) == (
        "Cube (autograd.Function) in 1 (Layer)",
        "Old (autograd.Function) in 1 (Layer)",
    )
    assert torch.equal(cube.args[0], x.tanh())
    assert (old.args[1], old.cotangent.tolist(), cube.cotangent.tolist()) == (2.0, [3, 3], [6, 6])
    assert not cube.args[0].requires_grad


def test_two_uses_are_told_apart():
    """In the order in which they are applied, each with what comes back to it."""
    one, two = met(run(lambda x: Old.apply(Old.apply(x, 2.0), 5.0), torch.ones(1)), None)
    assert (one.name, two.name) == ("Old (autograd.Function, use 1)", "Old (autograd.Function, use 2)")
    assert (one.args[1], one.cotangent.tolist(), two.cotangent.tolist()) == (2.0, [5], [1])


def test_a_function_notes_nothing_afterwards():
    """Also where the run ends early: its forward is its own, inherited where it was."""
    heir = type("Heir", (Old,), {})
    x = torch.ones(1)
    assert [a.function for a in met(run(lambda x: heir.apply(x, 2.0), x), None)] == [heir]
    assert "forward" not in vars(heir)
    before, calls = Old.forward, []

    def fails(x):
        calls.append(1)
        y = Old.apply(x, 2.0)
        assert len(calls) < 2, "at the second time"
        return y

    with pytest.raises(AssertionError, match="at the second time"):
        met(run(fails, x), None)
    assert Old.forward is before


def test_what_pytorch_wrote_itself_is_not_met():
    """Its own operators, and its own Functions, are not under suspicion."""
    assert met(run(nn.Sequential(nn.Linear(2, 2), nn.Tanh()), torch.ones(1, 2)), None) == []
    theirs = type("Theirs", (Old,), {"__module__": "torch.nn.functional"})
    assert met(run(lambda x: theirs.apply(x, 2.0), torch.ones(2)), None) == []


def test_arguments_are_copied_as_they_are():
    """Tensors begin a graph of their own; all else is the same thing."""
    thing, x = object(), torch.ones(2, requires_grad=True)
    copies = own(({"x": 2 * x}, thing))
    assert copies[1] is thing
    assert copies[0]["x"].is_leaf
    assert copies[0]["x"].tolist() == [2, 2]
