"""Which rows hear of one another? Those that move the same terms."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from gradcheck._adapters.torch.rows import groups  # noqa: E402

Z = torch.linspace(-1, 2, 36, dtype=torch.float64).reshape(12, 3)


def grouped(f, batches=(4,), most=12):
    def changes(dz):
        return torch.stack([f(Z + shift).reshape(-1) for shift in dz]) - f(Z).reshape(-1)

    return groups(changes, Z, f(Z).reshape(-1).abs(), batches, most)


CASES = {
    "apart": (torch.tanh, 12),
    "samples one after the other": (lambda z: z.reshape(4, 3, 3).softmax(1).exp(), 4),
    "steps one after the other": (lambda z: z.reshape(3, 4, 3).cumsum(0).sin(), 4),
    "all together": (lambda z: (z - z.mean(0)).sin(), 1),
}


@pytest.mark.parametrize("name", CASES)
def test_the_finest_grouping_that_holds_is_found(name):
    """And to which group each term belongs."""
    f, count = CASES[name]
    found = grouped(f)
    assert found.members.shape == (count, 12 // count)
    for group in range(count):
        moved = Z.clone()
        moved[found.members[group]] += 0.1
        assert not (f(moved) != f(Z)).reshape(-1)[found.terms != group].any()


def test_no_group_is_larger_than_it_may_be():
    """It would take too many shifts."""
    assert grouped(CASES["all together"][0], most=3) is None
