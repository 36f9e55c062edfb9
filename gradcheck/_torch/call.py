"""What does a model compute at a point of arrays? It is called with them in the places of its tensors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from gradcheck import _tree
from gradcheck._oracle import Array, Tree
from gradcheck._torch.state import Constants, Module, preserved
from gradcheck._torch.tensors import DOUBLE, Moved, Tensor, is_floating, like, to_array

Outputs = dict[str, Tensor]


class Call:
    """f(*args, **inputs), a loss on top if there is one, as a function of the arrays of a point."""

    def __init__(
        self,
        f: Any,  # noqa: ANN401
        given: tuple[tuple[Any, ...], Mapping[str, Any]],
        moved: list[Moved],
        *,
        loss: Callable[..., Any] | None,
        modules: list[Module],
        constants: Constants,
        others: list[Tensor],
    ) -> None:
        """`given` are the arguments; `moved` what of them, and of the parameters of `modules`, is differentiated."""
        self.f, self.given, self.loss, self.moved, self.modules = f, given, loss, moved, modules
        self.constants, self.others = constants, others
        held = {id(p) for m in modules for p in m._parameters.values() if p is not None}  # noqa: SLF001
        self.inside = [m for m in moved if id(m.tensor) in held]  # parameters: they get other memory
        self.outside = [m for m in moved if id(m.tensor) not in held]  # arguments: others are given
        self.kept = [m.tensor.data for m in self.inside]
        self.size = sum(m.tensor.numel() for m in moved)
        self.depth = 0
        self.watched = 0

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """Leave everything as it was, bit for bit and in the same memory, however the calls end."""
        self.depth += 1
        threads = torch.get_num_threads()
        with contextlib.ExitStack() as stack:
            if self.depth == 1:
                torch.set_num_threads(1 if self.size < SMALL else threads)
                stack.enter_context(preserved(self.modules, [*self.others, *(m.tensor for m in self.inside)]))
            try:
                yield
            finally:
                self.depth -= 1
                if not self.depth:
                    torch.set_num_threads(threads)
                    self.constants.restore()
                    for m, kept in zip(self.inside, self.kept, strict=True):
                        m.tensor.data = kept

    def variables(self, point: Mapping[str, Array]) -> dict[str, Tensor]:
        """Return, by name, the tensors that a call at a point is differentiated with respect to."""
        wide = any(point[m.paths[0]].dtype != m.own for m in self.moved)
        self.constants.load(wide=wide)
        for m in self.inside:
            made = m.tensor_of(point)
            if made.data_ptr() != m.tensor.data_ptr() or made.dtype != m.tensor.dtype:
                m.tensor.data = made
        fresh = {m.name: m.tensor_of(point).detach().requires_grad_() for m in self.outside}
        return {m.name: m.tensor for m in self.inside} | fresh

    def at(self, point: Mapping[str, Array]) -> tuple[dict[str, Tensor], Outputs]:
        """Call the model at a point; return its variables, and its floating-point outputs by name."""
        variables = self.variables(point)
        return variables, {name: y for name, y in self.outputs(variables).items() if is_floating(y)}

    def outputs(self, variables: Mapping[str, Tensor]) -> Outputs:
        """Call the model with variables in the places of its arguments; return its outputs by name."""
        with torch.enable_grad():
            result = self.result(variables)
        if self.watched < WATCHED:
            self.watched += 1
            self.constants.notice()
        return {path or "output": y for path, y in _tree.leaves(result) if isinstance(y, torch.Tensor)}

    def result(self, variables: Mapping[str, Tensor]) -> Tree:
        """Call the model with variables in the places of its arguments."""
        places = {id(m.tensor): variables[m.name] for m in self.outside}

        def filled(_: str, old: Any) -> Any:  # noqa: ANN401
            if not isinstance(old, torch.Tensor):
                return old
            return places[id(old)] if id(old) in places else self._constant(old)

        args, inputs = _tree.rebuild(self.given[0], filled), _tree.rebuild(dict(self.given[1]), filled)
        result = self.f(*args, **inputs)
        return result if self.loss is None else self.loss(result)

    def _constant(self, tensor: Tensor) -> Tensor:
        """Return an argument that is not moved, in the precision of the point."""
        wide = self.constants.wide and is_floating(tensor)
        return tensor.detach().to(DOUBLE[tensor.is_complex()]) if wide else tensor.detach()

    def forward(self, point: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs, by name."""
        return {name: to_array(y) for name, y in self.outputs(self.variables(point)).items()}

    def pullback(self, point: Mapping[str, Array], cotangent: Mapping[str, Array]) -> dict[str, Array]:
        """Return the gradient of <cotangent, outputs>, by path: what the model's backward says."""
        variables, outputs = self.at(point)
        us = {name: like(cotangent[name], y) for name, y in outputs.items()}
        return self.named(pulled(outputs, variables, us), point)

    def named(self, gradients: Mapping[str, Tensor | None], point: Mapping[str, Array]) -> dict[str, Array]:
        """Return gradients by the paths of the point."""
        return {path: g for m in self.moved for path, g in m.split(gradients[m.name], point).items()}


SMALL = 2**17  # numbers; below, threads cost more than they gain, and ten times that where cores are busy
WATCHED = 3  # calls after which it is known which constants a call changes


def pulled(
    outputs: Mapping[str, Tensor],
    variables: Mapping[str, Tensor],
    cotangents: Mapping[str, Tensor],
    **how: Any,  # noqa: ANN401
) -> dict[str, Tensor | None]:
    """Return the gradients of <cotangents, outputs> with respect to variables; None where there is no way to one."""
    carry = [name for name, y in outputs.items() if y.requires_grad and name in cotangents]
    if not carry:
        return dict.fromkeys(variables)
    ys, us = [outputs[name] for name in carry], [cotangents[name] for name in carry]
    gradients = torch.autograd.grad(ys, [*variables.values()], us, allow_unused=True, **how)
    return dict(zip(variables, gradients, strict=True))
