"""What has JAX for leaving something out of a gradient? stop_gradient, which is undone; samplers, which are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol
from unittest import mock

import jax

from gradcheck._adapters.jax.derivatives import Derivatives
from gradcheck._adapters.jax.leaves import Arguments, JaxCall
from gradcheck._adapters.jax.precision import double, is_wide
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.undone import Undone


class Called(Protocol):
    """A call to JAX, whose derivatives are asked for at its point."""

    derivatives: Derivatives
    coarsest: float
    call: JaxCall
    given: Arguments


STOPPED = (
    "it would be right without stop_gradient(), which holds a part constant in the backward pass; if that is meant, "
    "give that part as an argument of its own, which wrt= leaves out"
)
STRAIGHT = (
    "a straight-through estimator: the function stands still here, as rounding does, and stop_gradient() lets the "
    "gradient pass as if it were not rounded; if that is meant, check the function without the rounding"
)
SAMPLED = (
    "on purpose: the gradient of a sample of a gamma distribution (or a beta, a Dirichlet, a t) is that of an implicit "
    "reparametrisation, right for the distribution and not for the sampler with its key held; check the logarithm of "
    "the density, or compare expectations"
)
STOP, SAMPLER, INLINED = "stop_gradient", "random_gamma", ("jit", "pjit")  # names of primitives


def undone(
    called: Called, pullback: Callable[[Tree, Array], Tree], point: dict[str, Array], u: Array
) -> Iterator[Undone]:
    """Yield what may be left out on purpose, or by mistake, with the gradient without it."""
    yield Undone(STOPPED, partial(_unstopped, called, pullback, point, u), flat=STRAIGHT)
    yield Undone(SAMPLED, tensors=frozenset(_sampled(called, point)), draws=True)


def _unstopped(called: Called, pullback: Callable[[Tree, Array], Tree], point: dict[str, Array], u: Array) -> Tree:
    before = called.derivatives
    other = Derivatives(_without_stop(before.f), called.coarsest, pure=called.call.model)
    with mock.patch.object(called, "derivatives", other):
        return pullback(point, u)


def _without_stop(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose equations are followed one by one, those that stop a gradient left out."""

    def free(*args: Any) -> Any:  # noqa: ANN401
        closed, shapes = jax.make_jaxpr(f, return_shape=True)(*args)
        found = _followed(closed.jaxpr, closed.consts, jax.tree_util.tree_leaves(args))
        return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shapes), found)

    return free


def _followed(jaxpr: Any, constants: Sequence[Any], given: Sequence[Any]) -> list[Any]:  # noqa: ANN401
    known: dict[Any, Any] = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *given], strict=True))
    for equation in jaxpr.eqns:
        taken = [_read(known, variable) for variable in equation.invars]
        name = equation.primitive.name
        if name == STOP:
            made = taken
        elif name in INLINED:
            inner = equation.params["jaxpr"]
            made = _followed(inner.jaxpr, inner.consts, taken)
        else:
            bound = equation.primitive.get_bind_params(_freed(name, equation.params))
            functions, parameters = bound if isinstance(bound, tuple) else ((), bound)  # as JAX has it, older and newer
            result = equation.primitive.bind(*functions, *taken, **parameters)
            made = result if equation.primitive.multiple_results else [result]
        known.update(zip(equation.outvars, made, strict=True))
    return [_read(known, variable) for variable in jaxpr.outvars]


def _freed(name: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an equation with the programs among them freed: bodies of loops, branches, and so on.

    What comes with a rule of its own is left alone, for its gradient is that of the rule.
    """
    return parameters if "custom" in name else {key: _freed_program(value) for key, value in parameters.items()}


def _freed_program(value: Any) -> Any:  # noqa: ANN401
    if type(value) is tuple:
        return tuple(map(_freed_program, value))
    jaxpr, consts = getattr(value, "jaxpr", value), getattr(value, "consts", ())
    if not hasattr(jaxpr, "eqns") or STOP not in str(jaxpr):
        return value
    taken = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype, weak_type=v.aval.weak_type) for v in jaxpr.invars]
    made = jax.make_jaxpr(lambda *given: _followed(jaxpr, consts, given))(*taken)
    closed = jaxpr is not value
    return made if closed else made.jaxpr if not made.consts else value


def _read(known: dict[Any, Any], variable: Any) -> Any:  # noqa: ANN401
    return variable.val if hasattr(variable, "val") else known[variable]


def _sampled(called: Called, point: dict[str, Array]) -> set[str]:
    """Return the names of the tensors that a sampler's parameters depend on."""
    arrays = called.given.taken(point)
    with double(is_wide(arrays)):
        try:
            closed = jax.make_jaxpr(called.derivatives.f)(arrays)
        except Exception as error:  # what cannot be traced is not looked into
            if ends(error):
                raise
            return set()
    names = [{name} for name in called.given.entries]
    return _reaching(closed.jaxpr, names)[0]


def _reaching(jaxpr: Any, given: Sequence[set[str]]) -> tuple[set[str], list[set[str]]]:  # noqa: ANN401
    """Return which of the names reach a sampler, and which reach each result."""
    known: dict[Any, set[str]] = dict(zip(jaxpr.invars, given, strict=True))
    sampled: set[str] = set()
    for equation in jaxpr.eqns:
        taken = [set() if hasattr(v, "val") else known.get(v, set()) for v in equation.invars]
        every = set().union(*taken)
        made = [every] * len(equation.outvars)
        if equation.primitive.name == SAMPLER:
            sampled |= every
        elif equation.primitive.name in INLINED:
            inner, made = _reaching(equation.params["jaxpr"].jaxpr, taken)
            sampled |= inner
        known.update(zip(equation.outvars, made, strict=True))
    return sampled, [set() if hasattr(v, "val") else known.get(v, set()) for v in jaxpr.outvars]
