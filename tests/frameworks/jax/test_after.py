"""Do shifts of single units change the terms as the function itself does? And not at all where nothing is shifted?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
from jax_rows import Z, opened  # noqa: E402

from gradcheck._adapters.jax.precision import double  # noqa: E402


@pytest.mark.parametrize(
    "f", [lambda z: jnp.exp(jnp.cumsum(z, axis=1)), lambda z: jnp.exp(jax.nn.softmax(z, axis=0))], ids=["apart", "all"]
)
def test_a_unit_is_shifted_in_all_groups(f):
    """Each group of rows by its own shift; and nothing moves where nothing is shifted."""
    after, _ = opened(f)
    count, width = after.before.shape
    shifts = np.linspace(0.1, 0.3, count)
    for unit in range(width):
        dz = np.zeros_like(Z)
        dz[after.groups.members[:, unit // 4], unit % 4] = shifts
        with double(wanted=True):
            moved = np.asarray(f(jnp.asarray(Z + dz)) - f(jnp.asarray(Z)))
        expected = 0.5 * moved.sum(axis=1)[after.groups.members].sum(axis=1)
        assert after.shifted(np.array([unit]), shifts[np.newaxis])[0] == pytest.approx(expected, rel=1e-10)
    assert not after.shifted(np.arange(4), np.zeros((4, count))).any()


def test_what_takes_too_many_shifts_is_refused():
    """As does what is not finite."""
    assert opened(lambda z: jnp.sin(z - z.mean()), units=4)[0] is None
    assert opened(lambda z: jnp.log(z).sum())[0] is None
