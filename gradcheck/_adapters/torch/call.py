"""What does a model compute at a point of arrays? It is called with them in the places of its tensors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from gradcheck._adapters.torch.attributes import Attributes
from gradcheck._adapters.torch.backward import accumulated, pulled
from gradcheck._adapters.torch.state import Constants, Module, preserved
from gradcheck._adapters.torch.tensors import DOUBLE, Moved, Tensor, is_floating, like, to_array
from gradcheck._model import trees
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.point import described
from gradcheck._model.restore import Kept
from gradcheck._results.errors import InputError

Outputs = dict[str, Tensor]


class TorchCall:
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
        held = {id(t) for m in modules for of in (m._parameters, m._buffers) for t in of.values()}  # noqa: SLF001
        self.inside = [m for m in moved if id(m.tensor) in held]  # parameters and buffers: moved to other memory
        self.outside = [m for m in moved if id(m.tensor) not in held]  # arguments: replaced by others
        self.kept = [m.tensor.data for m in self.inside]
        self.copies: dict[int, Tensor] = {}  # by the user's tensors: what the present call has in their places
        self.args, self.keywords = (trees.maker(part, self._leaf) for part in (given[0], dict(given[1])))
        self.attributes = Attributes(modules, f)
        self.size = sum(m.tensor.numel() for m in moved)
        self.last: dict[str, tuple[Array, Tensor]] = {}  # tensors that share memory with the arrays of the last point
        self.depth = 0
        self.handed: list[tuple[Tensor, Tensor, Any]] = []  # variables, the copies that a call got, and their origin
        self.back: Callable[..., dict[str, Tensor | None]] = pulled
        self.watched = 0
        self.looked = False  # for gradients that come by way of backward() alone
        self.loaded: Mapping[str, Array] | None = None  # the point in whose arrays the parameters lie
        self.calls = 0

    @contextlib.contextmanager
    def guard(self) -> Iterator[Kept | None]:
        """Leave everything as it was, bit for bit and in the same memory, however the calls end."""
        self.depth += 1
        threads = torch.get_num_threads()
        with contextlib.ExitStack() as stack:
            kept: Kept | None = None
            if self.depth == 1:
                torch.set_num_threads(1 if self.size < SMALL else threads)
                stack.enter_context(torch.inference_mode(mode=False))  # in which nothing has a gradient
                kept = stack.enter_context(preserved(self.modules, [*self.others, *(m.tensor for m in self.inside)]))
            try:
                yield kept
            finally:
                self.depth -= 1
                if not self.depth:
                    torch.set_num_threads(threads)
                    self.loaded = None
                    self.constants.restore()
                    self.attributes.restore()
                    for m, own in zip(self.inside, self.kept, strict=True):
                        m.tensor.data = own

    def variables(self, point: Mapping[str, Array]) -> dict[str, Tensor]:
        """Return, by name, the tensors that a call at a point is differentiated with respect to."""
        wide = any(point[m.paths[0]].dtype != m.own for m in self.moved)
        if self.constants.wide != wide:
            self.watched = 0  # what a call changes is determined again
        self.constants.load(wide=wide)
        self.loaded = point
        return {m.name: self._inside(m, point) for m in self.inside} | {
            m.name: self._made(m, point).requires_grad_() for m in self.outside
        }

    def _inside(self, m: Moved, point: Mapping[str, Array]) -> Tensor:
        """Give a parameter the memory of the point."""
        made = self._made(m, point)
        if made.data_ptr() != m.tensor.data_ptr() or made.dtype != m.tensor.dtype:
            m.tensor.data = made
        return m.tensor if m.tensor.requires_grad else m.tensor.requires_grad_()

    def _made(self, m: Moved, point: Mapping[str, Array]) -> Tensor:
        """Return a tensor of the point, the same as before where it lies in the same memory."""
        array = point[m.paths[0]]
        before = self.last.get(m.name)
        if before is not None and before[0] is array:
            return before[1]
        made = m.tensor_of(point)
        if len(m.paths) == 1 and made.data_ptr() == array.ctypes.data:
            self.last[m.name] = array, made
        return made

    def lies_in(self, m: Moved, point: Mapping[str, Array]) -> bool:
        """Whether the tensor of a point was made in the memory of its array, and so follows it."""
        before = self.last.get(m.name)
        return m.dense and before is not None and before[0] is point[m.paths[0]]

    def at(self, point: Mapping[str, Array]) -> tuple[dict[str, Tensor], Outputs]:
        """Call the model at a point; return its variables, and its floating-point outputs by name."""
        variables = self.variables(point)
        return variables, {name: y for name, y in self.outputs(variables).items() if is_floating(y)}

    def outputs(self, variables: Mapping[str, Tensor]) -> Outputs:
        """Call the model with variables in the places of its arguments; return its outputs by name."""
        self.begin_afresh()
        return self.outputs_as_it_is(variables)

    @property
    def changes(self) -> bool:
        """Whether calls are known to leave something in attributes or buffers."""
        return bool(self.constants.changing or self.attributes.changing or self.attributes.given)

    def begin_afresh(self) -> None:
        """Take back what the call before has put in the places of attributes and buffers."""
        self.calls += 1
        self.attributes.begin(wide=bool(self.constants.wide))

    def outputs_as_it_is(self, variables: Mapping[str, Tensor]) -> Outputs:
        """Call the model as the call before has left it; return its outputs by name."""
        with torch.enable_grad():
            result = self.result(variables)
        if self.watched < WATCHED:
            self.watched += 1
            self.constants.notice()
            self.attributes.notice()
        tensors = {path or "output": y for path, y in trees.leaves(result) if isinstance(y, torch.Tensor)}
        if not any(map(is_floating, tensors.values())):
            msg = (
                f"the function returned {described(result)} where a floating-point tensor is needed, or a dict, list, "
                "tuple or dataclass of them; leave out .numpy(), .item() and .tolist()"
            )
            raise InputError(msg)
        return tensors

    def result(self, variables: Mapping[str, Tensor]) -> Tree:
        """Call the model with variables in the places of its arguments."""
        self.copies.clear()
        self.copies.update((id(m.tensor), variables[m.name]) for m in self.inside)
        self.handed = []
        for m in self.outside:  # copies, since a leaf must not be changed in place, as a function may well do
            copy = self.copies[id(m.tensor)] = m.whole(variables[m.name].clone())
            self.handed.append((variables[m.name], copy, copy.grad_fn))
        torch.clear_autocast_cache()  # an autocast around the check caches the weights of the previous call
        result = self.f(*self.args(), **self.keywords())
        self.hand_back()
        return result if self.loss is None else self.loss(result)

    def hand_back(self) -> None:
        """Make in-place changes that bypassed autograd visible in the arrays of the point."""
        for variable, copy, begun in self.handed:
            known = copy.grad_fn is not begun or copy.layout != torch.strided
            if not known and not torch.equal(copy.detach(), variable.detach()) and not bool(variable.isnan().any()):
                variable.detach().copy_(copy.detach())

    def _leaf(self, old: Any) -> Callable[[], Any]:  # noqa: ANN401
        """Return what stands in the place of something given: of a tensor that is moved, what the call has there."""
        if not isinstance(old, torch.Tensor):
            return lambda: old
        if any(m.tensor is old for m in self.moved):
            return lambda: self.copies.get(id(old), old)
        return lambda: self.constant(old)

    def constant(self, tensor: Tensor) -> Tensor:
        """Return an argument that is not moved, in the precision of the point."""
        wide = self.constants.wide and is_floating(tensor)
        return tensor.detach().to(DOUBLE[tensor.is_complex()]) if wide else tensor.detach()

    def forward(self, point: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs, by name."""
        return {name: to_array(y) for name, y in self.outputs(self.variables(point)).items()}

    def pullback(self, point: Mapping[str, Array], cotangent: Mapping[str, Array]) -> dict[str, Array]:
        """Return the gradient of <cotangent, outputs>, by path: what the model's backward says."""
        random = torch.get_rng_state()
        try:
            gradients = self._gradients(point, cotangent)
        except RuntimeError as error:
            if "use_reentrant" not in str(error):
                raise
            self.back = accumulated  # a re-entrant checkpoint supports nothing else
            torch.set_rng_state(random)
            gradients = self._gradients(point, cotangent)
        missing = [name for name, g in gradients.items() if g is None]
        if missing and self.back is pulled and not self.looked:
            self.looked = True
            torch.set_rng_state(random)
            gradients = self._by_training(point, cotangent, gradients, missing)
        return self.named(gradients, point)

    def _by_training(
        self,
        point: Mapping[str, Array],
        cotangent: Mapping[str, Array],
        gradients: dict[str, Tensor | None],
        missing: list[str],
    ) -> dict[str, Tensor | None]:
        """Look whether the gradients that are missing come by way of backward(): a Function may go back within it."""
        self.back = accumulated
        with forgiven():  # then backward() does not help
            found = self._gradients(point, cotangent)
            if any(found[name] is not None for name in missing):
                return found
        self.back = pulled
        return gradients

    def _gradients(self, point: Mapping[str, Array], cotangent: Mapping[str, Array]) -> dict[str, Tensor | None]:
        variables, outputs = self.at(point)
        us = {name: like(cotangent[name], y) for name, y in outputs.items()}
        gradients = self.back(outputs, variables, us)
        self.hand_back()
        return gradients

    def named(self, gradients: Mapping[str, Tensor | None], point: Mapping[str, Array]) -> dict[str, Array]:
        """Return gradients with respect to the paths of the point."""
        return {path: g for m in self.moved for path, g in m.split(gradients[m.name], point).items()}


SMALL = 2**21  # numbers below which threads cost more than they gain, ten times as much where cores are busy
WATCHED = 3  # calls after which it is known which constants a call changes
