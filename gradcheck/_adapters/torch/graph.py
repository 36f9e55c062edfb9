"""What is in the graph behind some outputs? Its nodes, those written by hand, and where each leads back to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch

from gradcheck._adapters.torch.tensors import Tensor

Node = Any  # torch.autograd.graph.Node
# Where PyTorch makes a Function of what a user registered for an operator, or gave to torch.func.
MADE_FOR_USERS = ("torch._library.autograd", "torch._functorch.autograd_function")
OF_CPP = "torch::autograd::CppNode<"  # a Function of an extension


def nodes(outputs: Iterable[Tensor]) -> list[Node]:
    """Return the nodes of the graph behind some outputs, each once."""
    return before([y.grad_fn for y in outputs])


def before(ends: Iterable[Node | None]) -> list[Node]:
    """Return nodes and all that lie before them in the graph, each once."""
    seen: dict[Node, None] = {}
    queue = [*ends]
    while queue:
        node = queue.pop()
        if node is not None and node not in seen:
            seen[node] = None
            queue += [earlier for earlier, _ in node.next_functions]
    return [*seen]


def is_function(node: Node) -> bool:
    """Whether a node belongs to a Function of Python."""
    return isinstance(node, torch.autograd.function.BackwardCFunction)


def handwritten(outputs: Iterable[Tensor]) -> list[Node]:
    """Return the nodes whose backward is not PyTorch's own."""
    return [node for node in nodes(outputs) if _by_hand(node)]


def _by_hand(node: Node) -> bool:
    if not is_function(node):
        return str(node.name()).startswith(OF_CPP)
    home = str(node._forward_cls.__module__)  # noqa: SLF001
    return home in MADE_FOR_USERS or not home.startswith("torch.")


def title(node: Node) -> str:
    """Return what a user calls the Function, or the operator, of a node."""
    if not is_function(node):
        return str(node.name().removeprefix(OF_CPP).rstrip(">"))
    name = str(node._forward_cls.__name__)  # noqa: SLF001
    if name.startswith("GeneratedBackwardFor_"):
        return name.removeprefix("GeneratedBackwardFor_").rpartition("_")[0]
    return name.removeprefix("Vmapped") if node._forward_cls.__module__ in MADE_FOR_USERS else name  # noqa: SLF001


def leading(outputs: Iterable[Tensor], variables: Mapping[str, Tensor]) -> dict[Node, frozenset[str]]:
    """Return, for every node of a graph, the names of the variables that it goes back to."""
    names = {id(variable): name for name, variable in variables.items()}
    known: dict[Node, frozenset[str]] = {}
    stack = [y.grad_fn for y in outputs if y.grad_fn is not None]
    while stack:
        node = stack[-1]
        earlier = [n for n, _ in node.next_functions if n is not None]
        missing = [n for n in earlier if n not in known]
        if missing and node not in known:
            stack += missing
            continue
        own = {names[id(node.variable)]} if id(getattr(node, "variable", None)) in names else set()
        known[node] = frozenset(own).union(*(known[n] for n in earlier))
        stack.pop()
    return known
