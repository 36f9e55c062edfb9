"""Neighbours of tensors: they stay in their sets, constant claims are looked at, and an alarm ends a check."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck import GradientError, Verdict, check_gradients  # noqa: E402

DOUBLE = torch.float64


class LogDet(torch.autograd.Function):
    """Right on symmetric matrices: of others the inverse is transposed."""

    @staticmethod
    def forward(ctx, S):
        ctx.save_for_backward(S)
        return torch.linalg.slogdet(S)[1]

    @staticmethod
    def backward(ctx, u):
        return u * torch.linalg.inv(*ctx.saved_tensors)


class Direction(torch.autograd.Function):
    """Right on vectors of unit length: of others one over the length is missing."""

    @staticmethod
    def forward(ctx, q):
        ctx.save_for_backward(q)
        return q / q.norm(dim=-1, keepdim=True)

    @staticmethod
    def backward(ctx, u):
        (q,) = ctx.saved_tensors
        return u - q * (q * u).sum(-1, keepdim=True)


class Linear(torch.autograd.Function):
    """Right at zero: the fourth power is forgotten."""

    @staticmethod
    def forward(ctx, x):
        return x.sum() + (x @ x) ** 2

    @staticmethod
    def backward(ctx, u):
        return u * torch.ones(3, dtype=DOUBLE)


@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32])
def test_what_is_right_in_a_set_is_right(dtype):
    """And a note says where it is not."""
    torch.manual_seed(0)
    B = torch.randn(3, 3, dtype=DOUBLE)
    q = torch.nn.functional.normalize(torch.randn(5, 4, dtype=DOUBLE), dim=-1)
    for f, x, name in (
        (LogDet.apply, B @ B.T + torch.eye(3, dtype=DOUBLE), "symmetric matrices"),
        (Direction.apply, q, "vectors of unit length"),
    ):
        report = check_gradients(f, x.to(dtype))
        assert report.verdict is Verdict.CORRECT, report
        assert f"right among {name}, wrong outside of them" in report.notes[-1]


def test_what_is_in_no_set_is_wrong():
    """At the given point."""
    torch.manual_seed(0)
    for f, x in ((LogDet.apply, torch.randn(3, 3, dtype=DOUBLE)), (Direction.apply, torch.randn(5, 4, dtype=DOUBLE))):
        assert check_gradients(f, x).verdict is Verdict.WRONG


def test_a_constant_is_looked_at():
    """It is right at zero alone."""
    report = check_gradients(Linear.apply, torch.zeros(3, dtype=DOUBLE))
    assert report.verdict is Verdict.WRONG
    assert {entry.where for entry in report.wrong} <= {"neighbour 1", "neighbour 2"}


def test_a_timeout_ends_a_check():
    """With the exception as its cause."""
    calls = []

    def f(x):
        calls.append(1)
        if len(calls) > 12:
            raise TimeoutError
        return (x**2).sum()

    with pytest.raises(GradientError) as caught:
        check_gradients(f, torch.ones(3, dtype=DOUBLE))
    assert isinstance(caught.value.__cause__, TimeoutError)
