"""Which small checks of JAX are timed? A function of five numbers, met for the first time, and met again."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from benchmarks.questions import Array
from benchmarks.waiting.contest import Contest, contest
from benchmarks.waiting.figure import WaitingRow
from gradcheck import Report, check_gradients

PEER = "check_grads (rev)"


def rows() -> list[WaitingRow]:
    """Return the contests."""
    name = "JAX, five numbers"
    return [
        contest(f"{name}, met again", PEER, 3, five_numbers, needs="jax"),
        contest(f"{name}, met for the first time", PEER, 3, functools.partial(five_numbers, fresh=True), needs="jax"),
    ]


def five_numbers(factor: float = 1.0, *, fresh: bool = False) -> Contest:
    """Return a function of five numbers, or a new one for every check; its gradient is right if the factor is 1."""
    import jax.numpy as jnp
    from jax.test_util import check_grads

    x = jnp.linspace(0.3, 1.1, 5)
    known = _function(factor)

    def function() -> Any:  # noqa: ANN401
        return _function(factor) if fresh else known

    def ours() -> Report:
        return check_gradients(function(), x)

    def peer() -> None:
        check_grads(function(), (x,), order=1, modes=("rev",))

    return Contest(ours, peer, x.size, lambda: (_numbers(known, x), _numbers(function(), x)))


def _function(factor: float) -> Any:  # noqa: ANN401
    import jax
    import jax.numpy as jnp

    def f(x: Any) -> Any:  # noqa: ANN401
        return jnp.sum(jnp.tanh(x) * x**2) + jnp.prod(jnp.cos(x))

    if factor == 1:
        return f
    spoiled = jax.custom_vjp(f)
    spoiled.defvjp(lambda x: (f(x), x), lambda x, dy: (factor * dy * jax.grad(f)(x),))
    return spoiled


def _numbers(function: Any, x: Any) -> list[Array]:  # noqa: ANN401
    import jax

    return [np.asarray(function(x)), np.asarray(jax.grad(function)(x))]
