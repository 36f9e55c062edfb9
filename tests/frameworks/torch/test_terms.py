"""Is a scalar opened into what adds up to it, as far as it is a sum?"""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402, N812

from gradcheck._adapters.torch.after import After, Recording  # noqa: E402
from gradcheck._adapters.torch.tape import Recorder  # noqa: E402

Z = torch.linspace(-1, 2, 20, dtype=torch.float64).reshape(5, 4)
LABELS = torch.tensor([0, 3, 1, 2, 0])


def opened(loss, u=1.0):
    with Recorder() as recorder:
        z = Z.clone()
        y = loss(z)
    tape = recorder.tape
    head = (tape.slot(y), torch.full(y.shape, u, dtype=torch.float64))
    return After.of(Recording(tape, [head], {5}), tape.slot(z), 4, 10_000), float(y.sum() * u)


@pytest.mark.parametrize(
    ("loss", "count"),
    [
        (lambda z: F.cross_entropy(z, LABELS), 5),
        (lambda z: F.cross_entropy(z, LABELS, reduction="sum", ignore_index=3), 5),
        (lambda z: F.mse_loss(z, Z.flip(0)), 20),
        (lambda z: -z.exp().mean() / 3, 20),
        (lambda z: 2 * (z.exp().sum() - z.sin().mean()), 40),
        (lambda z: z.sum(1), 5),
        (lambda z: z.norm(), 1),
        (lambda z: z.sum() * z.exp().sum(), 1),
    ],
    ids=["mean of labels", "sum of labels", "squares", "scaled", "two", "rows", "norm", "product"],
)
def test_a_sum_is_opened_and_nothing_else(loss, count):
    """What it opens into adds up to it."""
    after, value = opened(loss, u=0.5)
    assert len(after.base) == count
    assert float(after.base.sum()) == pytest.approx(value, rel=1e-12)


def test_constants_are_left_out():
    """They do not hear of the place."""
    after, value = opened(lambda z: z.exp().sum() + Z.sum())
    assert float(after.base.sum()) == pytest.approx(value - float(Z.sum()), rel=1e-12)
