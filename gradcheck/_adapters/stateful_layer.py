"""How is a layer checked that keeps in itself what the way back needs: forward(x) -> y, then backward(dy) -> dx?

Its parameters are in `params`, with their gradients under the same names in `grads`, or each is an attribute W beside
which dW stands once it went back; and so are those of the layers in it. They are written into the layer before each
call, and put back in the end.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck._adapters.cotangent import is_float
from gradcheck._adapters.function import function
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.leading import asked
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import takes
from gradcheck._model import contents
from gradcheck._model.claims import BESIDE
from gradcheck._model.oracle import Array, Oracle, kind_among
from gradcheck._model.restore import preserved
from gradcheck._model.trees import join
from gradcheck._options import Options
from gradcheck._results.errors import InputError

TOGETHER = "layer"  # the name of the argument that all parameters are, where some lie deeper in the layer


@dataclass(frozen=True)
class Parameter:
    """One parameter of a layer: its name, the array that the layer reads, and where its gradient is."""

    key: str
    array: Array
    gradient: Callable[[], Any]


def is_stateful(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing goes forward, and then back with nothing but a cotangent, or with nothing at all."""
    goes = all(callable(getattr(model, way, None)) for way in ("forward", "backward"))
    return goes and not isinstance(model, type) and takes(model.backward, 1) is not False


def stateful_layer(model: Any, args: tuple[Any, ...], options: Options) -> Oracle:  # noqa: ANN401
    """Return the oracle of a layer as a function of its parameters and inputs; raises InputError without an input."""
    if not args:
        msg = f"{quoted(model)} was given no input; write check_gradients({quoted(model)}(...), x)"
        raise InputError(msg)
    before = [(path, layer, dict(contents.attributes(layer) or {})) for path, layer in _layers(model, "", set())]
    guard = functools.partial(preserved, *(layer for _, layer, _ in reversed(before)), *args)
    with guard():
        output = asked(model.forward, args, (model,), "the function")
        whole = np.ndim(output) == 0 and takes(model.backward, 0) is True  # a loss, from which the way back begins
        asked(model.backward, () if whole else (np.ones_like(output),), (model,), "the gradient function")
        own = list({id(p.array): p for each in before for p in _parameters(*each)}.values())
        single = all(p.key.isidentifier() for p in own)
        names = [p.key for p in own] if single else [TOGETHER]
        inputs = [f"{n}_in" if n in names else n for n in argument_names(model.forward, len(args))]

        def forward(*given: Any) -> Any:  # noqa: ANN401
            for parameter, numbers in zip(own, given if single else given[0].values(), strict=False):
                parameter.array[...] = numbers
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
        arrays = {p.key: p.array.copy() for p in own}
        asks = replace(options, grad=back) if whole else replace(options, vjp=back)
        given = (*(arrays.values() if single else [arrays]), *args)
        oracle = function(forward, given, "grad" if whole else "vjp", asks)
    kinds = {n: kind for n, kind in oracle.kinds.items() if n in inputs} | {n: kind_among(n, names) for n in names}
    return replace(oracle, name=quoted(model), kinds=kinds, reach=(model, *args), guard=guard)


def _refuse_others(model: Any, found: Any, count: int, inputs: int) -> None:  # noqa: ANN401
    """Raise InputError for a way back that returns the gradients of parameters as well."""
    if count <= inputs and not isinstance(found, Mapping):
        return
    got = f"a dict of {', '.join(map(repr, found))}" if isinstance(found, Mapping) else f"{count} gradients"
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


def _layers(thing: Any, path: str, seen: set[int], depth: int = 0) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Yield the layers that a layer is made of, itself the first, each once and with its place."""
    if id(thing) in seen or depth > contents.DEPTH:
        return
    seen.add(id(thing))
    if is_stateful(thing):
        yield path, thing
        inside = {f".{name}": part for name, part in (contents.attributes(thing) or {}).items()}
    elif isinstance(thing, Mapping):
        inside = {f".{key}": part for key, part in thing.items()}
    else:
        inside = {f"[{n}]": part for n, part in enumerate(thing)} if isinstance(thing, (list, tuple)) else {}
    for step, part in inside.items():
        yield from _layers(part, join(path, step), seen, depth + 1)


def _parameters(path: str, layer: Any, before: Mapping[str, Any]) -> Iterator[Parameter]:  # noqa: ANN401
    """Yield the parameters of a layer that went forward and back, and had these attributes before."""
    params: Any = getattr(layer, "params", None)
    grads: Any = getattr(layer, "grads", None)
    if not all(isinstance(held, (Mapping, Sequence)) for held in (params, grads)):
        yield from (found for name, value in before.items() if (found := _beside(path, layer, name, value)) is not None)
        return
    keys, known = (held.keys() if isinstance(held, Mapping) else range(len(held)) for held in (params, grads))
    for key in keys:
        array = params[key]
        if type(array) is not np.ndarray or not is_float(array):
            continue
        if key not in known:
            msg = f"params of {quoted(layer)} has {key!r}, and grads has nothing for it; give a gradient for each"
            raise InputError(msg)
        step = f".{key}" if isinstance(params, Mapping) else f".params[{key}]"
        yield Parameter(join(path, step), array, functools.partial(lambda key: layer.grads[key], key))


def _beside(path: str, layer: Any, name: str, value: Any) -> Parameter | None:  # noqa: ANN401
    """Return an attribute as a parameter: an array that forward left in its place, beside a gradient of its shape."""
    there: Any = getattr(layer, name, None)
    if type(value) is not np.ndarray or not is_float(value) or value is not there:
        return None
    for of in (beside.format(name) for beside in BESIDE):
        if hasattr(layer, of) and np.shape(getattr(layer, of)) == value.shape:
            return Parameter(join(path, f".{name}"), value, functools.partial(getattr, layer, of))
    return None
