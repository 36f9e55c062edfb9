"""Does a backward leave its cotangent as it was, and give the same when it is called a second time?"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402
from models.torches.handwritten import cube, slope  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402

X = torch.randn(3, 4)


def multiplied(x, dy):
    return dy.mul_(slope(x))


def masked_in_numpy(x, dy):
    numbers = dy.numpy()
    numbers *= slope(x).numpy()
    return torch.from_numpy(numbers)


def masked_where_nothing_is(x, dy):
    dy[x > 1e6] = 0
    return slope(x) * dy


@pytest.mark.parametrize("backward", [multiplied, masked_in_numpy, masked_where_nothing_is])
@pytest.mark.parametrize(
    "around", [lambda f: f.apply, lambda f: lambda x: (f.apply(2 * x) ** 2).sum(0)], ids=["alone", "within"]
)
def test_a_cotangent_that_is_changed_in_place(backward, around):
    """The gradient itself is right: nobody else had use for the cotangent here."""
    report = check_gradients(around(cube(backward)), X, neighbours=0, entries=3)
    assert report.verdict is Verdict.BROKEN
    (problem,) = report.problems
    assert "the backward of Other changes its cotangent in place" in problem.sentence


def test_it_is_the_reason_of_a_wrong_gradient():
    """Beside a residual connection."""
    other = cube(multiplied)
    report = check_gradients(lambda x: other.apply(x) + x, X, neighbours=0)
    assert report.verdict is Verdict.WRONG
    assert "changes its cotangent in place" in report.problems[0].sentence


def keeping(keep, back):
    """Return x^3 that keeps a thing of its own on its context."""

    class Kept(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.kept = keep(x)
            return x**3

        @staticmethod
        def backward(ctx, dy):
            return back(ctx, dy)

    return Kept


def emptied(ctx, dy):
    x, ctx.kept = ctx.kept, None
    return slope(x) * dy


def summed(ctx, dy):
    ctx.kept[1].add_(slope(ctx.kept[0]) * dy)
    return ctx.kept[1]


def inner_graph(x):
    with torch.enable_grad():
        own = x.detach().requires_grad_()
        return own, own**3


@pytest.mark.parametrize(
    ("keep", "back", "sentence"),
    [
        (lambda x: x, emptied, "raises when called a second time with retain_graph=True: TypeError"),
        (inner_graph, lambda ctx, dy: torch.autograd.grad(*ctx.kept[::-1], dy)[0], "raises when called a second time"),
        (slope, lambda ctx, dy: ctx.kept.mul_(dy), "gives a different gradient of x when called a second time"),
        (lambda x: (x, 0 * x), summed, "gives a different gradient of x when called a second time"),
    ],
    ids=["emptied", "freed", "multiplied", "summed"],
)
def test_a_second_backward(keep, back, sentence):
    """One that empties, or changes, what it keeps."""
    report = check_gradients(keeping(keep, back).apply, X, neighbours=0, entries=3)
    assert report.verdict is Verdict.BROKEN
    assert f"the backward of Kept {sentence}" in report.problems[0].sentence


def test_whose_it_is_among_several():
    """The one that raises, not one that is gone back through before it."""
    bad = keeping(lambda x: x, emptied)
    (problem,) = check_gradients(lambda x: Cube.apply(bad.apply(Cube.apply(x))), X, neighbours=0, entries=3).problems
    assert "the backward of Kept raises" in problem.sentence


def test_right_ones_pass():
    """A graph within that is retained; a copy that is changed."""

    def retained(ctx, dy):
        return torch.autograd.grad(ctx.kept[1], ctx.kept[0], dy, retain_graph=True)[0]

    report = check_gradients(keeping(inner_graph, retained).apply, X, neighbours=0, entries=3)
    assert (report.verdict, report.problems) == (Verdict.CORRECT, ())
    assert check_gradients(cube(lambda x, dy: dy.clone().mul_(slope(x))).apply, X, neighbours=0).problems == ()
