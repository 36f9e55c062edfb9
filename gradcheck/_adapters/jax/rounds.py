"""How often do the loops of a program go round? More often here than there, if an iteration stops by itself.

The same program is run, with a number beside what its loops carry, and compiled as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from gradcheck._adapters.jax.equations import OPENED, PYTHON, bound
from gradcheck._adapters.jax.programs import nested, primitives_of

LOOP = "while"
OUTSIDE = (PYTHON, "ffi")  # in the name of what is computed elsewhere, by loops that nobody sees here
Arrays = Sequence[Any]
Counted = tuple[list[Any], Any]  # outputs, and how often the loops went round
NONE = np.int32(0)


def counting(closed: Any) -> Callable[..., Any] | None:  # noqa: ANN401
    """Return what says of arrays how often the loops of a program go round with them; None of one that has none."""
    if not _loops(closed.jaxpr):
        return None
    count: Callable[..., Any] = jax.jit(lambda *given: _run(closed.jaxpr, closed.consts, given)[1])
    return count


def seen(closed: Any) -> bool:  # noqa: ANN401
    """Return whether all that a program computes stands in it."""
    return not any(word in primitive.name for primitive in primitives_of(closed.jaxpr) for word in OUTSIDE)


def may_not_end(jaxpr: Any) -> bool:  # noqa: ANN401
    """Return whether a program has a loop that numbers with a fraction end, which are given to its test and its body.

    Where one of the two is moved, and the other one is not, such a loop goes round for ever.
    """
    own = any(
        jax.dtypes.issubdtype(variable.aval.dtype, np.inexact)
        for equation in jaxpr.eqns
        if equation.primitive.name == LOOP
        for step in equation.params["cond_jaxpr"].jaxpr.eqns
        for variable in step.invars
    )
    return own or any(may_not_end(inner) for equation in jaxpr.eqns for inner in nested(equation.params))


def _loops(jaxpr: Any) -> bool:  # noqa: ANN401
    return any(primitive.name == LOOP for primitive in primitives_of(jaxpr))


def _run(jaxpr: Any, consts: Arrays, given: Arrays) -> Counted:  # noqa: ANN401
    known = dict(zip((*jaxpr.constvars, *jaxpr.invars), (*consts, *given), strict=True))

    def at(variable: Any) -> Any:  # noqa: ANN401
        return variable.val if hasattr(variable, "val") else known[variable]

    rounds: Any = NONE
    for equation in jaxpr.eqns:
        outs, more = _step(equation.primitive, equation.params, [at(v) for v in equation.invars])
        known |= zip(equation.outvars, outs, strict=True)
        rounds = rounds + more
    return [at(v) for v in jaxpr.outvars], rounds


def _step(primitive: Any, params: Mapping[str, Any], taken: list[Any]) -> Counted:  # noqa: ANN401
    inner = params.get(OPENED.get(primitive.name, ""))
    if inner is not None:
        return _run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), taken)
    way = WAYS.get(primitive.name)
    if way is None or (primitive.name != LOOP and not any(map(_loops, nested(params)))):
        return bound(primitive, params, taken), NONE
    return way(params, taken)


def _while(params: Mapping[str, Any], taken: list[Any]) -> Counted:
    first, second = params["cond_nconsts"], params["cond_nconsts"] + params["body_nconsts"]
    of_test, of_body, start = taken[:first], taken[first:second], taken[second:]
    test, body = params["cond_jaxpr"], params["body_jaxpr"]

    def goes_on(carried: Any) -> Any:  # noqa: ANN401
        return _run(test.jaxpr, test.consts, [*of_test, *carried[1]])[0][0]

    def again(carried: Any) -> Any:  # noqa: ANN401
        outs, more = _run(body.jaxpr, body.consts, [*of_body, *carried[1]])
        on = goes_on(carried) if batch else True
        kept = [_where(on, new, old) for new, old in zip(outs, carried[1], strict=True)] if batch else outs
        return carried[0] + jax.numpy.sum(on, dtype=np.int32) + more, kept

    batch = len(test.out_avals[0].shape)  # axes along which there is a loop each; they stand first in what is carried
    rounds, outs = jax.lax.while_loop(lambda carried: jax.numpy.any(goes_on(carried)), again, (NONE, start))
    return outs, rounds


def _where(on: Any, new: Any, old: Any) -> Any:  # noqa: ANN401
    return jax.numpy.where(on.reshape(on.shape + (1,) * (new.ndim - on.ndim)), new, old)


def _scan(params: Mapping[str, Any], taken: list[Any]) -> Counted:
    constants, carries, body = params["num_consts"], params["num_carry"], params["jaxpr"]
    fixed, start, rows = taken[:constants], taken[constants:][:carries], taken[constants + carries :]

    def once(carried: Any, row: Any) -> Any:  # noqa: ANN401
        outs, more = _run(body.jaxpr, body.consts, [*fixed, *carried[1], *row])
        return (carried[0] + more, outs[:carries]), outs[carries:]

    (rounds, last), made = jax.lax.scan(once, (NONE, start), rows, length=params["length"], reverse=params["reverse"])
    return [*last, *made], rounds


def _cond(params: Mapping[str, Any], taken: list[Any]) -> Counted:
    def way(branch: Any) -> Callable[..., Counted]:  # noqa: ANN401
        def run(*given: Any) -> Counted:  # noqa: ANN401
            outs, rounds = _run(branch.jaxpr, branch.consts, given)
            return outs, np.int32(0) + rounds

        return run

    outs, rounds = jax.lax.switch(taken[0], [way(branch) for branch in params["branches"]], *taken[1:])
    return outs, rounds


def _solve(params: Mapping[str, Any], taken: list[Any]) -> Counted:
    """Solve a linear system, as with conjugate gradients; its derivative is none of this."""
    lengths, inner = params["const_lengths"], params["jaxprs"].solve
    first, last = lengths.matvec + lengths.vecmat, sum(lengths)
    return _run(inner.jaxpr, inner.consts, [*taken[first : first + lengths.solve], *taken[last:]])


WAYS: Mapping[str, Callable[[Mapping[str, Any], list[Any]], Counted]] = {
    LOOP: _while,
    "scan": _scan,
    "cond": _cond,
    "custom_linear_solve": _solve,
}
