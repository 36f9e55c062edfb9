"""How is a function checked that comes with its gradient: grad=, vjp=, jvp= or value_and_grad=?"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck._adapters.arguments import arrays_beside, as_floats, owners, pair, per_argument
from gradcheck._adapters.cache import pulled
from gradcheck._adapters.complex_numbers import CONVENTION, any_complex, joined, like, parted
from gradcheck._adapters.cotangent import by_columns, with_cotangent
from gradcheck._adapters.introspect import argument_names, arrays, numbers, sizes
from gradcheck._adapters.leading import asked, call_of, counted, fresh, further, held
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import ALONE, element_by_element, fitted
from gradcheck._model import trees
from gradcheck._model.forms import form_of
from gradcheck._model.movable import integers, is_at_home
from gradcheck._model.oracle import Array, Oracle, Tree, kind_among
from gradcheck._model.restore import preserved
from gradcheck._options import Options
from gradcheck._results.errors import InputError


def function(f: Callable[..., Any], args: tuple[Any, ...], way: str, options: Options) -> Oracle:
    """f(*args) with grad(*args), vjp(*args, cotangent), or f(*args) -> (value, gradient)."""
    claim = getattr(options, way)
    names = argument_names(f, len(args))
    args = as_floats(args)
    if way == "grad" and isinstance(f, (np.ufunc, np.vectorize)) and f.signature is None:
        way, claim = "vjp", element_by_element(claim, names)
    claim = fitted(claim, f, names, way)
    named = [*zip(names, args, strict=True)]
    said = (call_of(f), way)
    kept: dict[str, Any] = {}  # what f returned when a first gradient was computed
    chosen = counted(
        _first(f, claim, args, way, kept), named, wrt=options.wrt, data=len(further(options.args)), said=said
    )
    moved = [*range(len(args))] if chosen is None else chosen
    own, given = [names[k] for k in moved], tuple(parted(args[k]) for k in moved)
    whole = any(map(any_complex, (args[k] for k in moved)))
    single = len(args) == 1 and _is_named(args[0])
    point: Tree = given[0] if single else dict(zip(own, given, strict=True))
    seen = tuple(getattr(thing, "user_function", thing) for thing in (f, claim))
    data = arrays_beside(names, args) | arrays(seen, point)
    data |= {n: a for k, (n, a) in enumerate(named) if k not in moved and isinstance(a, np.ndarray) and a.ndim}

    fixed = {n: a for k, (n, a) in enumerate(named) if k not in moved}

    def unpack(p: Tree) -> tuple[Any, ...]:
        p = joined(p) if whole else p
        return (p,) if single else tuple([fresh(fixed[n]) if n in fixed else p[n] for n in names])

    def pack(gradient: Any) -> Tree:  # noqa: ANN401
        if (
            isinstance(gradient, (tuple, list))
            and len(moved) < len(named) == len(gradient)
            and _is_chosen(gradient, moved)
        ):
            gradient = tuple(gradient[k] for k in moved) if len(moved) > 1 else gradient[moved[0]]
        gradient = _like(given, gradient) if whole else gradient
        return gradient if single else dict(zip(own, per_argument(gradient, given, own, way), strict=True))

    common: dict[str, Any] = {
        "point": point,
        "name": quoted(f),
        "notes": held(named, moved) + (CONVENTION,) * whole,
        "kinds": {n: "input" for n in own if not single and _plain(n, names)},
        "sizes": sizes(dict(zip(names, args, strict=True)), data),
        "data": data,
        "numbers": numbers(seen),
        "reach": (f, claim, *args),
        "guard": functools.partial(preserved, *owners(f, claim), _within_reach(dict(zip(names, args, strict=True)))),
    }
    if way == "value_and_grad":
        if not isinstance(claim, (bool, np.bool_)):
            msg = f"value_and_grad={claim!r}: write True if {quoted(f)} returns (value, gradient)"
            raise InputError(msg)
        return Oracle(
            value=lambda p: pair(f(*unpack(p)), quoted(f))[0],
            gradient=lambda p: pack(pair(f(*unpack(p)), quoted(f))[1]),
            spent=len(kept),
            **common,
        )
    if not callable(claim):
        how = f"lambda v: M @ v, M being the {type(claim).__name__}" if hasattr(claim, "__matmul__") else "df"
        how = f"{how}, or jac=M if it is the Jacobian" if way in ALONE and how != "df" else "df"
        msg = f"{way}= must be a function of the same arguments, not {type(claim).__name__}; write {way}={how}"
        raise InputError(msg)
    if way == "jvp":
        return _pushforward(
            lambda p: parted(f(*unpack(p))), lambda p, t: parted(claim(*unpack(p), *unpack(t))), options, common
        )
    if way == "grad":
        return Oracle(value=lambda p: f(*unpack(p)), gradient=lambda p: pack(claim(*unpack(p))), **common)
    return with_cotangent(
        forward=lambda p: parted(f(*unpack(p))),
        pullback=lambda p, cotangent: pack(pulled(claim, unpack(p), joined(cotangent), call_of(f), names)),
        seed=options.seed,
        known=parted(kept.get("output")),
        laid=True,
        **common,
    )


def _is_chosen(gradient: Any, moved: list[int]) -> bool:  # noqa: ANN401
    """Return whether one gradient for each argument is there, None for those that are held fixed."""
    return all((claim is None) != (k in moved) for k, claim in enumerate(gradient))


def _like(given: tuple[Any, ...], gradient: Any) -> Any:  # noqa: ANN401
    """Return a gradient, or a tuple of them, with halves where the arguments have them."""
    if len(given) == 1:
        alone = gradient[0] if isinstance(gradient, tuple) and len(gradient) == 1 else gradient
        return like(given[0], alone)
    return (
        tuple(map(like, given, gradient)) if isinstance(gradient, tuple) and len(gradient) == len(given) else gradient
    )


def _first(
    f: Callable[..., Any],
    claim: Any,  # noqa: ANN401
    args: tuple[Any, ...],
    way: str,
    kept: dict[str, Any],
) -> Callable[[], Any] | None:
    """Return a function for a first gradient, whose shape tells which arguments it is for; None if that is clear."""

    def output() -> Any:  # noqa: ANN401
        kept["output"] = asked(f, args, (claim,), "the function")
        return kept["output"]

    if len(args) == 1 or way == "jvp" or not (callable(claim) or way == "value_and_grad"):
        return None
    if way == "value_and_grad":
        return lambda: pair(output(), quoted(f))[1]
    if way == "grad":
        return lambda: asked(claim, args, (f,))
    return lambda: asked(claim, (*args, _ones(output())), (f,))


def _ones(output: Tree) -> Tree:
    """Return a cotangent for some outputs."""
    return trees.rebuild(output, lambda _, y: np.ones_like(y)[()] if np.asarray(y).dtype.kind in "fc" else None)


def _pushforward(
    forward: Callable[[Tree], Tree],
    push: Callable[[Tree, Tree], Tree],
    options: Options,
    common: Mapping[str, Any],
) -> Oracle:
    """jvp(*args, *tangents) is J v: column k of J, against the cotangent, is what it claims of entry k."""

    def tangents(p: Tree, moved: Mapping[str, Array]) -> Tree:
        def tangent(path: str, old: Any) -> Any:  # noqa: ANN401
            form = form_of(old)
            if form is None:
                return old if integers(old) is None else np.zeros(np.shape(old))
            return form.like(np.asarray(moved.get(path, np.zeros_like(form.numbers)), dtype=form.numbers.dtype))

        return trees.rebuild(p, tangent, numbers=True)

    made = with_cotangent(
        forward=forward,
        pullback=lambda _, __: None,  # its columns are used instead
        push=lambda p, moved: push(p, tangents(p, moved)),
        seed=options.seed,
        **common,
    )
    return by_columns(made)


def _is_named(value: Any) -> bool:  # noqa: ANN401
    """Whether a lone argument brings names of its own: a dict, or a dataclass of arrays."""
    return isinstance(value, Mapping) or (dataclasses.is_dataclass(value) and not isinstance(value, type))


def _within_reach(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without their tables and quantities, which are made again for each call of the function."""
    inside = {name: dict(trees.leaves(value)) for name, value in arguments.items()}
    return {
        name: value if all(map(is_at_home, inside[name].values())) else list(filter(is_at_home, inside[name].values()))
        for name, value in arguments.items()
    }


def _plain(name: str, names: list[str]) -> bool:
    return kind_among(name, names) == "parameter"
