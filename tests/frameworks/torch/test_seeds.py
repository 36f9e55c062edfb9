"""A function of PyTorch that draws is pinned, and a claim that is right on average is left undecided."""

from __future__ import annotations

import pytest
import torch

from gradcheck import Verdict, check_gradients


class Masked(torch.autograd.Function):
    """Dropout whose backward is `factor`, whatever the mask was."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return 2 * x * (torch.rand_like(x) > 0.5)

    @staticmethod
    def backward(ctx, u):
        return u * ctx.factor, None


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, Verdict.UNDECIDED), (-3.0, Verdict.WRONG), (9.0, Verdict.WRONG)])
@pytest.mark.parametrize("seed", range(5))
def test_the_backward_of_a_mean_network(factor, verdict, seed):
    """The mean of the masks is one: no other factor is that of many draws."""
    torch.manual_seed(seed)
    report = check_gradients(lambda x: Masked.apply(x, factor), torch.randn(6, dtype=torch.float64))
    assert report.verdict is verdict
    assert any("draws from a generator of PyTorch" in note for note in report.notes)


def test_dropout_itself_is_right():
    """With one mask for all calls it is a plain function."""
    report = check_gradients(torch.nn.Dropout(0.25), torch.randn(20, dtype=torch.float64))
    assert report.verdict is Verdict.CORRECT
