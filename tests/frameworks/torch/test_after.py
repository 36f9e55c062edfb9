"""Do shifts of single units change the terms as the model itself does? And not at all where nothing is shifted?"""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from gradcheck._adapters.torch.after import After, Recording  # noqa: E402
from gradcheck._adapters.torch.tape import Recorder  # noqa: E402

Z = torch.linspace(-1, 2, 24, dtype=torch.float64).reshape(6, 4)


def after(f, units=1000):
    with Recorder() as recorder:
        z = Z.clone()
        y = f(z)
    tape = recorder.tape
    head = (tape.slot(y), torch.ones_like(y))
    return After.of(Recording(tape, [head], {3}), tape.slot(z), 4, units)


@pytest.mark.parametrize(
    "f",
    [lambda z: z.exp().cumsum(1), lambda z: z.reshape(3, 2, 4).softmax(1).exp()],
    ids=["rows apart", "rows by two"],
)
def test_a_unit_is_shifted_in_all_groups(f):
    """Each group of rows by its own shift."""
    found = after(f)
    count, width = found.before.shape
    shifts = np.linspace(0.1, 0.3, count)
    for unit in range(width):
        dz = torch.zeros_like(Z)
        dz[found.members[:, unit // 4], unit % 4] = torch.from_numpy(shifts)
        change = found.shifted(np.array([unit]), shifts[np.newaxis])[0]
        expected = (f(Z + dz) - f(Z)).reshape(6, 4).sum(1)[found.members].sum(1)
        assert change == pytest.approx(expected.numpy(), rel=1e-12)


def test_nothing_moves_where_nothing_is_shifted():
    """To the last digit."""
    found = after(lambda z: z @ Z.T)
    assert not found.shifted(np.arange(4), np.zeros((4, 6))).any()


def test_what_takes_too_many_shifts_is_refused():
    """As does what cannot be mapped over."""
    assert after(lambda z: (z - z.mean()).sin(), units=4) is None
    assert after(lambda z: z * float(z.sum())) is None
