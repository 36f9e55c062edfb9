"""How is a reference layer checked? A dataclass with forward(x) -> (y, backward), alone or with a loss on top."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck._adapters import recorder
from gradcheck._adapters.cotangent import is_float, with_cotangent
from gradcheck._adapters.introspect import argument_names, arrays, sizes
from gradcheck._adapters.recognise import is_layer, quoted
from gradcheck._adapters.sites import of_layer
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Oracle, Tree
from gradcheck._options import Options
from gradcheck._results.errors import InputError


def layer(model: Any, args: tuple[Any, ...], options: Options, met: Array | None = None) -> Oracle:  # noqa: ANN401
    """Return the oracle of a layer, whose way back gives the gradients of its inputs and of its parameters.

    `met` is the cotangent at which it is checked, by default a random one.

    Raises InputError without an input, or with a loss that is no layer.
    """
    loss = options.loss
    if loss is not None and not is_layer(loss):
        msg = f"loss= must be a layer such as CrossEntropy(labels), not {quoted(loss)}"
        raise InputError(msg)
    if not args:
        msg = f"{quoted(model)} was given no input; write check_gradients({quoted(model)}(...), x)"
        raise InputError(msg)
    names = argument_names(model.forward, len(args))
    held = {} if trees.children(model) is None else {"": model}  # one that cannot be seen into has no parameters
    point: dict[str, Tree] = {**held, **dict(zip(names, args, strict=True))}
    run = functools.partial(_run, model, loss=loss, names=names)

    def pullback(p: Tree, cotangent: Tree) -> Tree:
        *inputs, parameters = run(p)[1](*cotangent)
        return {**dict.fromkeys(held, parameters), **_per_input(inputs, args, names, quoted(model))}

    reach = (model, *args) if loss is None else (model, loss, *args)
    return with_cotangent(
        forward=lambda p: run(p)[0],
        pullback=pullback,
        seed=options.seed,
        laid=True,
        settings=True,
        met=met,
        point=point,
        name=quoted(model),
        kinds=dict.fromkeys(names, "input"),
        sizes=sizes(dict(zip(names, args, strict=True)), {}),
        data=_data(names, args) | arrays(reach[: len(reach) - len(args)], point),
        reach=reach,
        parts=lambda p: _taken_apart(p.get("", model), tuple(p[n] for n in names), loss, options.seed),
        sites=functools.partial(of_layer, loss=loss, names=names, is_layer=is_layer) if held else None,
    )


def _run(model: Any, p: Tree, *, loss: Any, names: list[str]) -> tuple[Tree, Callable[..., Any]]:  # noqa: ANN401
    *outputs, back = p.get("", model).forward(*(p[n] for n in names))
    if loss is None:
        return tuple(outputs), back
    cost, down = loss.forward(*outputs)
    return (cost,), lambda dcost: back(*down(dcost)[:-1])


def _per_input(gradients: list[Any], args: tuple[Any, ...], names: list[str], name: str) -> dict[str, Any]:
    """Return one gradient for each input; masks and indices, which have none, may be left out."""
    movable = [n for n, a in zip(names, args, strict=True) if any(is_float(leaf) for _, leaf in trees.leaves(a))]
    for wanted in (names, movable):
        if len(gradients) == len(wanted):
            return dict.fromkeys(names) | dict(zip(wanted, gradients, strict=True))
    msg = (
        f"the backward of {name} returned {len(gradients)} gradient(s) of inputs where forward took {len(names)}; "
        f"return ({''.join(f'd{n}, ' for n in movable)}grad), grad being a {name} with the gradients of the parameters"
    )
    raise InputError(msg)


def _data(names: list[str], args: tuple[Any, ...]) -> dict[str, Array]:
    integers = {n: a for n, a in zip(names, args, strict=True) if isinstance(a, np.ndarray)}
    return {n: a for n, a in integers.items() if a.dtype.kind in "iub"}


def _taken_apart(model: Any, args: tuple[Any, ...], loss: Any, seed: int) -> dict[str, Oracle]:  # noqa: ANN401
    """Return an oracle of each layer within a layer, at the input and with the cotangent that it meets there."""
    found: dict[str, Oracle] = {}
    for use in recorder.uses(model, args, loss, is_layer):
        try:
            oracle = layer(use.layer, use.args, Options(seed=seed), use.cotangent)
        except Exception as error:  # a layer that cannot be run alone is left out
            if ends(error):
                raise
            continue
        found[use.name] = dataclasses.replace(oracle, parts=None)
    return found
