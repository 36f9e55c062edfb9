"""An infinite gradient of PyTorch's own is right where the slope is infinite, and wrong where it is not."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck import Verdict, check_gradients  # noqa: E402

ZERO, ONE = (0.0, 0.5, 0.5), (1.0, 0.5, -1.0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("f", "at"), [(torch.sqrt, ZERO), (torch.special.entr, ZERO), (torch.acos, ONE), (torch.asin, ONE)]
)
def test_an_infinite_slope_is_right(f, at, dtype):
    """In either precision."""
    assert check_gradients(f, torch.tensor(at, dtype=getattr(torch, dtype))).verdict is Verdict.CORRECT


def test_a_gradient_that_overflows_is_wrong():
    """The slope of a guarded root is 5e5."""

    class Guarded(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return torch.sqrt(x + 1e-12)

        @staticmethod
        def backward(ctx, u):
            (x,) = ctx.saved_tensors
            return u / (2 * torch.sqrt(x))

    report = check_gradients(Guarded, torch.tensor(ZERO, dtype=torch.float64, requires_grad=True))
    assert [entry.index for entry in report.wrong] == [(0,)]
