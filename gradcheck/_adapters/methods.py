"""Whose parameters is a gradient for that is for none of the arguments? Those of the object that a method belongs to.

So in `check_gradients(net.loss, x, y, grad=net.gradient)`, where gradient(x, y) returns a dict of dW and db; parameters
of the object may stand among the arguments too, as in `check_gradients(net.loss, net.params, x, y, ...)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MethodType
from typing import Any

import numpy as np

from gradcheck._adapters.arguments import pair
from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.layer_places import LayerState, held_by, in_place, objects_in
from gradcheck._adapters.leading import asked, call_of, fits, further
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import fitted, takes
from gradcheck._adapters.stateful_layer import stateful_layer
from gradcheck._adapters.unread import owners
from gradcheck._adapters.ways import Ways, one_number
from gradcheck._model import trees
from gradcheck._model.claims import under_names
from gradcheck._model.oracle import Oracle
from gradcheck._model.restore import preserved
from gradcheck._options import Options
from gradcheck._results.errors import CallError, InputError

WAYS = ("grad", "vjp", "value_and_grad")


def of_methods(f: Any, args: tuple[Any, ...], way: str, options: Options) -> Oracle | None:  # noqa: ANN401
    """Return the oracle of an object's parameters whose loss and gradients are methods of it; None of anything else."""
    claim = f if way == "value_and_grad" else getattr(options, way)
    if way not in WAYS or not callable(claim) or options.along is not None:
        return None
    held = [f.__self__] if isinstance(f, MethodType) else [thing for path, thing in owners(f, claim) if path]
    held = [owner for owner in held if any(map(in_place, LayerState.of("", owner).things.values()))]
    if not held:
        return None
    with preserved(*(part for owner in held for part in objects_in(owner)), *args):
        if _is_of_arguments(f, claim, args, way):
            return None
    asked_of = replace(options, grad=None, vjp=None, value_and_grad=False)
    for owner in held:
        try:
            return stateful_layer(owner, args, asked_of, _ways(f, claim, args, way))
        except (InputError, CallError):
            continue  # what is said of the arguments is said
    return None


def without_held(f: Any, given: tuple[Any, ...], data: Any) -> tuple[Any, ...]:  # noqa: ANN401
    """Return the arguments of a method without those that its object holds, where it has no place for these."""
    every = (*given, *further(data))
    if not isinstance(f, MethodType):
        return given
    states = [LayerState.of(path, layer) for path, layer in held_by(f.__self__)]
    theirs = {id(part): place[-1] for state in states for place, part in state.things.items()}
    theirs |= {id(part): name for state in states for name, part in state.attributes.items()}
    names = argument_names(f, len(every))
    rest = tuple(
        arg
        for name, arg in zip(names, given, strict=False)
        if id(arg) not in theirs or (takes(f, len(every)) and theirs[id(arg)].strip(".").lower() == name.lower())
    )
    return given if takes(f, len(rest) + len(every) - len(given)) is False else rest


def _is_of_arguments(f: Any, claim: Any, args: tuple[Any, ...], way: str) -> bool:  # noqa: ANN401
    """Return whether a gradient is one of the arguments, as far as its shape and names tell."""
    try:
        ways = _ways(f, claim, args, way)
        cotangent = (np.ones_like(asked(ways.value, args, (claim,), "the function")),) if ways.taking else ()
        gradient = asked(ways.back, (*args, *cotangent), (f,))
    except (CallError, InputError):
        return True  # the error is raised when it is called for the check
    names = argument_names(f, len(args))
    if not args:
        return False
    if isinstance(gradient, Mapping):
        return fits(args[0], gradient) or bool({*under_names(gradient, names)} & {*names})
    if isinstance(gradient, (tuple, list)) and len(gradient) == len(args) > 1:
        return all(fits(arg, g) for arg, g in zip(args, gradient, strict=True))
    if isinstance(gradient, tuple) and gradient:
        return all(any(fits(arg, g) for arg in args) for g in gradient)
    movable = [arg for arg in args if any(map(is_float, (value for _, value in trees.leaves(arg))))]
    return bool(movable) and fits(movable[0], gradient)


def _ways(f: Any, claim: Any, args: tuple[Any, ...], way: str) -> Ways:  # noqa: ANN401
    """Return how a function, and what claims its gradient, are called with the arguments."""

    def value(*given: Any) -> Any:  # noqa: ANN401
        return one_number(pair(f(*given), quoted(f))[0] if way == "value_and_grad" else f(*given))

    def back(*given: Any) -> Any:  # noqa: ANN401
        return pair(f(*given), quoted(f))[1] if way == "value_and_grad" else fitted(claim, f, names, way)(*given)

    names = argument_names(f, len(args))
    vjp = way == "vjp"
    return Ways(value, back, names, (call_of(f), call_of(claim)), claim, begins=not vjp, taking=vjp, network=not vjp)
