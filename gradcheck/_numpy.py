"""What do NumPy's users hand in? Functions with their gradients, objects with params, reference layers."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any

import numpy as np

from gradcheck import _tree
from gradcheck._cotangent import by_columns, is_float, with_cotangent
from gradcheck._layers import is_layer, layer, quoted
from gradcheck._oracle import Array, Oracle, Tree, guess_kind, ways
from gradcheck._report import InputError
from gradcheck._restore import preserved
from gradcheck._seen import argument_names, arrays, sizes


def oracle(model: Any, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Oracle:  # noqa: ANN401
    """Return the oracle of a reference layer, an object with params, or a function with its gradient.

    Raises InputError if the model is none of these.
    """
    given = ways(keywords)
    if len(given) > 1:
        msg = f"{' and '.join(f'{w}=' for w in given)} say the same thing twice; give one of them"
        raise InputError(msg)
    if isinstance(model, type) and (not given or _brings_gradient(model)):
        msg = f"{quoted(model)} is a class; give an instance of it, such as {quoted(model)}(...)"
        raise InputError(msg)
    if given and _brings_gradient(model):
        msg = f"{quoted(model)} brings its own gradient, which is what is checked; leave out {given[0]}="
        raise InputError(msg)
    _check_framework(model, keywords)
    if is_layer(model):
        return layer(model, _with_keywords(model.forward, args, keywords), keywords)
    if keywords.get("loss") is not None:
        msg = f"loss= goes on top of a layer or network; {quoted(model)} is none, so put the loss into the function"
        raise InputError(msg)
    if is_network(model):
        return _object(model, _with_keywords(model.loss, args, keywords))
    if not callable(model):
        msg = (
            f"{quoted(model)} is of an unknown type ({type(model).__name__}); give a function with grad=, vjp= or "
            "value_and_grad=True, an object with a dict `params` and loss(...) -> (loss, grads), a reference layer, "
            "or Oracle(point=..., value=..., gradient=...)"
        )
        raise InputError(msg)
    if not given:
        msg = (
            f"{quoted(model)} comes without a claimed gradient; write grad=df for the gradient of one number, "
            "vjp=pullback for several outputs, or value_and_grad=True if it returns (value, gradient)"
        )
        raise InputError(msg)
    if not args:
        msg = f"{quoted(model)} comes without a point; write check_gradients({quoted(model)}, x, {given[0]}=...)"
        raise InputError(msg)
    return _function(model, _with_keywords(model, args, keywords), given[0], keywords)


def _check_framework(model: Any, keywords: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Refuse what only a framework can do: differentiate its own backward, or go forward."""
    asked = {"order=2": keywords.get("order", 1) > 1, "jvp=True": keywords.get("jvp") is True}
    asked["batched=True"] = bool(keywords.get("batched"))
    for call in [call for call, wanted in asked.items() if wanted]:
        msg = (
            f"{call} needs a model of PyTorch or JAX, which differentiate what they compute; {quoted(model)} is none"
            + ("; write jvp=pushforward, a function (*args, *tangents)" if call == "jvp=True" else "")
            + ("; check its gradient as a function, with vjp=" if call == "order=2" else "")
        )
        raise InputError(msg)


def _with_keywords(f: Callable[..., Any], args: tuple[Any, ...], keywords: Mapping[str, Any]) -> tuple[Any, ...]:
    """Put keyword arguments of the user's function in their places among the others."""
    inputs = keywords.get("inputs") or {}
    if not inputs:
        return args
    try:
        bound = inspect.signature(f).bind(*args, **inputs)
    except TypeError as error:
        msg = f"{quoted(f)} cannot be called so: {error}"
        raise InputError(msg) from None
    if bound.kwargs:
        msg = (
            f"{quoted(f)} takes {', '.join(bound.kwargs)} by keyword alone; wrap it in a function that takes positions"
        )
        raise InputError(msg)
    return bound.args


def _brings_gradient(model: Any) -> bool:  # noqa: ANN401
    of = model if isinstance(model, type) else type(model)
    return is_network(model) or (dataclasses.is_dataclass(of) and callable(getattr(of, "forward", None)))


def is_network(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing has a dict of params, and a loss."""
    return isinstance(getattr(model, "params", None), Mapping) and callable(getattr(model, "loss", None))


# ---------------------------------------------------------------------------------------------- functions


def _function(f: Callable[..., Any], args: tuple[Any, ...], way: str, keywords: Mapping[str, Any]) -> Oracle:
    """f(*args) with grad(*args), vjp(*args, cotangent), or f(*args) -> (value, gradient)."""
    names = argument_names(f, len(args))
    single = len(args) == 1 and _is_named(args[0])
    point: Tree = args[0] if single else dict(zip(names, args, strict=True))
    data = _data(names, args) | arrays((f, keywords[way]), point)

    def unpack(p: Tree) -> tuple[Any, ...]:
        return (p,) if single else tuple(p[n] for n in names)

    def pack(gradient: Any) -> Tree:  # noqa: ANN401
        return gradient if single else dict(zip(names, _per_argument(gradient, args, names, way), strict=True))

    common: dict[str, Any] = {
        "point": point,
        "name": quoted(f),
        "kinds": {n: "input" for n, a in zip(names, args, strict=True) if not single and _plain(n)},
        "sizes": sizes(dict(zip(names, args, strict=True)), data),
        "data": data,
        "reach": (f, keywords[way], *args),
        "guard": functools.partial(preserved, *_owners(f, keywords[way]), dict(zip(names, args, strict=True))),
    }
    if way == "value_and_grad":
        if not isinstance(keywords[way], (bool, np.bool_)):
            msg = f"value_and_grad={keywords[way]!r}: write True if {quoted(f)} returns (value, gradient)"
            raise InputError(msg)
        return Oracle(
            value=lambda p: _pair(f(*unpack(p)), quoted(f))[0],
            gradient=lambda p: pack(_pair(f(*unpack(p)), quoted(f))[1]),
            **common,
        )
    backward = keywords[way]
    if not callable(backward):
        msg = f"{way}= must be a function of the same arguments, not {type(backward).__name__}; write {way}=df"
        raise InputError(msg)
    if way == "jvp":
        return _pushforward(lambda p: f(*unpack(p)), lambda p, t: backward(*unpack(p), *unpack(t)), keywords, common)
    if way == "grad":
        return Oracle(value=lambda p: f(*unpack(p)), gradient=lambda p: pack(backward(*unpack(p))), **common)
    return with_cotangent(
        forward=lambda p: f(*unpack(p)),
        pullback=lambda p, cotangent: pack(backward(*unpack(p), cotangent)),
        seed=keywords["seed"],
        **common,
    )


def _pushforward(
    forward: Callable[[Tree], Tree],
    push: Callable[[Tree, Tree], Tree],
    keywords: Mapping[str, Any],
    common: Mapping[str, Any],
) -> Oracle:
    """jvp(*args, *tangents) is J v: column k of J, against the cotangent, is what it claims of entry k."""
    names = [path for path, value in _tree.leaves(common["point"]) if is_float(value)]

    def tangents(p: Tree, moved: Mapping[str, Array]) -> Tree:
        def tangent(path: str, old: Any) -> Any:  # noqa: ANN401
            if path not in names:
                return old
            return moved.get(path, np.zeros_like(old)) if isinstance(old, np.ndarray) else type(old)(moved.get(path, 0))

        return _tree.rebuild(p, tangent)

    made = with_cotangent(
        forward=forward,
        pullback=lambda _, __: None,  # its columns stand in for it
        push=lambda p, moved: push(p, tangents(p, moved)),
        seed=keywords["seed"],
        **common,
    )
    return by_columns(made)


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
    movable = [k for k, a in enumerate(args) if any(is_float(v) for _, v in _tree.leaves(a))]
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
    owners: list[object] = []
    for f in functions:
        if isinstance(f, functools.partial):
            owners += [*_owners(f.func), [*f.args, *f.keywords.values()]]
        elif not inspect.isfunction(f) and not isinstance(f, (type, bool)):
            owners.append(f.__self__ if isinstance(f, MethodType) else f)
    return owners


def _data(names: list[str], args: tuple[Any, ...], *, every: bool = False) -> dict[str, Array]:
    """Return the arguments that are arrays but no part of the point: integers; or all of them."""
    return {n: a for n, a in zip(names, args, strict=True) if isinstance(a, np.ndarray) and (every or not is_float(a))}


# ---------------------------------------------------------------------------------- objects with params


def _object(net: Any, args: tuple[Any, ...]) -> Oracle:  # noqa: ANN401
    """An object with `params`, a dict of arrays, and loss(*args) -> (loss, grads), a dict of the same names."""
    name = type(net).__name__
    _check_params(net)
    names = argument_names(net.loss, len(args))
    data = _data(names, args, every=True) | arrays((net.loss,), dict(net.params))

    def load(point: Mapping[str, Any]) -> None:
        params = net.params
        _write(params, point)
        if net.params is not params and not _tree_equal(net.params, point):  # built anew: nothing was kept
            raise InputError(_lost(name))

    def run(point: Mapping[str, Array]) -> tuple[Any, Any]:
        load(point)
        return _pair(net.loss(*args), f"{name}.loss")

    return Oracle(
        point=dict(net.params),
        value=lambda p: run(p)[0],
        gradient=lambda p: run(p)[1],
        name=name,
        sizes=sizes(dict(zip(names, args, strict=True)), data),
        data=data,
        reach=(net, *args),
        guard=functools.partial(preserved, net, dict(net.params), dict(zip(names, args, strict=True))),
    )


def _write(old: Any, new: Any) -> Any:  # noqa: ANN401
    """Write arrays into those of a tree, in place: the model may hold them under another name too.

    Returns what must stand in the place of the old: itself if it could be written to.
    """
    if isinstance(old, np.ndarray) and isinstance(new, np.ndarray) and old.flags.writeable and old.dtype == new.dtype:
        old[...] = new
        return old
    if isinstance(old, (Mapping, list)):
        for key in new if isinstance(old, Mapping) else range(len(new)):
            part = _write(old[key], new[key])
            if part is not old[key]:
                old[key] = part  # type: ignore[index]
        return old
    if isinstance(old, tuple):
        return old if all([_write(a, b) is a for a, b in zip(old, new, strict=True)]) else new  # noqa: C419
    return new


def _tree_equal(a: Tree, b: Tree) -> bool:
    pairs = zip(_tree.leaves(a), _tree.leaves(b), strict=True)
    return all(x is y or not is_float(x) or np.array_equal(x, y, equal_nan=True) for (_, x), (_, y) in pairs)


def _check_params(net: Any) -> None:  # noqa: ANN401
    """Refuse params that cannot be moved one by one: copies, and arrays that share memory."""
    first = [(path, v) for path, v in _tree.leaves(net.params) if is_float(v)]
    again = dict(_tree.leaves(net.params))
    kept = net.params is net.params
    for k, (path, value) in enumerate(first):
        if not isinstance(value, np.ndarray) or not value.size:
            lost = not kept
        else:
            lost = not np.may_share_memory(value, again.get(path, ())) or not (kept or value.flags.writeable)
        if lost:
            raise InputError(_lost(type(net).__name__))
        for other, theirs in first[:k]:
            if isinstance(theirs, np.ndarray) and np.shares_memory(value, theirs):
                msg = (
                    f"params has {other} and {path} in the same memory, so neither can be moved without the other; "
                    "keep the array under one name, with the gradient of all its uses, or make one of them a copy"
                )
                raise InputError(msg)


def _lost(name: str) -> str:
    return (
        f"params of {name} is made anew whenever it is read, so what is written to it is lost; "
        "let it be a dict of the very arrays that loss() reads"
    )
