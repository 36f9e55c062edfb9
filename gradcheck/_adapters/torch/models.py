"""What do PyTorch's users hand in? Modules, functions of tensors, `torch.autograd.Function`s, custom operators."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from gradcheck._adapters import plain
from gradcheck._adapters.claims import ways
from gradcheck._adapters.cotangent import with_cotangent
from gradcheck._adapters.introspect import argument_names, numbers, sizes
from gradcheck._adapters.signatures import on_top
from gradcheck._adapters.torch import choice, modes, parts, run_steps, state, undone
from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.claims import as_arrays
from gradcheck._adapters.torch.graph_minded import minds_graphs
from gradcheck._adapters.torch.quick import Quick
from gradcheck._adapters.torch.shared_graph import SharedGraph
from gradcheck._adapters.torch.sites import Sites
from gradcheck._adapters.torch.stacked import Stacked
from gradcheck._adapters.torch.tensors import Moved, to_array
from gradcheck._model import trees
from gradcheck._model.oracle import Array, Oracle
from gradcheck._model.rng import Pins
from gradcheck._options import Options
from gradcheck._results.errors import InputError
from gradcheck._results.names import without_locals

OPERATORS = (torch._ops.OpOverload, torch._ops.OpOverloadPacket, torch.library.CustomOpDef)  # noqa: SLF001


def oracle(model: Any, args: tuple[Any, ...], options: Options) -> Oracle | None:  # noqa: ANN401
    """Return the oracle of a model of PyTorch, None for anything else.

    Raises InputError if it cannot be checked as it is given.
    """
    inputs = options.inputs
    tensors = [v for _, v in trees.leaves((args, inputs)) if isinstance(v, (torch.Tensor, torch.nn.Module))]
    if not (tensors or isinstance(model, torch.nn.Module) or _is_function(model)):
        return None
    if ways(options):
        return _with_claim(model, args, options)
    if isinstance(model, type) and not _is_function(model):
        msg = f"{name_of(model)} is a class; give an instance of it, such as {name_of(model)}(...)"
        raise InputError(msg)
    f: Any = model.apply if isinstance(model, type) else model  # type: ignore[attr-defined]
    if not callable(f):
        msg = f"{name_of(model)} is neither a module nor a function: write check_gradients(f, *tensors)"
        raise InputError(msg)
    if not (args or inputs) and not isinstance(model, torch.nn.Module):
        msg = f"{name_of(model)} was given no arguments; write check_gradients({name_of(model)}, x)"
        raise InputError(msg)
    return _oracle(f, args, options)


def _oracle(f: Any, args: tuple[Any, ...], options: Options, met: Array | None = None) -> Oracle:  # noqa: ANN401
    inputs, loss = options.inputs, on_top(options.loss)
    arguments = dict(zip(_argument_names(f, len(args)), args, strict=True)) | dict(inputs)
    seen = [f, *_code(f), *arguments.values(), *([] if loss is None else [loss])]
    modules, tensors, generators = state.found(seen)
    sources = state.sources(generators, tensors)
    put_back = Pins(*seen, *(m.forward for m in modules), sources=sources)
    pins = put_back.afresh
    moved, notes = _moved(f, arguments, options)
    given = {id(t) for _, t in trees.leaves(arguments) if isinstance(t, torch.Tensor)}

    def called(moved: list[Moved]) -> TorchCall:
        mine = given | {id(m.tensor) for m in moved}
        constants = state.Constants(t for t in tensors if id(t) not in mine)
        return TorchCall(f, (args, inputs), moved, loss=loss, modules=modules, constants=constants, others=tensors)

    chosen = choice.differentiable(called, moved, put_back)
    call = chosen.call
    notes += _not_pushed(f) if options.jvp is None else []
    notes += choice.held([t for t in tensors if id(t) not in given], moved, chosen.refused, name_of(f))
    asked = modes.Second(call, options.seed, pins) if options.order > 1 else modes.First(call, pins)
    made = with_cotangent(
        forward=asked.forward,
        known=chosen.outputs if asked.whole else None,
        pullback=asked.pullback,
        push=asked.push if options.jvp is True else None,
        seed=options.seed,
        met=met,
        point=asked.point,
        name=name_of(f),
        pins=pins,
        guard=call.guard,
        notes=tuple(notes),
        aside=True,
        examine=functools.partial(asked.examine, batched=bool(options.batched), hasty=options.hasty),
        parts=functools.partial(parts.alone, call, _oracle, options.seed) if asked.whole else None,
        **_described(call, arguments, asked.kinds),
    )
    if options.hasty and len(made.outputs) == 1 and not options.batched:
        made = replace(made, examine=None)  # with `hasty`, nothing else is tested of a single output
    if made.pullback is None:
        return made
    if not asked.whole:
        return replace(made, undone=functools.partial(undone.undone_twice, call, made.pullback))
    quick = Quick(call, made.value, functools.partial(minds_graphs, seen, modules))
    return replace(
        made,
        value=quick,
        values=Stacked(quick),
        steps=functools.partial(run_steps.told, made.value),
        sites=Sites(call),
        pullback=SharedGraph(call, made.pullback, np.asarray(made.cotangent), few=options.hasty),
        undone=functools.partial(undone.undone, call, made.pullback),
    )


def _moved(f: Any, arguments: Mapping[str, Any], options: Options) -> tuple[list[Moved], list[str]]:  # noqa: ANN401
    moved, notes = choice.chosen(list(choice.named(f, arguments, options.loss)), arguments, options.wrt)
    if not moved:
        msg = f"{name_of(f)} has no floating-point tensor to differentiate; {'; '.join(notes) or 'write x.double()'}"
        raise InputError(msg)
    return moved, notes


def _described(call: TorchCall, arguments: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """Return what else an oracle says of its point: kinds, sizes, integers, dtypes that NumPy lacks."""
    data = {n: to_array(t) for n, t in trees.leaves(arguments) if isinstance(t, torch.Tensor)}
    coarse = [m for m in call.moved if m.coarse]
    return {
        "kinds": {path: m.kind for m in call.moved for path in m.paths} | {**kinds},
        "sizes": sizes(data, {}),
        "numbers": {n: float(v) for n, v in arguments.items() if type(v) in (int, float)} | numbers([call.f]),
        "data": {n: a for n, a in data.items() if a.dtype.kind in "iub"},
        "coarse": {path: str(m.dtype).removeprefix("torch.") for m in coarse for path in m.paths},
    }


def _is_function(model: object) -> bool:
    """Whether a thing is a torch.autograd.Function, or the `apply` of one."""
    of = model if isinstance(model, type) else getattr(model, "__self__", None)
    return isinstance(of, type) and issubclass(of, torch.autograd.Function)


def _not_pushed(f: Any) -> list[str]:  # noqa: ANN401
    """Say of a Function that has a forward mode of its own how that is checked."""
    own = _is_function(f) and f.__self__.jvp is not torch.autograd.Function.jvp
    return [f"{name_of(f)} has a jvp of its own, which was not looked at; jvp=True compares it"] if own else []


def name_of(f: Any) -> str:  # noqa: ANN401
    """Return what a user calls a model."""
    if _is_function(f):
        return str(getattr(f, "__self__", f).__name__)
    if isinstance(f, torch.nn.Module):
        return type(f).__name__
    if isinstance(f, OPERATORS):
        return str(getattr(f, "_qualname", f)).replace("::", ".")
    named = "__name__" if inspect.isbuiltin(f) else "__qualname__"
    return without_locals(str(getattr(f, named, None) or getattr(f, "__name__", None) or type(f).__name__))


def _code(f: Any) -> list[Any]:  # noqa: ANN401
    """Return the user's functions that a call reaches: what they read may be random, or in another precision."""
    if _is_function(f):
        owner = getattr(f, "__self__", f)
        return [owner.forward, owner.backward, owner.setup_context]
    return [f.forward] if isinstance(f, torch.nn.Module) else []


def _argument_names(f: Any, count: int) -> list[str]:  # noqa: ANN401
    if isinstance(f, OPERATORS):
        overload = getattr(f, "_opoverload", None) or getattr(f, "default", f)
        return [argument.name for argument in overload._schema.arguments[:count]]  # noqa: SLF001
    if not _is_function(f):
        return argument_names(f.forward if isinstance(f, torch.nn.Module) else f, count)
    owner: Any = f.__self__
    separate = owner.setup_context is not torch.autograd.Function.setup_context
    return argument_names(owner.forward if separate else functools.partial(owner.forward, None), count)


def _with_claim(model: Any, args: tuple[Any, ...], options: Options) -> Oracle:  # noqa: ANN401
    """A function of tensors, and a claim that is a function of tensors as well: both are called with them."""
    if options.inputs:
        msg = f"{ways(options)[0]}= takes a function of positions; wrap {name_of(model)} in one"
        raise InputError(msg)
    return plain.oracle(*as_arrays(model, args, options))
