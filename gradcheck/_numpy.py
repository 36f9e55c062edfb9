"""What do NumPy's users hand in? Functions with their gradients, objects with params, reference layers."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck import _tree
from gradcheck._oracle import Array, Oracle, Tree, calling, guess_kind
from gradcheck._report import InputError
from gradcheck._state import preserved

Floats = NDArray[np.float64]


def oracle(model: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Oracle:  # noqa: ANN401
    """Return the oracle of a reference layer, an object with params, or a function with its gradient.

    Raises InputError if the model is none of these.
    """
    ways = [w for w in ("grad", "vjp", "value_and_grad") if keywords.get(w)]
    if len(ways) > 1:
        msg = f"{' and '.join(f'{w}=' for w in ways)} say the same thing twice; give one of them"
        raise InputError(msg)
    if is_layer(model):
        return _layer(model, args, keywords)
    if keywords.get("loss") is not None:
        msg = f"loss= goes on top of a layer or network; {_quote(model)} is none, so put the loss into the function"
        raise InputError(msg)
    if isinstance(getattr(model, "params", None), Mapping) and callable(getattr(model, "loss", None)):
        return _object(model, args)
    if not callable(model):
        msg = (
            f"{_quote(model)} is of an unknown type ({type(model).__name__}); give a function with grad=, vjp= or "
            "value_and_grad=True, an object with a dict `params` and loss(...) -> (loss, grads), a reference layer, "
            "or Oracle(point=..., value=..., gradient=...)"
        )
        raise InputError(msg)
    if not ways:
        msg = (
            f"{_quote(model)} comes without a claimed gradient; write grad=df for the gradient of one number, "
            "vjp=pullback for several outputs, or value_and_grad=True if it returns (value, gradient)"
        )
        raise InputError(msg)
    if not args:
        msg = f"{_quote(model)} comes without a point; write check_gradients({_quote(model)}, x, {ways[0]}=...)"
        raise InputError(msg)
    return _function(model, args, ways[0], keywords)


def _quote(thing: Any) -> str:  # noqa: ANN401
    return str(getattr(thing, "__qualname__", None) or getattr(type(thing), "__name__", "the model"))


# ---------------------------------------------------------------------------------------------- functions


def _function(f: Callable[..., Any], args: tuple[Any, ...], way: str, keywords: Mapping[str, Any]) -> Oracle:
    """f(*args) with grad(*args), vjp(*args, cotangent), or f(*args) -> (value, gradient)."""
    names = argument_names(f, len(args))
    single = len(args) == 1 and _is_named(args[0])
    point: Tree = args[0] if single else dict(zip(names, args, strict=True))

    def unpack(p: Tree) -> tuple[Any, ...]:
        return (p,) if single else tuple(p[n] for n in names)

    def pack(gradient: Any) -> Tree:  # noqa: ANN401
        return gradient if single else dict(zip(names, _per_argument(gradient, args, names, way), strict=True))

    common: dict[str, Any] = {
        "point": point,
        "name": _quote(f),
        "kinds": {n: "input" for n, a in zip(names, args, strict=True) if not single and _plain(n)},
        "sizes": _batch(args),
        "guard": functools.partial(preserved, *_owners(f, keywords[way])),
    }
    if way == "value_and_grad":
        return Oracle(
            value=lambda p: _pair(f(*unpack(p)), _quote(f))[0],
            gradient=lambda p: pack(_pair(f(*unpack(p)), _quote(f))[1]),
            **common,
        )
    backward = keywords[way]
    if not callable(backward):
        msg = f"{way}= must be a function of the same arguments, not {type(backward).__name__}; write {way}=df"
        raise InputError(msg)
    if way == "grad":
        return Oracle(value=lambda p: f(*unpack(p)), gradient=lambda p: pack(backward(*unpack(p))), **common)
    return with_cotangent(
        forward=lambda p: f(*unpack(p)),
        pullback=lambda p, cotangent: pack(backward(*unpack(p), cotangent)),
        seed=keywords["seed"],
        **common,
    )


def with_cotangent(
    *,
    forward: Callable[[Tree], Tree],
    pullback: Callable[[Tree, Tree], Tree],
    seed: int,
    **common: Any,  # noqa: ANN401
) -> Oracle:
    """Make a scalar of any outputs by a random cotangent: the derivative of <u, f> is the pullback of u."""
    with calling("the function"):
        output = forward(_own(common["point"]))
    parts = [p for _, p in _tree.leaves(output) if np.asarray(p).dtype.kind == "f"]
    if not parts:
        msg = f"{common['name']} returned no float array ({type(output).__name__}); there is nothing to pull back"
        raise InputError(msg)
    size = sum(np.size(p) for p in parts)
    u = np.ones(1) if size == 1 else random_cotangent(size, seed)

    def flat(p: Tree) -> Floats:
        kept = [np.asarray(y, dtype=np.float64).ravel() for _, y in _tree.leaves(forward(p)) if _is_float(y)]
        return np.concatenate(kept)

    def pull(p: Tree, cotangent: Array) -> Tree:
        return pullback(p, _shaped(output, cotangent))

    return Oracle(value=flat, gradient=lambda p: pull(p, u), cotangent=u, pullback=pull, **common)


def random_cotangent(size: int, seed: int) -> Floats:
    """Draw a cotangent of which no entry is near zero."""
    rng = np.random.default_rng(seed)
    sizes: Floats = rng.uniform(0.5, 1.5, size)
    signs: Floats = rng.choice([-1.0, 1.0], size)
    return np.multiply(sizes, signs)


def _shaped(output: Tree, flat: Array) -> Tree:
    """Cut a flat cotangent into the shapes and dtypes of the outputs; None for outputs that are not floats."""
    at = 0

    def cut(_: str, y: Any) -> Any:  # noqa: ANN401
        nonlocal at
        if not _is_float(y):
            return None
        array = np.asarray(y)
        piece = flat[at : at + array.size].reshape(array.shape).astype(array.dtype)
        at += array.size
        return piece if isinstance(y, np.ndarray) else piece[()]

    return _tree.rebuild(output, cut)


def _is_float(value: Any) -> bool:  # noqa: ANN401
    return np.asarray(value).dtype.kind == "f"


def _own(point: Tree) -> Tree:
    """Copy every array of a point: what is called before the check begins must not touch the user's."""
    return _tree.rebuild(point, lambda _, v: np.array(v, order="K") if isinstance(v, np.ndarray) else v)


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return the names of the first arguments as the function's signature has them, else x or x0, x1, ..."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)][:count]
    if len(names) == count:
        return names
    return ["x"] if count == 1 else [f"x{i}" for i in range(count)]


def _is_named(value: Any) -> bool:  # noqa: ANN401
    """Whether a lone argument brings names of its own: a dict, or a dataclass of arrays."""
    return isinstance(value, Mapping) or (dataclasses.is_dataclass(value) and not isinstance(value, type))


def _plain(name: str) -> bool:
    return guess_kind(name) == "parameter"


def _per_argument(gradient: Any, args: tuple[Any, ...], names: list[str], way: str) -> list[Any]:  # noqa: ANN401
    """Return one gradient for each argument; those that are no floats may be left out or None."""
    if len(args) == 1:
        lone = isinstance(gradient, tuple) and len(gradient) == 1 and not isinstance(args[0], (tuple, list))
        return [gradient[0] if lone else gradient]
    movable = [k for k, a in enumerate(args) if any(_is_float(v) for _, v in _tree.leaves(a))]
    if len(movable) == 1 and not isinstance(gradient, (tuple, list)):
        gradient = (gradient,)
    if isinstance(gradient, Mapping) and set(gradient) <= set(names):
        return [gradient.get(n) for n in names]
    if not isinstance(gradient, (tuple, list)) or len(gradient) not in (len(args), len(movable)):
        count = len(gradient) if isinstance(gradient, (tuple, list)) else 1
        wanted = ", ".join(f"d{names[k]}" for k in movable)
        msg = f"{way}= returned {count} gradient(s) for {len(movable)} float arguments; return the tuple ({wanted})"
        raise InputError(msg)
    if len(gradient) == len(args):
        return list(gradient)
    per: list[Any] = [None] * len(args)
    for k, g in zip(movable, gradient, strict=True):
        per[k] = g
    return per


def _pair(result: Any, name: str) -> tuple[Any, Any]:  # noqa: ANN401
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        msg = f"{name} returned {type(result).__name__} where (value, gradient) is promised"
        raise InputError(msg)
    return result[0], result[1]


def _owners(*functions: object) -> list[object]:
    """Return the objects whose methods are called: their attributes are put back afterwards."""
    owners = [f.__self__ if isinstance(f, MethodType) else f for f in functions]
    return [o for o in owners if not inspect.isfunction(o) and not isinstance(o, (type, bool))]


def _batch(arrays: tuple[Any, ...]) -> dict[str, int]:
    """Return the batch size, if the inputs agree on one."""
    sizes = {np.shape(a)[0] for a in arrays if isinstance(a, np.ndarray) and a.ndim > 0}
    return {"the batch size": int(sizes.pop())} if len(sizes) == 1 else {}


# ---------------------------------------------------------------------------------- objects with params


def _object(net: Any, args: tuple[Any, ...]) -> Oracle:  # noqa: ANN401
    """An object with `params`, a dict of arrays, and loss(*args) -> (loss, grads), a dict of the same names."""
    name = type(net).__name__

    def load(point: Mapping[str, Array]) -> None:
        for key, array in point.items():
            mine = net.params[key]
            if isinstance(mine, np.ndarray) and mine.flags.writeable and mine.dtype == np.asarray(array).dtype:
                mine[...] = array  # in place: the model may hold it under another name too
            else:
                net.params[key] = array

    def run(point: Mapping[str, Array]) -> tuple[Any, Any]:
        load(point)
        return _pair(net.loss(*args), f"{name}.loss")

    return Oracle(
        point=dict(net.params),
        value=lambda p: run(p)[0],
        gradient=lambda p: run(p)[1],
        name=name,
        sizes=_batch(args),
        reach=(net, *args),
        guard=functools.partial(preserved, net, *args),
    )


# ------------------------------------------------------------------------------------- reference layers


def is_layer(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing is a dataclass with forward(x) -> (y, backward): a layer in the reference style."""
    return dataclasses.is_dataclass(model) and not isinstance(model, type) and callable(getattr(model, "forward", None))


def _layer(layer: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Oracle:  # noqa: ANN401
    """A layer whose way back gives the gradients of its inputs and a layer that holds those of its parameters."""
    loss = keywords.get("loss")
    if loss is not None and not is_layer(loss):
        msg = f"loss= must be a layer such as CrossEntropy(labels), not {_quote(loss)}"
        raise InputError(msg)
    if not args:
        msg = f"{_quote(layer)} comes without an input; write check_gradients({_quote(layer)}(...), x)"
        raise InputError(msg)
    names = argument_names(layer.forward, len(args))
    point: dict[str, Tree] = {"": layer, **dict(zip(names, args, strict=True))}

    def run(p: Tree) -> tuple[Tree, Callable[..., Any]]:
        *outputs, back = p[""].forward(*(p[n] for n in names))
        if loss is None:
            return tuple(outputs), back
        cost, down = loss.forward(*outputs)
        return (cost,), lambda dcost: back(*down(dcost)[:-1])

    def pullback(p: Tree, cotangent: Tree) -> Tree:
        *inputs, parameters = run(p)[1](*cotangent)
        return {"": parameters, **dict(zip(names, inputs, strict=True))}

    return with_cotangent(
        forward=lambda p: run(p)[0],
        pullback=pullback,
        seed=keywords["seed"],
        point=point,
        name=_quote(layer),
        kinds=dict.fromkeys(names, "input"),
        sizes=_batch(args),
        reach=(layer, *args) if loss is None else (layer, loss, *args),
    )
