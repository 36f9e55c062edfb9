"""Does a backward that was written by hand keep what every backward must? Asked once, and only where there is one."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from models.torches.cube import Cube  # noqa: E402
from models.torches.handwritten import Product, product  # noqa: E402
from torch import nn  # noqa: E402

from gradcheck import Verdict, check_gradients  # noqa: E402

PLAIN = 10  # gradients of a check of what is PyTorch's own


def test_what_it_costs():
    """Nothing for PyTorch's own; four gradients for one input, and two more for two."""
    assert check_gradients(nn.Linear(3, 2), torch.randn(4, 3)).gradients == PLAIN
    assert check_gradients(Cube, torch.randn(4)).gradients == PLAIN + 4
    assert check_gradients(Product, torch.randn(4, 3), torch.randn(2, 3)).gradients == PLAIN + 6


def test_several_faults_at_once():
    """Each has its sentence, and one that follows from another has none."""

    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        dy.mul_(1)
        return dy @ weight, (dy.T @ x if ctx.needs_input_grad[0] else None)

    report = check_gradients(product(backward).apply, torch.randn(4, 3), torch.randn(2, 3), neighbours=0)
    assert [p.verdict for p in report.problems] == [Verdict.BROKEN, Verdict.WRONG]
    assert "in place" in report.problems[0].sentence
    assert "with only weight" in report.problems[1].sentence


@pytest.mark.parametrize("precision", ["double", "as-is"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_rounding_is_no_fault(precision, dtype):
    """A product of another layout adds up in another order."""
    x, w = torch.randn(6, 16, dtype=dtype), torch.randn(3, 16, dtype=dtype)
    assert check_gradients(Product, x, w, precision=precision, entries=3, neighbours=0).problems == ()


@pytest.mark.parametrize(
    "f",
    [
        torch.func.vmap(type("Mapped", (Cube,), {"generate_vmap_rule": True}).apply),
        lambda x: torch.utils.checkpoint.checkpoint(Cube.apply, x, use_reentrant=False),
        lambda x: torch.utils.checkpoint.checkpoint(Cube.apply, Cube.apply(x), use_reentrant=True),
        lambda x: Cube.apply(x).to_sparse().to_dense(),
        lambda x: (Cube.apply(x), x.sum(), Cube.apply(x[:0]).sum()),
    ],
    ids=["vmap", "checkpoint", "checkpoint entered again", "sparse", "several"],
)
def test_whatever_is_around_it(f):
    """Checkpoints, sparse tensors, several outputs, nothing at all."""
    report = check_gradients(f, torch.randn(2, 3), neighbours=0)
    assert (report.verdict, report.problems) == (Verdict.CORRECT, ())


class Slope(torch.autograd.Function):
    """3 x^2 times the cotangent of a cube; its own backward walks over memory."""

    @staticmethod
    def forward(ctx, x, dy):
        ctx.save_for_backward(x, dy)
        return 3 * x**2 * dy

    @staticmethod
    def backward(ctx, dg):
        x, dy = ctx.saved_tensors
        dg = dg.as_strided(dg.shape, dg.contiguous().stride())
        return 6 * x * dy * dg, 3 * x**2 * dg


def test_a_backward_of_a_backward():
    """It is asked where the second derivative is."""
    function = type("Twice", (Cube,), {"backward": staticmethod(lambda ctx, dy: Slope.apply(ctx.saved_tensors[0], dy))})
    assert check_gradients(function, torch.randn(3, 4), neighbours=0).problems == ()
    (problem,) = check_gradients(function, torch.randn(3, 4), order=2, neighbours=0).problems
    assert problem.sentence.startswith("order 2: the backward of Slope gives a different gradient of x")
    assert check_gradients(Cube, torch.randn(3, 4), order=2, neighbours=0).problems == ()
