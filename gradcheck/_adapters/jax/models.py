"""What is called when a model of flax, equinox or haiku is checked? A function of its parameters and its inputs."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jax

from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.jax.leaves import JaxCall, path_name, static_arguments
from gradcheck._results.errors import InputError


def library_of(model: object) -> str:
    """Return which library a model, or the method of one, belongs to; "" if to none."""
    thing = _parted(model)[0]
    kinds = {
        "equinox": ("Module",),
        "flax.nnx": ("Module",),
        "flax.linen": ("Module",),
        "haiku": ("Transformed", "TransformedWithState"),
    }
    for library, names in kinds.items():
        module = sys.modules.get(library)  # or an unrelated module of that name
        if isinstance(thing, tuple(getattr(module, name, ()) for name in names)):
            return library
    return ""


def _parted(model: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return the model whose method is given, and the method as a function of the model; (model, None) otherwise."""
    owner, method = getattr(model, "__self__", None), getattr(model, "__func__", None)
    return (model, None) if owner is None or method is None else (owner, method)


def called(model: Any, args: tuple[Any, ...], inputs: Mapping[str, Any]) -> JaxCall:  # noqa: ANN401
    """Return the call that a user means by a model, or a function, and its arguments."""
    make = {"equinox": _module, "flax.nnx": _module, "flax.linen": _linen, "haiku": _haiku, "": _function}
    return _nnx_apart(make[library_of(model)](model, args, inputs))


def with_loss(call: JaxCall, loss: Callable[..., Any]) -> JaxCall:
    """Put a function of the outputs on top of a call; the state that a model returns beside them is left out."""

    def cost(*args: Any, **inputs: Any) -> Any:  # noqa: ANN401
        outputs = call.function(*args, **inputs)
        if call.stateful or (isinstance(outputs, tuple) and len(outputs) == 2 and _is_state(outputs[1])):
            outputs = outputs[0]
        return loss(outputs)

    return replace(call, function=cost)


def _is_state(thing: object) -> bool:
    equinox: Any = sys.modules.get("equinox")
    return equinox is not None and isinstance(thing, equinox.nn.State)


def _function(f: Any, args: tuple[Any, ...], inputs: Mapping[str, Any]) -> JaxCall:  # noqa: ANN401
    lone = len(args) == 1 and not inputs and (isinstance(args[0], Mapping) or dataclasses.is_dataclass(args[0]))
    names = ("",) if lone else tuple(argument_names(f, len(args)))
    static = static_arguments(f) | (frozenset({*range(1, len(args)), *inputs}) if _takes_one(f) else frozenset())
    return JaxCall(f, args, inputs, names, static=static)


def _takes_one(f: object) -> bool:
    """Return whether a rule is by its first argument alone: those of equinox refuse to move any other."""
    rule = getattr(sys.modules.get("equinox"), "filter_custom_vjp", None)
    return rule is not None and isinstance(f, rule)


def _module(model: Any, args: tuple[Any, ...], inputs: Mapping[str, Any]) -> JaxCall:  # noqa: ANN401
    """Call a module of equinox or nnx, or one of its methods: the module holds the parameters."""
    owner, method = _parted(model)
    call = (lambda module, *a, **k: module(*a, **k)) if method is None else method
    return JaxCall(call, (owner, *args), inputs, ("", *argument_names(model, len(args))), model=True)


def _linen(model: Any, args: tuple[Any, ...], inputs: Mapping[str, Any]) -> JaxCall:  # noqa: ANN401
    """module.apply(variables, *args): the collection "params" is moved, the others are held fixed."""
    module, bound = _parted(model)
    method = inputs.get("method") if bound is None or bound.__name__ == "apply" else bound.__name__
    if module.scope is not None:  # bound to its variables already
        module, variables = module.unbind()
        args = (variables, *args)
    name = type(module).__name__
    if not args or not isinstance(args[0], Mapping):
        msg = f"{name} was given without its variables; write check_gradients({name}(...), module.init(key, x), x)"
        raise InputError(msg)
    collections = {kind: tree for kind, tree in args[0].items() if kind != "params"}
    target = getattr(module, method) if isinstance(method, str) else (method or module)
    settings = {"method": method} if method else {}

    def apply(params: Any, *rest: Any, **k: Any) -> Any:  # noqa: ANN401
        *a, others = rest
        own = {"params": params} if params is not None else {}
        return module.apply({**others, **own}, *a, **{**k, **settings})

    return JaxCall(
        apply,
        (args[0].get("params"), *args[1:]),
        {key: value for key, value in inputs.items() if key != "method"},
        ("", *argument_names(target, len(args) - 1)),
        model=True,
        held=(collections,),
        held_names=("",),
        stateful=bool(inputs.get("mutable")),
    )


def _haiku(model: Any, args: tuple[Any, ...], inputs: Mapping[str, Any]) -> JaxCall:  # noqa: ANN401
    """transformed.apply(params, rng, *args), or (params, state, rng, *args) with the state held fixed."""
    names = argument_names(model.apply, len(args))
    if len(names) < 2 or not isinstance(args[0], Mapping):
        msg = "a transformed function comes with its parameters and a key; write check_gradients(net, params, key, x)"
        raise InputError(msg)
    if names[1] != "state":
        return JaxCall(model.apply, args, inputs, ("", *names[1:]), model=True)

    def apply(params: Any, *rest: Any, **k: Any) -> Any:  # noqa: ANN401
        *a, state = rest
        return model.apply(params, state, *a, **k)

    taken, held = (args[0], *args[2:]), (args[1],)
    return JaxCall(apply, taken, inputs, ("", *names[2:]), model=True, held=held, held_names=("state",), stateful=True)


def _nnx_apart(call: JaxCall) -> JaxCall:
    """Take the parameters out of the modules of nnx among the arguments; every call gets a module of its own."""
    nnx: Any = sys.modules.get("flax.nnx")
    places = [i for i, arg in enumerate(call.args) if nnx is not None and isinstance(arg, nnx.Module)]
    for place in places:
        call = _without_module(nnx, call, place)
    return call


def _without_module(nnx: Any, call: JaxCall, place: int) -> JaxCall:  # noqa: ANN401
    definition, params, others = nnx.split(call.args[place], nnx.Param, ...)
    moved, made = _variables(params)
    kept, made_too = _variables(others)

    def function(*given: Any, **inputs: Any) -> Any:  # noqa: ANN401
        *args, still = given
        args[place] = nnx.merge(definition, made(args[place]), made_too(still))
        return call.function(*args, **inputs)

    return replace(
        call,
        function=function,
        args=(*call.args[:place], moved, *call.args[place + 1 :]),
        held=(*call.held, kept),
        held_names=(*call.held_names, call.names[place]),
    )


def _variables(state: Any) -> tuple[dict[str, Any], Callable[[Mapping[str, Any]], Any]]:  # noqa: ANN401
    """Return the arrays of a state of nnx by name, and what makes new variables of them: calls write to variables."""
    found, structure = jax.tree_util.tree_flatten_with_path(state)
    named = {path_name(_of_variable(path)): leaf for path, leaf in found}
    return named, lambda arrays: jax.tree_util.tree_unflatten(structure, [arrays[name] for name in named])


def _of_variable(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the path of a variable, whose array is its attribute."""
    return path[:-1] if isinstance(path[-1], jax.tree_util.GetAttrKey) else path
