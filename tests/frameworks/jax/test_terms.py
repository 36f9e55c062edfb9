"""Is a scalar opened into what adds up to it, as far as it is a sum?"""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402

from gradcheck._adapters.jax.after import After, Replay, Suffix  # noqa: E402
from gradcheck._adapters.jax.equations import Equations  # noqa: E402
from gradcheck._adapters.jax.precision import double  # noqa: E402

Z = np.linspace(-1, 2, 20).reshape(5, 4)
LABELS = np.array([0, 3, 1, 2, 0])


def opened(loss, u=0.5, units=10_000):
    with double(wanted=True):
        equations = Equations.of(jax.make_jaxpr(lambda z: [loss(z)])(Z))
        start = equations.given[0]
        y = loss(jnp.asarray(Z))
        suffix = Suffix.of(equations, start, [np.full(y.shape, u)])
        values = dict(zip(suffix.reads, equations.values(suffix.reads, [Z]), strict=True))
        replay = Replay.of(suffix, values, np.arange(20).reshape(5, 4), lambda: double(wanted=True))
        return After.of(replay, Z, {5}, units), float(y.sum() * u)


@pytest.mark.parametrize(
    ("loss", "count"),
    [
        (lambda z: -jax.nn.log_softmax(z)[jnp.arange(5), LABELS].mean(), 5),
        (lambda z: -(jax.nn.one_hot(LABELS, 4) * jax.nn.log_softmax(z)).sum() / 5, 20),
        (lambda z: -jnp.exp(z).mean() / 3, 20),
        (lambda z: 2 * (jnp.exp(z).sum() - jnp.sin(z).mean()), 40),
        (lambda z: jnp.exp(z).mean(axis=0).sum(), 20),
        (lambda z: jnp.exp(z).sum(axis=1), 20),
        (lambda z: jnp.vdot(z, jnp.cos(z)), 20),
        (lambda z: jnp.average(jnp.exp(z).max(axis=1), weights=jnp.arange(1.0, 6.0)), 5),
        (jnp.linalg.norm, 1),
        (lambda z: z.sum() * jnp.exp(z).sum(), 1),
    ],
    ids=[
        *("labels", "one hot", "scaled", "two", "columns", "rows", "inner product", "weighted", "norm", "product"),
    ],
)
def test_a_sum_is_opened_and_nothing_else(loss, count):
    """What it opens into adds up to it."""
    after, value = opened(loss)
    assert len(after.base) == count
    assert after.base.sum() == pytest.approx(value, rel=1e-12)


def test_constants_are_left_out():
    """They do not hear of the place."""
    after, value = opened(lambda z: jnp.exp(z).sum() + Z.sum())
    assert after.base.sum() == pytest.approx(value - 0.5 * Z.sum(), rel=1e-12)


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
