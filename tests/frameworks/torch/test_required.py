"""Does the gradient of one tensor depend on which others require theirs? One that does is found, and told when."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.handwritten import Layer, Product, product  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402
from gradcheck._adapters.torch.required import looks_at_flags  # noqa: E402

X, W = torch.randn(5, 3), torch.randn(2, 3)


def both_or_none(ctx, dy):
    """Forget the weight where it is alone."""
    x, weight = ctx.saved_tensors
    return dy @ weight, (dy.T @ x if all(ctx.needs_input_grad) else None)


def mean_where_alone(ctx, dy):
    x, weight = ctx.saved_tensors
    return dy @ weight, dy.T @ x / (1 if ctx.needs_input_grad[0] else len(x))


def swapped(ctx, dy):
    x, weight = ctx.saved_tensors
    first, second = ctx.needs_input_grad
    return (dy @ weight if second else None), (dy.T @ x if first else None)


def only_those_needed(ctx, dy):
    x, weight = ctx.saved_tensors
    both = [dy @ weight, dy.T @ x]
    return tuple(g for g, needed in zip(both, ctx.needs_input_grad, strict=True) if needed)


@pytest.mark.parametrize(
    ("backward", "verdict", "sentence"),
    [
        (both_or_none, Verdict.WRONG, "with only weight requiring a gradient, its gradient differs"),
        (mean_where_alone, Verdict.WRONG, "with only weight requiring a gradient, its gradient differs"),
        (swapped, Verdict.WRONG, "with only x requiring a gradient, its gradient differs"),
        (only_those_needed, Verdict.BROKEN, "with only x requiring a gradient the backward raises RuntimeError"),
    ],
)
def test_a_backward_that_is_right_where_all_require_a_gradient(backward, verdict, sentence):
    """A frozen weight, or an input that is data, makes it another."""
    report = check_gradients(product(backward).apply, X, W, neighbours=0, entries=3)
    assert report.verdict is verdict
    assert {t.verdict for t in report.tensors.values()} == {Verdict.CORRECT}
    (problem,) = report.problems
    assert problem.sentence.startswith(sentence)


def test_a_forward_that_looks_at_what_is_required():
    """It keeps less, and the backward misses it."""

    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight) if x.requires_grad else ctx.save_for_backward(x)
        return x @ weight.T

    other = type("Other", (Product,), {"forward": staticmethod(forward)})
    (problem,) = check_gradients(other.apply, X, W, neighbours=0, entries=3).problems
    assert "with only weight requiring a gradient the backward raises ValueError" in problem.sentence


def test_a_layer_of_which_the_weight_is_frozen():
    """Deep in a network the input of a layer requires a gradient if anything below it does."""

    def input_forgotten(ctx, dy):
        x, weight = ctx.saved_tensors
        return (dy @ weight if ctx.needs_input_grad[1] else torch.zeros_like(x)), dy.T @ x

    layers = (Layer(3, 4, function=product(input_forgotten)) for _ in range(1))
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh(), *layers)
    (problem,) = check_gradients(model, X, neighbours=0, entries=3).problems
    assert "with all but 2.weight requiring a gradient" in problem.sentence
    assert problem.tensor == "0.weight"


class LowRank(nn.Module):
    """A frozen layer and a product of two others beside it."""

    def __init__(self, function):
        super().__init__()
        self.base = Layer(3, 4, function=function)
        self.base.requires_grad_(False)
        self.a = nn.Parameter(torch.randn(2, 3))
        self.b = nn.Parameter(torch.randn(4, 2))
        self.function = function

    def forward(self, x):
        return self.base(x) + self.function.apply(self.function.apply(x, self.a), self.b)


def test_right_ones_pass():
    """What is asked for is what comes; parameters are as they were."""
    model = nn.Sequential(Layer(3, 4), nn.Tanh(), Layer(4, 2))
    model[0].weight.requires_grad_(False)
    for f, args in (
        (Product.apply, (X, W)),
        (model, (X,)),
        (LowRank(Product), (X,)),
        (lambda x: Product.apply(x, x), (X,)),
    ):
        report = check_gradients(f, *args, neighbours=0, entries=3)
        assert (report.verdict, report.problems) == (Verdict.CORRECT, ())
    assert [p.requires_grad for p in model.parameters()] == [False, True]


def test_a_low_rank_adapter():
    """Its base is frozen, and its other half may be."""
    (problem,) = check_gradients(LowRank(product(both_or_none)), X, neighbours=0, entries=3).problems
    assert problem.verdict is Verdict.WRONG
    assert "requiring a gradient" in problem.sentence


def test_few_choices_are_made_of_a_deep_network():
    """One use of each Function, and no more."""
    model = nn.Sequential(*(nn.Sequential(Layer(3, 3), nn.Tanh()) for _ in range(8)))
    short = check_gradients(nn.Sequential(Layer(3, 3), nn.Tanh()), X, neighbours=0, entries=2)
    assert check_gradients(model, X, neighbours=0, entries=2).gradients <= short.gradients + 2


def test_a_checkpoint_that_is_entered_again_is_not_asked():
    """Without the gradient of its input it has none, and PyTorch says so."""
    layer = Layer(3, 3)
    model = nn.Sequential(layer, Layer(3, 2))

    def f(x):
        return model[1](torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=True))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, x):
            return f(x), x

    assert check_gradients(Model(), X, neighbours=0, entries=2).verdict is Verdict.CORRECT


class Frozen(nn.Module):
    """Two layers, of which the second is left out of the graph in some way while the first is frozen."""

    def __init__(self, way):
        super().__init__()
        self.one, self.two, self.way = nn.Linear(3, 3), nn.Linear(3, 3), way

    def forward(self, x):
        with torch.set_grad_enabled(self.way(self)):
            h = self.one(x)
        return self.two(h)


def test_code_that_looks_at_what_is_required():
    """A frozen part is run without a graph, and what is below it has no gradient; a Function is not needed for that."""
    (problem,) = check_gradients(Frozen(lambda m: m.one.weight.requires_grad), X, neighbours=0, entries=3).problems
    assert problem.verdict is Verdict.WRONG
    assert problem.sentence.endswith("look at how the code uses requires_grad")
    assert check_gradients(Frozen(lambda m: True), X, neighbours=0, entries=3).problems == ()


def test_what_code_looks_at():
    """A helper that a function names is its code too; what belongs to PyTorch is not."""

    def helper(x):
        return x if x.requires_grad else x.detach()

    assert looks_at_flags(lambda x: helper(x) + 1, [])
    assert looks_at_flags(None, [Frozen(None)])
    assert not looks_at_flags(torch.sin, [nn.LSTM(2, 2)])
