"""Does the user's code test if gradients are enabled, or is it compiled? Then values without a graph may differ."""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator
from itertools import islice
from types import CodeType, FunctionType
from typing import Any

import torch

from gradcheck._model.contents import is_a, of_library, reachable
from gradcheck._model.rng import MANY

# Names used by code that tests whether gradients are enabled, or enables them.
ASKED = {"requires_grad", "is_leaf", "grad_fn", "needs_input_grad"}
ASKED |= {"is_grad_enabled", "set_grad_enabled", "is_inference_mode_enabled"}
COMPILED = ("ScriptModule", "ScriptFunction", "OptimizedModule")  # another one for each way of being called
OF_COMPILERS = "_torchdynamo_orig_callable"  # an attribute of functions that torch.compile made


def minds_graphs(roots: Iterable[object], modules: Iterable[object]) -> bool:
    """Whether code reachable from some objects and modules depends on graphs, or is compiled."""
    classes = {cls for module in modules for cls in type(module).__mro__}
    if not {cls.__name__ for cls in classes}.isdisjoint(COMPILED):
        return True
    members = [member for cls in classes if not of_library(cls) for member in vars(cls).values()]
    return any(map(_minds, islice(reachable([*roots, *members]), MANY)))


def _minds(thing: Any) -> bool:  # noqa: ANN401
    if type(thing).__name__ in COMPILED:
        return True
    if is_a(thing, torch.nn.Module) or not is_a(thing, FunctionType):
        return False
    if OF_COMPILERS in vars(thing):
        return True
    return not of_library(thing) and any(map(_asks, _codes(thing.__code__)))


def _asks(code: CodeType) -> bool:
    """Whether a code object reads one of the names; writing one, as to freeze a parameter, does not count."""
    if ASKED.isdisjoint(code.co_names):
        return False
    return any(step.opname.startswith("LOAD_") and step.argval in ASKED for step in dis.get_instructions(code))


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of a function, and of those that are made within it."""
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _codes(constant)
