"""Which arguments does a function take by keyword alone? They are data, for its claims as well as for itself."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gradcheck._adapters.introspect import parameters_of
from gradcheck._options import Options

CLAIMS = ("grad", "vjp", "jvp", "jac", "hess", "hessp", "forces")


def bound(model: Any, options: Options) -> tuple[Any, Options, list[str]]:  # noqa: ANN401
    """Return a call in which the keywords that have no place are given to all functions, and their names."""
    if not options.inputs or not (inspect.isroutine(model) or isinstance(model, functools.partial)):
        return model, options, []
    alone = {name: value for name, value in options.inputs.items() if _is_alone(model, name)}
    claims = {way: getattr(options, way) for way in CLAIMS if _is_function(getattr(options, way))}
    if not alone or not (claims or options.value_and_grad is True or options.jac is True):
        return model, options, []
    beside = {name: value for name, value in options.inputs.items() if name not in alone}
    said = {way: _with(claim, _taken(claim, alone)) for way, claim in claims.items()}
    return _with(model, alone), replace(options, inputs=beside, **said), [*alone]


def _is_function(claim: Any) -> bool:  # noqa: ANN401
    return callable(claim) and not hasattr(claim, "shape")


def _is_alone(f: Callable[..., Any], name: str) -> bool:
    """Return whether a function takes an argument by keyword, and not by its place."""
    kinds = _kinds(f)
    return kinds.get(name) is inspect.Parameter.KEYWORD_ONLY or (
        name not in kinds and inspect.Parameter.VAR_KEYWORD in kinds.values()
    )


def _taken(claim: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of some keywords that a claim takes; the others it has from elsewhere."""
    kinds = _kinds(claim)
    every = inspect.Parameter.VAR_KEYWORD in kinds.values()
    return {name: value for name, value in given.items() if every or name in kinds}


def _kinds(f: Callable[..., Any]) -> dict[str, Any]:
    return {p.name: p.kind for p in parameters_of(f)}


def _with(f: Callable[..., Any], given: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a function that is given some keywords at each call."""
    if not given:
        return f

    @functools.wraps(f, updated=())
    def called(*args: Any) -> Any:  # noqa: ANN401
        return f(*args, **given)

    kept = [p for p in parameters_of(f) if p.name not in given and p.kind is not p.VAR_KEYWORD]
    called.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
    called.user_function = f  # type: ignore[attr-defined]
    return called
