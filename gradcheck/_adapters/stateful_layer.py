"""How is a layer checked that keeps in itself what the way back needs: forward(x) -> y, then backward(dy) -> dx?

Its parameters, and those of the layers in it, are written into it before each call, and put back in the end.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.function import function
from gradcheck._adapters.layer_parameters import Parameter, left_out, matters, outputs, parameters
from gradcheck._adapters.layer_places import LayerState, held_by, objects_in
from gradcheck._adapters.layer_returns import Returned, in_one_container
from gradcheck._adapters.leading import asked
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.ways import Ways, of_layer
from gradcheck._model import contents
from gradcheck._model.oracle import Oracle, kind_among
from gradcheck._model.restore import preserved
from gradcheck._options import Options
from gradcheck._results.errors import InputError
from gradcheck._results.names import few_of

HELD = "held fixed, as backward leaves no gradient beside it, as dW is beside W"  # what the output depends on
PART = "not looked at, as it lies in the memory of what is"  # a vector of all parameters, beside these
ANOTHER = "leaves other gradients than it returns, which are those that were looked at"
Guard = AbstractContextManager[None]
TOGETHER = "layer"  # the name of the argument that all parameters are, where some lie deeper in the layer


def stateful_layer(model: Any, args: tuple[Any, ...], options: Options, ways: Ways | None = None) -> Oracle:  # noqa: ANN401
    """Return the oracle of a layer as a function of its parameters and inputs; raises InputError without an input.

    `ways` are those of something else that holds parameters.
    """
    ways = ways or of_layer(model, args)
    own: list[Parameter] = []
    guard = _guard(model, ways, args, own)
    with guard():
        before = [LayerState.of(path, layer) for path, layer in held_by(model)]
        output = asked(ways.value, args, (model,), "the function")
        between = [state.now() for state in before]
        # A loss, from which the way back begins.
        whole = ways.begins and not isinstance(output, tuple) and np.ndim(output) == 0
        _refuse_output(output, before[0], between[0], args, needless=whole or ways.taking)
        cotangent = () if whole else (np.ones_like(output),)
        first = asked(ways.back, (*args, *cotangent), (model,), "the gradient function")
        run = outputs(ways.value, args)
        moves = functools.partial(matters, run)
        found = [p for was, then in zip(before, between, strict=True) for p in parameters(was, then, moves)]
        found += in_one_container(before, between, found, moves)
        handed = Returned.of(first, (ways, args), before, found, moves)
        twice = handed.others(found)
        found = [*handed.parameters, *(p for p in found if not handed.has(p))]
        own += _apart(found)
        if ways.network and not own:
            raise InputError(ways.without or _nothing_found(model, ways, before))
        others = [p.key for p in found if not any(p.array is mine.array for mine in own)]
        fixed = left_out(run, before, own)
        single = all(p.key.isidentifier() for p in own)
        names = [p.key for p in own] if single else [TOGETHER]
        inputs = [f"{n}_in" if n in names else n for n in ways.inputs]

        def forward(*given: Any) -> Any:  # noqa: ANN401
            for parameter, numbers in zip(own, given if single else given[0].values(), strict=False):
                parameter.numbers.write(numbers)
            return ways.value(*given[len(names) :])

        def back(*given: Any) -> Any:  # noqa: ANN401
            forward(*(given if whole else given[:-1]))
            if callable(getattr(model, "zero_grad", None)):
                model.zero_grad()
            below = handed.of_inputs(ways.back(*given[len(names) :]))[: len(args)]
            above = {p.key: np.array(p.gradient()) for p in own}
            gradients = (*(above.values() if single else [above]), *below, *[None] * (len(args) - len(below)))
            return gradients if len(gradients) > 1 else gradients[0]

        _sign(forward, model, ways.names[0], [*names, *inputs])
        _sign(back, model, ways.names[1], [*names, *inputs, *["cotangent"] * (not whole)])
        arrays = {p.key: np.array(p.array) for p in own}
        asks = replace(options, grad=back) if whole else replace(options, vjp=back)
        given = (*(arrays.values() if single else [arrays]), *args)
        oracle = function(forward, given, "grad" if whole else "vjp", asks)
    kinds = {n: kind for n, kind in oracle.kinds.items() if n in inputs} | {n: kind_among(n, names) for n in names}
    notes = (*oracle.notes, *([f"{HELD}: {', '.join(fixed)}"] if fixed else []))
    notes += (f"{PART}: {', '.join(others)}",) * bool(others)
    notes += (f"{ways.names[1]} {ANOTHER}: {', '.join(sorted(twice))}",) * bool(twice)
    return replace(oracle, name=quoted(model), kinds=kinds, notes=notes, reach=(model, *args), guard=guard)


def _refuse_output(
    output: Any,  # noqa: ANN401
    before: LayerState,
    after: LayerState,
    args: tuple[Any, ...],
    *,
    needless: bool,
) -> None:
    """Raise InputError for what cannot be gone back from; a cotangent may be `needless`, or be taken."""
    model = after.layer
    if output is None:
        raise InputError(_nothing_returned(before, after, args))
    if isinstance(output, tuple):
        raise InputError(_several_returned(model, output))
    if not needless:
        number = f"returns {np.size(output)} numbers; let backward take a cotangent of their shape"
        msg = f"{quoted(model)}.backward() takes no cotangent, and forward {number}, or forward return one"
        raise InputError(msg)


def _guard(model: Any, ways: Ways, args: tuple[Any, ...], own: list[Parameter]) -> Callable[[], Guard]:  # noqa: ANN401
    """Return what puts a layer back; within it is there what the first call makes, as where that shows the sizes."""
    layers, every = [layer for _, layer in held_by(model)], objects_in(model)
    made: list[tuple[Any, str, Any]] = []

    @contextlib.contextmanager
    def guard() -> Iterator[None]:
        with preserved(*every, *args):
            for layer, name, thing in made:
                setattr(layer, name, thing)
            try:
                yield
            finally:
                for parameter in own:
                    parameter.numbers.put_back()

    empty = {id(layer): {name for name, part in contents.held(layer).items() if part is not None} for layer in layers}
    with guard():
        asked(ways.value, args, (model,), "the function")
        mine = {id(arg) for arg in args}
        made += [
            (layer, name, part)
            for layer in layers
            for name, part in contents.held(layer).items()
            if name not in empty[id(layer)] and part is not None and id(part) not in mine
        ]
    return guard


def _apart(found: list[Parameter]) -> list[Parameter]:
    """Return parameters none of which lies in the memory of another: the smallest, of one that is shared the first."""
    apart: list[Parameter] = []
    for parameter in sorted(found, key=lambda p: p.array.size):
        if not any(np.may_share_memory(parameter.array, other.array) for other in apart):
            apart.append(parameter)
    return [parameter for parameter in found if any(parameter is one for one in apart)]


def _several_returned(model: Any, output: tuple[Any, ...]) -> str:  # noqa: ANN401
    """Return what to say of a forward that returns several things."""
    return (
        f"{quoted(model)}.forward returned a tuple of {len(output)}; let it return one array, or write functions of "
        "all that is checked, check_gradients(f, x, W, vjp=backward): f puts W into the layer and returns the outputs, "
        "and backward(x, W, *cotangents) does the same, goes back, and returns (dx, dW)"
    )


def _nothing_returned(before: LayerState, after: LayerState, args: tuple[Any, ...]) -> str:
    """Return what to say of a forward that returns nothing: what it may have left its output in."""
    fresh = sorted(place[0][1:] for place in after.changed(before) if len(place) == 1)
    left = [f"self.{name}" for name in fresh if not any(np.array_equal(getattr(after.layer, name), x) for x in args)]
    among = f" (it has set {', '.join(left)})" if left else ""
    return (
        f"{quoted(after.layer)}.forward returned None; let forward return the output{among}, and backward the gradient "
        "of the input"
    )


def _nothing_found(model: Any, ways: Ways, before: list[LayerState]) -> str:  # noqa: ANN401
    """Return what to say of a network whose way back leaves no gradient of anything."""
    name, changed = f"{quoted(model)}.{ways.names[1]}", [s.name(p) for s in before for p in s.now().changed(s)]
    moved = f"; it has changed {few_of(sorted(changed))}: if it updates the parameters, leave that to another method"
    return (
        f"{name} left no gradient that belongs to a parameter{moved * bool(changed)}; return a dict of the gradients "
        "by the names of the parameters, or leave each beside its parameter, self.dW beside self.W"
    )


def _sign(f: Any, model: Any, way: str, names: list[str]) -> None:  # noqa: ANN401
    """Give a function names for its arguments, and itself that of a method of the layer, whose data it sees."""
    places = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names]
    f.__signature__, f.user_function = inspect.Signature(places), model
    f.__qualname__ = f.__name__ = f"{quoted(model)}.{way}"
