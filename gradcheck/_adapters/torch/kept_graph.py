"""Does a model keep the graph of one call in an attribute, and go on from there in the next?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.attributes import Given
from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.tensors import Tensor, is_floating
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict


@dataclass(frozen=True)
class KeptGraph:
    """A tensor with its graph, and where the model keeps it."""

    owner: str
    name: str
    tensor: Tensor

    def problem(self) -> Problem:
        """Say so."""
        text = (
            f"{self.owner} keeps a tensor with its graph in `{self.name}` from one call to the next, so that the next "
            "backward goes through that call as well; detach it, or begin each call without it"
        )
        return Problem(Verdict.BROKEN, text)


def examine(call: TorchCall, point: Mapping[str, Array]) -> list[Problem]:
    """See whether a model that was just called goes on, in its next call, from the graph of one before."""
    left = [KeptGraph(*place) for place in call.attributes.left()]
    if not left and not call.attributes.given:
        return []
    variables = call.variables(point)
    found = _next(call, variables, left) if left else []
    found = found or [kept for given in call.attributes.given for kept in _earlier(call, variables, given)]
    return [kept.problem() for kept in found[:1]]


def _next(call: TorchCall, variables: Mapping[str, Tensor], left: list[KeptGraph]) -> list[KeptGraph]:
    """Return what the next call goes on from."""
    try:
        outputs = call.outputs_as_it_is(variables)
    except Exception as error:  # there may be no next call without a reset
        if ends(error):
            raise
        return []
    inside = {*graph.nodes(outputs.values())}
    return [kept for kept in left if kept.tensor.grad_fn in inside]


def _earlier(call: TorchCall, variables: Mapping[str, Tensor], given: Given) -> list[KeptGraph]:
    """Return an attribute of the given model, if it is used and the gradient of a variable goes through it."""
    call.begin_afresh()
    plain = [t for _, t in trees.leaves(given.detach(wide=bool(call.constants.wide))) if is_floating(t)]
    mine = {id(t.requires_grad_()) for t in plain}
    nodes = graph.nodes(call.outputs_as_it_is(variables).values())
    if not any(id(getattr(node, "variable", None)) in mine for node in nodes):
        return []
    tensors = [t for _, t in trees.leaves(given.value) if is_floating(t) and t.grad_fn is not None]
    leading = graph.leading(tensors, variables)
    return [KeptGraph(given.place.owner, given.key, t) for t in tensors if leading[t.grad_fn]]
