"""Does a model keep the graph of one call in an attribute, and go on from there in the next?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradcheck._adapters.torch import graph
from gradcheck._adapters.torch.call import TorchCall
from gradcheck._adapters.torch.tensors import Tensor
from gradcheck._model.oracle import Array
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict


@dataclass(frozen=True)
class Kept:
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
    left = [Kept(*place) for place in call.attributes.with_graph()]
    if left:
        inside = _behind(call.outputs_as_it_is(call.variables(point)))
        found = [kept for kept in left if kept.tensor.grad_fn in inside]
    elif call.attributes.given:
        found = _given(call, point)
    else:
        found = []
    return [kept.problem() for kept in found[:1]]


def _given(call: TorchCall, point: Mapping[str, Array]) -> list[Kept]:
    """Return what the model was given with, if it uses that, and the gradient of a variable goes through it."""
    variables = call.variables(point)
    call.begin_afresh()
    plain = {id(a.holder[a.key].requires_grad_()): a for a in call.attributes.given}
    inside = graph.nodes(call.outputs_as_it_is(variables).values())
    used = [plain[id(node.variable)] for node in inside if id(getattr(node, "variable", None)) in plain]
    return [Kept(a.owner, a.key, a.value) for a in used if graph.leading([a.value], variables)[a.value.grad_fn]]


def _behind(outputs: Mapping[str, Tensor]) -> set[graph.Node]:
    return {*graph.nodes(outputs.values())}
