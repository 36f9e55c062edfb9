"""Which gradients does a way back compute, and leave in an object, that are for none of the arguments?

`check_gradients(layer.forward, x, vjp=layer.backward)` checks x alone: a note names W, beside which backward leaves dW.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from gradcheck._adapters.layer_parameters import matters, outputs, parameters
from gradcheck._adapters.layer_places import LayerState, in_place, layers_in
from gradcheck._adapters.recognise import quoted
from gradcheck._model import contents
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Oracle
from gradcheck._options import Options
from gradcheck._results.names import few_of

UNREAD = "not looked at, though their gradients are computed"
INSTEAD = "make them arguments of the function, or hand in the object itself, if it has forward(x) and backward(dy)"


def with_unread(oracle: Oracle, f: Any, claim: Any, options: Options) -> Oracle:  # noqa: ANN401
    """Return an oracle with a note on the parameters whose gradients nobody reads; raises nothing.

    That takes a call or two more, which are left out where few are allowed.
    """
    if options.along is not None or options.max_evaluations is not None:
        return oracle
    states: list[LayerState] = []
    with forgiven():  # what is within reach may answer anything
        every = [LayerState.of(path, thing) for path, thing in owners(f, claim)]
        states = [state for state in every if any(map(in_place, state.things.values()))]
    if not states:
        return oracle
    names: list[str] = []
    with forgiven(), oracle.guard():
        run = outputs(oracle.value, (oracle.point,))
        run()
        between = [state.now() for state in states]
        outputs(oracle.gradient, (oracle.point,))()
        for before, then in zip(states, between, strict=True):
            for found in parameters(before, then, functools.partial(matters, run)):
                names += [found.key] * bool(matters(run, found.numbers))
    if not names:
        return oracle
    return replace(oracle, notes=(*oracle.notes, f"{UNREAD}: {few_of(names)}; {INSTEAD}"))


def owners(f: Any, claim: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the objects of the user's classes that a function or its gradient belong to, are, or see, by name."""
    seen: set[int] = set()
    for thing in contents.reachable((f, claim)):
        cls = type(thing)
        if id(thing) in seen or cls in (FunctionType, MethodType) or issubclass(cls, (type, np.ndarray)):
            continue
        if contents.container(thing) is None and contents.written_in_python(cls) and not contents.of_library(cls):
            found = [*layers_in(thing, name := quoted(cls), seen)]
            yield from found or [(name, thing)]
