"""What a model of a framework raises, at whatever call: a GradientError, or a report; and an end is an end."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck import GradientError, Report, check_gradients  # noqa: E402

X = torch.tensor([0.3, 0.7, 1.2], dtype=torch.float64)


class Clock:
    """Raises at one call of all."""

    def __init__(self):
        self.calls, self.at, self.error = 0, 0, None

    def tick(self):
        self.calls += 1
        if self.calls == self.at:
            raise self.error


CLOCK = Clock()


class Cube(torch.autograd.Function):
    """x³, with a clock in both directions."""

    @staticmethod
    def forward(ctx, x):
        CLOCK.tick()
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        CLOCK.tick()
        (x,) = ctx.saved_tensors
        return 3 * x**2 * g


class Noisy(torch.nn.Module):
    """A layer that draws and remembers."""

    def __init__(self):
        super().__init__()
        self.layer, self.norm, self.drop = torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2), torch.nn.Dropout(0.3)

    def forward(self, x):
        CLOCK.tick()
        return self.drop(self.norm(self.layer(x)))


def left_out(x):
    """A term of the gradient is left out."""
    CLOCK.tick()
    return Cube.apply(x).detach() * 2 + Cube.apply(x)


def function(x):
    CLOCK.tick()
    return (x**3).sum()


def module():
    torch.manual_seed(0)
    return check_gradients(Noisy().double(), torch.randn(4, 2, dtype=torch.float64))


KINDS = {
    "function": lambda: check_gradients(function, X),
    "Function": lambda: check_gradients(Cube.apply, X),
    "module": module,
    "wrong": lambda: check_gradients(left_out, X),
}


def calls(check, at=0, error=None):
    """Return what comes of a check, and how many calls it made."""
    CLOCK.calls, CLOCK.at, CLOCK.error = 0, at, error
    try:
        found = check()
    except GradientError as raised:
        found = raised
    return found, CLOCK.calls


@pytest.mark.parametrize("check", KINDS.values(), ids=list(KINDS))
def test_whatever_is_raised_at_whatever_call_is_a_report_or_an_error_of_ours(check):
    """The last call too, at which only promises of PyTorch are tested."""
    _, total = calls(check)
    for at in {*range(1, total + 1, 7), *range(total - 8, total + 1)}:
        found, _ = calls(check, at, ValueError("no value"))
        assert isinstance(found, (Report, GradientError))


@pytest.mark.parametrize("check", KINDS.values(), ids=list(KINDS))
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("of a device"), RuntimeError("CUDA error: unknown")])
def test_a_device_that_is_gone_ends_a_check_at_whatever_call(check, error):
    """Nothing more is asked of it."""
    _, total = calls(check)
    for at in {1, *range(2, total + 1, 7), *range(total - 8, total + 1)}:
        found, made = calls(check, at, error)
        assert isinstance(found, GradientError), at
        assert made == at
