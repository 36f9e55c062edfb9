"""How is a layer checked that keeps in itself what the way back needs: forward(x) -> y, then backward(dy) -> dx?

Its parameters, and those of the layers in it, are written into it before each call, and put back in the end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.function import function
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.layer_parameters import Parameter, left_out, matters, outputs, parameters
from gradcheck._adapters.layer_places import LayerState, begins, held, layers_in
from gradcheck._adapters.leading import asked
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import takes
from gradcheck._model.oracle import Oracle, kind_among
from gradcheck._model.restore import preserved
from gradcheck._options import Options
from gradcheck._results.errors import InputError

HELD = "held fixed, as backward leaves no gradient beside it, as dW is beside W"  # what the output depends on
PART = "not looked at, as it lies in the memory of what is"  # a vector of all parameters, beside these
TOGETHER = "layer"  # the name of the argument that all parameters are, where some lie deeper in the layer


def stateful_layer(model: Any, args: tuple[Any, ...], options: Options) -> Oracle:  # noqa: ANN401
    """Return the oracle of a layer as a function of its parameters and inputs; raises InputError without an input."""
    if not args:
        msg = f"{quoted(model)} was given no input; write check_gradients({quoted(model)}(...), x)"
        raise InputError(msg)
    own: list[Parameter] = []
    guard = _guard(model, args, own)
    with guard():
        before = [LayerState.of(path, layer) for path, layer in layers_in(model, "", set())]
        output = asked(model.forward, args, (model,), "the function")
        between = [state.now() for state in before]
        if output is None:
            raise InputError(_nothing_returned(before[0], between[0], args))
        if isinstance(output, tuple):
            raise InputError(_several_returned(model, output))
        if begins(model) and takes(model.backward, 1) is False and np.ndim(output):
            number = f"returns {np.size(output)} numbers; let backward take a cotangent of their shape"
            msg = f"{quoted(model)}.backward() takes no cotangent, and forward {number}, or forward return one"
            raise InputError(msg)
        whole = np.ndim(output) == 0 and begins(model)  # a loss, from which the way back begins
        asked(model.backward, () if whole else (np.ones_like(output),), (model,), "the gradient function")
        run = outputs(model.forward, args)
        moves = functools.partial(matters, run)
        found = [p for was, then in zip(before, between, strict=True) for p in parameters(was, then, moves)]
        own += _apart(found)
        others = [p.key for p in found if not any(p.array is mine.array for mine in own)]
        fixed = left_out(run, before, own)
        single = all(p.key.isidentifier() for p in own)
        names = [p.key for p in own] if single else [TOGETHER]
        inputs = [f"{n}_in" if n in names else n for n in argument_names(model.forward, len(args))]

        def forward(*given: Any) -> Any:  # noqa: ANN401
            for parameter, numbers in zip(own, given if single else given[0].values(), strict=False):
                parameter.numbers.write(numbers)
            return model.forward(*given[len(names) :])

        def back(*given: Any) -> Any:  # noqa: ANN401
            forward(*(given if whole else given[:-1]))
            if callable(getattr(model, "zero_grad", None)):
                model.zero_grad()
            found = model.backward(*given[len(names) + len(args) :])
            below = found if isinstance(found, tuple) else (found,)
            _refuse_others(model, found, len(below), len(args))
            above = {p.key: np.array(p.gradient()) for p in own}
            gradients = (*(above.values() if single else [above]), *below, *[None] * (len(args) - len(below)))
            return gradients if len(gradients) > 1 else gradients[0]

        _sign(forward, model, "forward", [*names, *inputs])
        _sign(back, model, "backward", [*names, *inputs, *["cotangent"] * (not whole)])
        arrays = {p.key: np.array(p.array) for p in own}
        asks = replace(options, grad=back) if whole else replace(options, vjp=back)
        given = (*(arrays.values() if single else [arrays]), *args)
        oracle = function(forward, given, "grad" if whole else "vjp", asks)
    kinds = {n: kind for n, kind in oracle.kinds.items() if n in inputs} | {n: kind_among(n, names) for n in names}
    notes = (*oracle.notes, *([f"{HELD}: {', '.join(fixed)}"] if fixed else []))
    notes += (f"{PART}: {', '.join(others)}",) * bool(others)
    return replace(oracle, name=quoted(model), kinds=kinds, notes=notes, reach=(model, *args), guard=guard)


def _guard(model: Any, args: tuple[Any, ...], own: list[Parameter]) -> Callable[[], AbstractContextManager[None]]:  # noqa: ANN401
    """Return what puts a layer back; within it is there what the first call makes, as where that shows the sizes."""
    layers = [layer for _, layer in layers_in(model, "", set())]
    made: list[tuple[Any, str, Any]] = []

    @contextlib.contextmanager
    def guard() -> Iterator[None]:
        with preserved(*reversed(layers), *args):
            for layer, name, thing in made:
                setattr(layer, name, thing)
            try:
                yield
            finally:
                for parameter in own:
                    parameter.numbers.put_back()

    empty = {id(layer): {name for name, part in held(layer).items() if part is not None} for layer in layers}
    with guard():
        asked(model.forward, args, (model,), "the function")
        mine = {id(arg) for arg in args}
        made += [
            (layer, name, part)
            for layer in layers
            for name, part in held(layer).items()
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


def _refuse_others(model: Any, found: Any, count: int, inputs: int) -> None:  # noqa: ANN401
    """Raise InputError for a way back that returns the gradients of parameters as well."""
    record = dataclasses.is_dataclass(found)
    several = isinstance(found, list) and len({np.shape(part) for part in found}) > 1
    if count <= inputs and not (isinstance(found, Mapping) or record or several):
        return
    if isinstance(found, Mapping):
        got = f"a dict of {', '.join(map(repr, found))}"
    else:
        got = f"a {type(found).__name__}" if record else f"{len(found)} gradients"
    one = "that of the input" if inputs == 1 else f"those of the {inputs} inputs"
    msg = (
        f"{quoted(model)}.backward returned {got}; return {one} alone, and leave each gradient of a parameter beside "
        "it, self.dW beside self.W, or write check_gradients(f, x, W, b, vjp=backward) with functions of them all"
    )
    raise InputError(msg)


def _sign(f: Any, model: Any, way: str, names: list[str]) -> None:  # noqa: ANN401
    """Give a function names for its arguments, and itself that of a method of the layer, whose data it sees."""
    places = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_ONLY) for n in names]
    f.__signature__, f.user_function = inspect.Signature(places), model
    f.__qualname__ = f.__name__ = f"{quoted(model)}.{way}"
