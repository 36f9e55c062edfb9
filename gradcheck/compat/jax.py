"""What if a test suite calls `jax.test_util.check_grads`? The same names and arguments, answered by gradcheck.

They return nothing, or raise GradientError, an AssertionError: its message names the entry, and `.report` has all of
the rest. What the function raises comes through as it is. Every entry is looked at, where JAX's own take one random
direction. UNDECIDED entries, and a point where the function jumps, pass with an UndecidedWarning.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from gradcheck._adapters import choose
from gradcheck._check import recipe
from gradcheck._judge.tolerance import Slack
from gradcheck._model.oracle import Oracle
from gradcheck._options import Options
from gradcheck._render.failure import failure_message
from gradcheck._results.errors import CallError, GradientError, InputError
from gradcheck.compat import _acceptance

__all__ = ["check_grads", "check_jvp", "check_vjp"]

Function = Callable[..., Any]
Tolerance = float | Mapping[Any, float] | None

ROUNDINGS = 1024.0  # by which two ways to the same value may differ


def check_grads(  # noqa: PLR0917  the arguments of JAX's own
    f: Function,
    args: Sequence[Any],
    order: int,
    modes: Sequence[str] = ("fwd", "rev"),
    atol: Tolerance = None,
    rtol: Tolerance = None,
    eps: float | None = None,
) -> None:
    """Check the derivatives of f at f(*args) up to an order, in forward ("fwd", "lin") and reverse mode ("rev").

    - `atol`, `rtol`: an error of atol + rtol * |slope| passes, in addition to the measured uncertainty; default 0. Each
      may be a dict from dtypes to numbers
    - `eps`: accepted, without effect; the step comes from the measured noise

    Derivatives of higher order are those of jvp and vjp, by their tangents and cotangents as well.
    """
    del eps
    args = tuple(args)
    _judged(_oracles(f, args, modes, _slack(args, atol, rtol)), _slack(args, atol, rtol))
    if order > 1:
        for mode in modes:
            derivative, more = HIGHER[mode](f, args)
            check_grads(derivative, (*args, *more), order - 1, modes, atol, rtol)


def check_jvp(  # noqa: PLR0917  the arguments of JAX's own
    f: Function,
    f_jvp: Function,
    args: Sequence[Any],
    atol: Tolerance = None,
    rtol: Tolerance = None,
    eps: float | None = None,
    err_msg: str = "",
) -> None:
    """Check f_jvp(args, tangents) -> (f(*args), the derivative along the tangents), as `functools.partial(jax.jvp, f)`.

    The other arguments are those of `check_grads`; `err_msg` is put before the message of an error.
    """
    del eps
    args = tuple(args)
    _same(f_jvp(args, jax.tree_util.tree_map(np.zeros_like, args))[0], f(*args), err_msg)
    asked = _asked(f, args, jvp=lambda *given: f_jvp(given[: len(args)], given[len(args) :])[1])
    _judged([asked], _slack(args, atol, rtol), err_msg)


def check_vjp(  # noqa: PLR0917  the arguments of JAX's own
    f: Function,
    f_vjp: Function,
    args: Sequence[Any],
    atol: Tolerance = None,
    rtol: Tolerance = None,
    eps: float | None = None,
    err_msg: str = "",
) -> None:
    """Check f_vjp(*args) -> (f(*args), a function of cotangents), as `functools.partial(jax.vjp, f)`.

    The other arguments are those of `check_grads`; `err_msg` is put before the message of an error.
    """
    del eps
    args = tuple(args)
    _same(f_vjp(*args)[0], f(*args), err_msg)
    asked = _asked(f, args, vjp=lambda *given: f_vjp(*given[:-1])[1](given[-1]))
    _judged([asked], _slack(args, atol, rtol), err_msg)


def _oracles(f: Function, args: tuple[Any, ...], modes: Sequence[str], slack: Slack) -> list[Oracle]:
    unknown = [mode for mode in modes if mode not in HIGHER]
    if unknown:
        msg = f"modes={modes!r}: write any of {', '.join(map(repr, HIGHER))}"
        raise InputError(msg)
    forward, reverse = "fwd" in modes, "rev" in modes
    alone = forward and (slack != Slack() or not reverse)  # what is allowed is allowed in each mode
    oracles = [_asked(f, args, jvp=True if forward and not alone else None)] * reverse
    if alone:
        oracles.append(_acceptance.forward_mode_alone(_asked(f, args, jvp=True)))
    if "lin" in modes:
        oracles.append(_asked(f, args, jvp=_linearised(f, args)[0]))
    return oracles


def _asked(f: Function, args: tuple[Any, ...], **claim: Any) -> Oracle:  # noqa: ANN401
    try:
        return choose.choose(f, args, Options(**claim))
    except (CallError, InputError) as error:
        raise error.__cause__ or error from None


def _judged(oracles: Sequence[Oracle], slack: Slack, said: str = "") -> None:
    for oracle in oracles:
        try:
            report = recipe.examined(oracle, _acceptance.options(slack))
        except CallError as error:
            raise error.__cause__ or error from None
        if _acceptance.fails(report):
            raise GradientError(f"{said}\n{failure_message(report)}".lstrip(), report)
        _acceptance.warn(report)


def _forward(f: Function, args: tuple[Any, ...]) -> tuple[Function, tuple[Any, ...]]:
    @functools.wraps(f)
    def derivative(*given: Any) -> Any:  # noqa: ANN401
        return jax.jvp(f, given[: len(args)], given[len(args) :])[1]

    return derivative, _like(args)


def _reverse(f: Function, args: tuple[Any, ...]) -> tuple[Function, tuple[Any, ...]]:
    @functools.wraps(f)
    def derivative(*given: Any) -> Any:  # noqa: ANN401
        return jax.vjp(f, *given[:-1])[1](given[-1])

    return derivative, _like((jax.eval_shape(f, *args),))


def _linearised(f: Function, args: tuple[Any, ...]) -> tuple[Function, tuple[Any, ...]]:
    @functools.wraps(f)
    def derivative(*given: Any) -> Any:  # noqa: ANN401
        return jax.linearize(f, *given[: len(args)])[1](*given[len(args) :])

    return derivative, _like(args)


HIGHER = {"fwd": _forward, "rev": _reverse, "lin": _linearised}


def _like(tree: Any) -> Any:  # noqa: ANN401
    """Draw a tree of arrays of the shapes and dtypes of another."""
    rng = np.random.default_rng(0)

    def drawn(leaf: Any) -> Any:  # noqa: ANN401
        dtype = jax.numpy.result_type(leaf)
        more = 1j * rng.normal(size=np.shape(leaf)) if np.issubdtype(dtype, np.complexfloating) else 0.0
        return jax.numpy.asarray(rng.normal(size=np.shape(leaf)) + more, dtype=dtype)

    return jax.tree_util.tree_map(drawn, tree)


def _slack(args: tuple[Any, ...], atol: Tolerance, rtol: Tolerance) -> Slack:
    dtypes = {np.dtype(jax.numpy.result_type(leaf)) for leaf in jax.tree_util.tree_leaves(args)}

    def number(tolerance: Tolerance) -> float:
        if not isinstance(tolerance, Mapping):
            return float(tolerance or 0.0)
        return max((float(v) for k, v in tolerance.items() if np.dtype(k) in dtypes), default=0.0)

    return Slack(number(atol), number(rtol))


def _same(got: Any, expected: Any, said: str) -> None:  # noqa: ANN401
    """Compare the value that comes with a derivative with that of the function."""
    a, b = (jax.tree_util.tree_leaves(tree) for tree in (got, expected))
    alike = len(a) == len(b) and all(_close(x, y) for x, y in zip(a, b, strict=True))
    if not alike:
        msg = f"{said}\nthe value that comes with the derivative is another than that of the function".lstrip()
        raise GradientError(msg)


def _close(x: Any, y: Any) -> bool:  # noqa: ANN401
    x, y = np.asarray(x), np.asarray(y)
    if x.dtype.kind not in "fc" or x.shape != y.shape:
        return x.shape == y.shape and bool(np.all(x == y))
    off = ROUNDINGS * float(jax.numpy.finfo(x.dtype).eps) * np.max(np.abs(y), initial=0.0)
    return x.dtype == y.dtype and np.allclose(x, y, rtol=0, atol=off, equal_nan=True)
