"""Is a check in half precision as sharp as it says, and no sharper than it can be?"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck import Verdict, check_gradients  # noqa: E402


def product(factor):
    """Return silu(x) @ w with the slope of the first row of w off by a factor."""

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.save_for_backward(x, w)
            return torch.nn.functional.silu(x) @ w

        @staticmethod
        def backward(ctx, dy):
            x, w = ctx.saved_tensors
            s = torch.sigmoid(x)
            dw = torch.nn.functional.silu(x).t() @ dy
            return (dy @ w.t()) * s * (1 + x * (1 - s)), torch.cat([factor * dw[:1], dw[1:]])

    return Product.apply


def checked(seed, factor, dtype):
    torch.manual_seed(seed)
    x, w = torch.randn(4, 8).to(dtype), torch.randn(8, 3).to(dtype)
    return check_gradients(product(factor), x, w, precision="as-is", seed=seed, neighbours=0)


@pytest.mark.parametrize("seed", [0, 1, 4])
@pytest.mark.parametrize("factor", [1.5, 0.5])
def test_a_row_in_bfloat16_that_is_off_by_half_is_found(seed, factor):
    """Though a quarter as large as the largest: its entries are known much better than a kink in the noise allows."""
    report = checked(seed, factor, torch.bfloat16)
    assert report.verdict is Verdict.WRONG, f"\n{report}"
    assert report.tensors["x"].verdict is Verdict.CORRECT


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_right_in_half_precision_says_what_would_have_been_seen(seed, dtype):
    """No worse than an error as large as an entry, and at no more than ten evaluations an entry."""
    report = checked(seed, 1.0, dtype)
    assert report.verdict is Verdict.CORRECT, f"\n{report}"
    assert all(tensor.resolution <= 1 for tensor in report.tensors.values())
    assert report.evaluations <= 10 * 56
