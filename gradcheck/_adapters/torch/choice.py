"""Which tensors of a call are moved, and what is there to say of the others?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn.parameter import is_lazy

from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.tensors import Moved, Tensor, is_floating, to_array
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, kind_among
from gradcheck._model.rng import Pins
from gradcheck._results.errors import InputError

SHOWN = 6  # names in a note
SPARSE = (torch.sparse_coo, torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc)
LAYOUTS = (torch.strided, *SPARSE)  # of tensors whose entries can be moved


def named(f: Any, arguments: Mapping[str, Any], loss: Any) -> Iterator[tuple[str, Tensor, str]]:  # noqa: ANN401
    """Yield the name, the tensor and the kind of everything that could be moved: the same tensor once for each name."""
    for prefix, module in {"": f, **arguments, "loss": loss}.items():
        if isinstance(module, torch.nn.Module):
            for part in (module.named_parameters, module.named_buffers):
                held = list(part(remove_duplicate=False))
                for name, tensor in held:
                    yield f"{prefix}.{name}".lstrip("."), tensor, kind_among(name, [n for n, _ in held])
    lone = len(arguments) == 1 and isinstance(next(iter(arguments.values())), Mapping)
    for path, value in trees.leaves(next(iter(arguments.values())) if lone else arguments):
        if isinstance(value, torch.Tensor):
            yield path, value, "input"


def chosen(
    candidates: list[tuple[str, Tensor, str]], arguments: Mapping[str, Any], wrt: str | Iterable[str] | None
) -> tuple[list[Moved], list[str]]:
    """Return the tensors that are moved, each once under all its names, and what to say of the others."""
    names: dict[int, list[str]] = {}
    kinds: dict[int, str] = {}
    every: dict[int, Tensor] = {}
    for name, tensor, kind in candidates:
        _refuse(name, tensor, inside=kind != "input")
        if is_floating(tensor) and tensor.numel():
            every[id(tensor)] = tensor
            names.setdefault(id(tensor), []).append(name)
            kinds.setdefault(id(tensor), kind)
    empty = [name for name, tensor, _ in candidates if is_floating(tensor) and not tensor.numel()]
    given = {id(t) for _, t in trees.leaves(arguments) if is_floating(t)}
    marked = any(every[k].requires_grad for k in given if k in every)
    varies = {k: _varies(t) for k, t in every.items() if k in given}
    asked = {k for k in every if _asked_for(names[k], wrt)}
    moved: list[Moved] = []
    fixed = []
    for k, tensor in every.items():
        name = " = ".join(dict.fromkeys(names[k]))
        if any(name == m.name for m in moved):
            name = f"argument {name}"  # a parameter has the same
        wanted = k in given and not marked and (varies[k] or not any(varies.values()))
        if tensor.requires_grad or k in asked or wanted:
            moved.append(Moved(name, tensor, tensor.dtype, kinds[k]))
        else:
            fixed.append((name, isinstance(tensor, torch.nn.Parameter), k in given))
    return moved, [*_about(fixed), *[f"empty, so there is nothing to differentiate: {_few(empty)}"] * bool(empty)]


def _refuse(name: str, tensor: Tensor, *, inside: bool) -> None:
    """Raise InputError, with what to give instead, for a tensor that has no shape, no numbers, or no array of them."""
    if is_lazy(tensor):
        msg = f"{name} has no shape yet, as its module is lazy; call the model once before it is checked"
    elif tensor.is_nested:
        msg = f"{name} is a nested tensor; give the tensors that it is made of, and make it inside of the function"
    elif tensor.is_meta:
        msg = f"{name} is on the device meta, and has no numbers; give it some, on another device"
    elif inside and tensor.is_inference():
        msg = f"{name} was made under torch.inference_mode(), and can have no gradient; make its module outside of it"
    elif tensor.layout not in LAYOUTS:
        msg = f"{name} has the layout {tensor.layout}, which has no entries of its own; write {name}.to_dense()"
    else:
        return
    raise InputError(msg)


def _varies(tensor: Tensor) -> bool:
    """Whether it is a variable, some entries of which may be infinite; a mask of -inf and equal numbers is not."""
    numbers = to_array(tensor)
    finite = numbers[np.isfinite(numbers)]
    return finite.size == numbers.size or bool(finite.size and np.ptp(finite))


@dataclass(frozen=True)
class Chosen:
    """A call of which the backward can be asked, the inputs that it refuses to be asked for, and its first outputs."""

    call: TorchCall
    refused: list[str]
    outputs: dict[str, Array] | None  # at the given point, None where it raises


def differentiable(called: Callable[[list[Moved]], TorchCall], moved: list[Moved], pins: Pins) -> Chosen:
    """Return a call of which the backward can be asked.

    No input is left out that is marked with requires_grad, nor where that does not help.
    """
    call = called(moved)
    left_out = [m for m in moved if m.kind == "input" and not m.tensor.requires_grad and len(moved) > 1]
    answers, outputs = _asked(call, pins, back=bool(left_out))
    if answers:
        return Chosen(call, [], outputs)
    for m in left_out:
        narrower = called([other for other in moved if other is not m])
        answers, fewer = _asked(narrower, pins, back=True)
        if answers:
            return Chosen(narrower, [m.name], fewer)
    return Chosen(call, [], outputs)


def _asked(call: TorchCall, pins: Pins, *, back: bool) -> tuple[bool, dict[str, Array] | None]:
    """Call a model at the given point, and go back; return whether that answers, and the outputs.

    It answers unless it says that it is not implemented, or not differentiable, for an argument.
    """
    known = None
    try:
        with call.guard():
            point = {path: np.array(array) for m in call.moved for path, array in m.arrays().items()}
            variables = call.variables(point)
            outputs = call.outputs(variables)
            known = {name: np.array(to_array(y)) for name, y in outputs.items()}
            if back:
                carry = {name: y for name, y in outputs.items() if is_floating(y)}
                call.back(carry, variables, {name: y.detach().clone() for name, y in carry.items()})
    except RuntimeError as error:
        if ends(error):
            raise
        return not any(
            word in str(error) for word in ("not differentiable", "not implemented", "is not supported")
        ), known
    except Exception as error:  # the error is raised when it is called for the check
        if ends(error):
            raise
        return True, known
    finally:
        pins.restore()
    return True, known


def _asked_for(names: list[str], wrt: Any) -> bool:  # noqa: ANN401
    """Whether a name is given in full: so a buffer can be asked for."""
    return any(name in ([wrt] if isinstance(wrt, str) else list(wrt or ())) for name in names)


def _about(fixed: list[tuple[str, bool, bool]]) -> Iterator[str]:
    frozen = [name for name, parameter, _ in fixed if parameter]
    buffers = [name for name, parameter, given in fixed if not parameter and not given]
    inputs = [name for name, parameter, given in fixed if not parameter and given]
    if frozen:
        yield f"frozen (requires_grad is False), and left out: {_few(frozen)}"
    if buffers:
        yield f"buffers, held fixed: {_few(buffers)}"
    if inputs:
        why = "not finite, or without requires_grad beside others that have it"
        yield f"inputs held fixed, since they are {why}: {_few(inputs)}"


def held(seen: list[Tensor], moved: list[Moved], refused: list[str], name: str) -> Iterator[str]:
    """Say what is held fixed besides: what a function sees but is not handed, and what has no derivative."""
    mine = {id(m.tensor) for m in moved}
    unseen = [t for t in seen if is_floating(t) and t.is_leaf and t.requires_grad and id(t) not in mine]
    if unseen:
        yield (
            f"used by {name} but not passed in, and held fixed: {_counted(len(unseen))} a gradient; "
            f"pass {'it' if len(unseen) == 1 else 'them'} in, or the module that holds "
            f"{'it, to have it' if len(unseen) == 1 else 'them, to have them'} checked"
        )
    if refused:
        yield f"inputs held fixed, since PyTorch has no derivative with respect to them: {', '.join(refused)}"


def _counted(count: int) -> str:
    return "1 tensor that requires" if count == 1 else f"{count} tensors that require"


def _few(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
