"""Which hand-written backward in a model is at fault? Each `autograd.Function` is recorded where it is applied."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.tensors import Tensor, to_array
from gradcheck._model import trees

Function = Any  # type[torch.autograd.Function]
Cotangents = dict[str, Tensor]


@dataclass
class Applied:
    """One application of a Function: what it was given, and what came back to it."""

    function: Function
    args: tuple[Any, ...]
    cotangent: np.ndarray[Any, Any] | None = None
    within: str = ""  # the innermost module in which it was applied
    number: int = 0  # if it is not the only one

    @property
    def name(self) -> str:
        """The Function as the report calls it."""
        use = f", use {self.number}" if self.number else ""
        return f"{self.function.__name__} (autograd.Function{use}){f' in {self.within}' if self.within else ''}"


def met(run: Callable[[], tuple[Mapping[str, Tensor], Cotangents]], module: Any) -> list[Applied]:  # noqa: ANN401
    """Run a model, which gives its outputs and their cotangents, and go back; return what Functions were applied."""
    functions = handwritten(run()[0].values())
    applied: list[Applied] = []
    forwards = [(function, function.forward) for function in functions]  # before any is replaced: they may inherit
    with contextlib.ExitStack() as stack:
        places = stack.enter_context(_followed(module))
        for function, forward in forwards:
            stack.enter_context(_noting(function, forward, applied, places))
        outputs, us = run()
    for function in functions:
        _pair([a for a in applied if a.function is function], _own_nodes(function, outputs))
    ys = [outputs[name] for name in us]
    torch.autograd.grad(ys, _leaves(ys), [*us.values()], allow_unused=True)
    return applied


def handwritten(outputs: Iterable[Tensor]) -> list[Function]:
    """Return the user's own Functions in the graph behind some outputs, each once."""
    return list({node._forward_cls: None for node in _nodes(outputs) if _handwritten(node)})  # noqa: SLF001


def _nodes(outputs: Iterable[Tensor]) -> list[Any]:
    """Return the nodes of Functions in the graph behind some outputs."""
    return [node for node in graph.nodes(outputs) if graph.is_function(node)]


def _handwritten(node: Any) -> bool:  # noqa: ANN401
    return not node._forward_cls.__module__.startswith("torch.")  # noqa: SLF001


def _own_nodes(function: Function, outputs: Mapping[str, Tensor]) -> list[Any]:
    mine = [node for node in _nodes(outputs.values()) if node._forward_cls is function]  # noqa: SLF001
    return sorted(mine, key=lambda node: node._sequence_nr())  # noqa: SLF001


def _leaves(outputs: Iterable[Tensor]) -> list[Tensor]:
    """Return the tensors that the graph behind some outputs begins with."""
    return [node.variable for node in graph.nodes(outputs) if hasattr(node, "variable")]


@contextlib.contextmanager
def _noting(
    function: Function, forward: Callable[..., Any], applied: list[Applied], places: list[str]
) -> Iterator[None]:
    """Let the forward of a Function note what it is given."""
    had = "forward" in vars(function)
    separate = function.setup_context is not torch.autograd.Function.setup_context

    def noted(*args: Any) -> Any:  # noqa: ANN401
        given = own(args if separate else args[1:])
        applied.append(Applied(function, given, within=places[-1] if places else ""))
        return forward(*args)

    before = vars(function).get("forward")
    function.forward = staticmethod(noted)
    try:
        yield
    finally:
        if had:
            function.forward = before
        else:
            del function.forward


@contextlib.contextmanager
def _followed(module: Any) -> Iterator[list[str]]:  # noqa: ANN401
    """Yield a list of the modules within a module that are just being called, the innermost last."""
    places: list[str] = []
    hooks = []
    for path, part in module.named_modules() if isinstance(module, torch.nn.Module) else ():
        name = f"{path} ({type(part).__name__})"
        if path:
            hooks.append(part.register_forward_pre_hook(lambda *_, name=name: places.append(name)))
            hooks.append(part.register_forward_hook(lambda *_: places.pop() and None))
    try:
        yield places
    finally:
        for hook in hooks:
            hook.remove()


def own(tree: Any) -> Any:  # noqa: ANN401
    """Copy the tensors of some arguments: detached, so that they begin a graph."""
    return trees.rebuild(tree, lambda _, v: v.detach().clone() if isinstance(v, torch.Tensor) else v)


def _pair(applied: list[Applied], nodes: list[Any]) -> None:
    """Let the nodes record their cotangents, if it is known which application each belongs to."""
    for number, one in enumerate(applied, 1):
        one.number = number if len(applied) > 1 else 0
    if len(applied) == len(nodes):
        for one, node in zip(applied, nodes, strict=True):
            node.register_prehook(_catcher(one))


def _catcher(one: Applied) -> Callable[[Any], None]:
    def catch(cotangents: Any) -> None:  # noqa: ANN401
        if all(u is not None for u in cotangents):
            one.cotangent = np.concatenate([to_array(u).ravel() for u in cotangents]).astype(np.float64)

    return catch
