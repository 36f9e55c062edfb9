"""Which ways does PyTorch have to leave something out of a gradient? Each is undone in turn, for one call."""

from __future__ import annotations

import contextlib
import copy
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any
from unittest import mock

import torch
from torch.autograd.function import once_differentiable
from torch.nn.utils import spectral_norm
from torch.utils import checkpoint
from torch.utils.hooks import RemovableHandle

from gradcheck._adapters.torch import functions, graph
from gradcheck._adapters.torch.call import TorchCall
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.undone import Undone

MEANT = "if that is meant, give that part as an argument of its own, which wrt= leaves out"
DETACHED = f"it would be right without detach() or .data, which hold a part constant in the backward pass; {MEANT}"
NO_GRAD = f"it would be right without no_grad(), which holds a part constant in the backward pass; {MEANT}"
BOTH = f"it would be right without detach() and no_grad(), which hold a part constant in the backward pass; {MEANT}"
ITEM = f"it would be right without item(), whose number is a constant in the backward pass; {MEANT}"
NUMPY = (
    "it is right with what numpy(), tolist() or item() returns held constant: nothing flows back through what leaves "
    f"PyTorch; use torch functions there, or, {MEANT}"
)
STRAIGHT = (
    "a straight-through estimator: the function stands still here, as rounding does, and detach() lets the gradient "
    "pass as if it were not rounded; if that is meant, check the function without the rounding"
)
PADDING = (
    "on purpose: padding_idx holds the gradient of its row at zero, though the row is looked up; check without "
    "padding_idx, or with indices that do not name it"
)
FREQUENCY = "scale_grad_by_freq divides the gradient of a row by how often it is looked up; check without it"
HOOKS = (
    "it would be right without its hooks: one of them changes a gradient on the way back (register_hook, "
    "register_full_backward_hook); if that is meant, remove it for the check"
)
RANDOM = (
    "checkpoint(..., preserve_rng_state=False) draws other random numbers in the backward pass; let it keep the state"
)
LAYOUT = (
    "it would be right for cotangents that are contiguous: a backward reads the memory of its cotangent as it lies "
    "there (.view, as_strided, a kernel); call .contiguous() first"
)
ONCE = (
    "{} is marked once_differentiable, so that its own gradient has none: its backward would be right without it; "
    "leave out the mark, or order=2"
)
DETACHED_BACK = (
    "it would be right without detach() or .data in the backward, which hold a part constant where that is "
    "differentiated itself; leave them out there, or order=2"
)
NO_GRAD_BACK = (
    "it would be right without no_grad() in the backward, which holds a part constant where that is differentiated "
    "itself; leave it out there, or order=2"
)
SPECTRAL = (
    "on purpose: spectral_norm in training holds its vectors u and v constant, and moves them at every call; check it "
    "in .eval()"
)
SAMPLED = (
    "on purpose: the gradient of {} is that of an implicit reparametrisation, right for the distribution and not for "
    "the sampler with its random numbers held; check log_prob, or compare expectations"
)
MARKED = once_differentiable(lambda *_: None)  # as every other that is marked, except for what it calls
SAMPLERS = {
    "StandardGammaBackward0": "a sample of a gamma distribution",
    "_DirichletBackward": "a sample of a beta or Dirichlet distribution",
    "DirichletGradBackward0": "a sample of a beta or Dirichlet distribution",
}


def undone(
    call: TorchCall, pullback: Callable[[Tree, Array], Tree], point: Mapping[str, Array], u: Array
) -> Iterator[Undone]:
    """Yield what may be left out on purpose, or by mistake, each with the gradient without it."""

    def without(*changes: Callable[[], AbstractContextManager[Any]], back: bool = False) -> Callable[[], Tree]:
        return partial(_asked, call, lambda: pullback(point, u), changes, back=back)

    yield Undone(DETACHED, without(_no_detach), flat=STRAIGHT)
    yield Undone(NO_GRAD, without(_no_no_grad), flat=STRAIGHT)
    yield Undone(BOTH, without(_no_detach, _no_no_grad), flat=STRAIGHT)
    yield Undone(ITEM, without(_no_item))
    yield Undone(NUMPY, held=partial(_numbers_held, call))
    yield Undone(PADDING, without(partial(_embedding, "padding_idx", None)))
    yield Undone(FREQUENCY, without(partial(_embedding, "scale_grad_by_freq", False)))  # noqa: FBT003  a name and its value
    yield Undone(HOOKS, without(partial(_no_hooks, call), back=True))
    yield Undone(RANDOM, without(_random_kept), draws=True)
    yield Undone(LAYOUT, without(partial(_contiguous, call, point), back=True))
    yield Undone(SPECTRAL, tensors=frozenset(_normed(call)))
    for what, names in _sampled(call, point).items():
        yield Undone(SAMPLED.format(what), tensors=frozenset(names), draws=True)


def undone_twice(
    call: TorchCall, pullback: Callable[[Tree, Array], Tree], point: Mapping[str, Array], u: Array
) -> Iterator[Undone]:
    """Yield likewise what may be left out of the gradient of a gradient, in a backward that is differentiated."""

    def without(change: Callable[[], AbstractContextManager[Any]]) -> Callable[[], Tree]:
        return partial(_asked, call, lambda: pullback(point, u), (change,), back=True)

    once = [f for f in functions.handwritten(call.at(point)[1].values()) if _is_marked(f.backward)]
    if once:
        names = " and ".join(f"{function.__name__}.backward" for function in once)
        yield Undone(ONCE.format(names), without(partial(_unmarked, once)))
    yield Undone(DETACHED_BACK, without(_no_detach))
    yield Undone(NO_GRAD_BACK, without(_no_no_grad))


def _is_marked(backward: Any) -> bool:  # noqa: ANN401
    """Whether a backward is what once_differentiable makes of one."""
    return getattr(backward, "__code__", None) is MARKED.__code__


@contextlib.contextmanager
def _unmarked(marked: list[Any]) -> Iterator[None]:
    """Let Functions go back by what was marked as once_differentiable."""
    with contextlib.ExitStack() as stack:
        for function in marked:
            inner = staticmethod(function.backward.__wrapped__)
            stack.enter_context(mock.patch.object(function, "backward", inner))
        yield


def _asked(
    call: TorchCall,
    pull: Callable[[], Tree],
    changes: tuple[Callable[[], AbstractContextManager[Any]], ...],
    *,
    back: bool,
) -> Tree:
    """Return the gradient, something being changed while the model is called, or on the way back as well."""
    with contextlib.ExitStack() as stack:
        if back:
            for change in changes:
                stack.enter_context(change())
        else:
            stack.enter_context(mock.patch.object(call, "f", _within(call.f, changes)))
            if call.loss is not None:
                stack.enter_context(mock.patch.object(call, "loss", _within(call.loss, changes)))
        return pull()


def _within(f: Any, changes: tuple[Callable[[], AbstractContextManager[Any]], ...]) -> Any:  # noqa: ANN401
    def called(*args: Any, **inputs: Any) -> Any:  # noqa: ANN401
        with contextlib.ExitStack() as stack:
            for change in changes:
                stack.enter_context(change())
            return f(*args, **inputs)

    return called


@contextlib.contextmanager
def _no_detach() -> Iterator[None]:
    data = torch.Tensor.data
    itself = property(lambda tensor: tensor, data.__set__)
    with (
        mock.patch.object(torch.Tensor, "detach", lambda tensor: tensor),
        mock.patch.object(torch.Tensor, "data", itself, create=True),
        mock.patch.object(torch, "detach", lambda tensor: tensor),
    ):
        yield


@contextlib.contextmanager
def _no_item() -> Iterator[None]:
    with mock.patch.object(torch.Tensor, "item", lambda tensor: tensor.reshape(())):
        yield


LEAVING = ("numpy", "tolist", "item")  # methods by which numbers leave PyTorch


@contextlib.contextmanager
def _numbers_held(call: TorchCall) -> Iterator[None]:
    """Freeze, at their first values, the numbers that leave PyTorch while the model is called."""
    kept: list[Any] = []
    calls = 0

    @contextlib.contextmanager
    def held() -> Iterator[None]:
        nonlocal calls
        calls, left = calls + 1, iter(kept if calls else ())
        with contextlib.ExitStack() as stack:
            for name in LEAVING:
                stack.enter_context(
                    mock.patch.object(torch.Tensor, name, _held(getattr(torch.Tensor, name), kept, left))
                )
            yield

    if call.loss is not None:
        yield  # numbers that leave PyTorch in the loss would be counted as the model's
        return
    with mock.patch.object(call, "f", _within(call.f, (held,))):
        yield


def _held(leave: Callable[..., Any], kept: list[Any], left: Iterator[Any]) -> Callable[..., Any]:
    def again(tensor: Any, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        nothing = object()
        before = next(left, nothing)
        if before is nothing:
            before = copy.deepcopy(leave(tensor, *args, **named))
            kept.append(before)
        return copy.deepcopy(before)

    return again


@contextlib.contextmanager
def _no_no_grad() -> Iterator[None]:
    def entered(self: Any) -> None:  # noqa: ANN401
        self.prev = torch.is_grad_enabled()

    with mock.patch.object(torch.no_grad, "__enter__", entered):
        yield


@contextlib.contextmanager
def _embedding(name: str, value: object) -> Iterator[None]:
    before = torch.nn.functional.embedding
    places = ("input", "weight", "padding_idx", "max_norm", "norm_type", "scale_grad_by_freq", "sparse")

    def embedding(*args: Any, **named: Any) -> Any:  # noqa: ANN401
        return before(**{**dict(zip(places, args, strict=False)), **named, name: value})

    with mock.patch.object(torch.nn.functional, "embedding", embedding):
        yield


@contextlib.contextmanager
def _no_hooks(call: TorchCall) -> Iterator[None]:
    """Take away the hooks of the way back, those that modules and parameters have, and those that a call makes."""
    held = [of for m in call.modules for of in (m._backward_hooks, m._backward_pre_hooks)]  # noqa: SLF001
    held += [of for t in (m.tensor for m in call.inside) if (of := t._backward_hooks)]  # noqa: SLF001
    with contextlib.ExitStack() as stack:
        for hooks in held:
            stack.enter_context(mock.patch.dict(hooks, clear=True))
        unhooked = partial(mock.patch.object, torch.Tensor, "register_hook", lambda *_: RemovableHandle(OrderedDict()))
        stack.enter_context(mock.patch.object(call, "f", _within(call.f, (unhooked,))))  # again: no graph is kept
        yield


@contextlib.contextmanager
def _random_kept() -> Iterator[None]:
    plain, entered = checkpoint._checkpoint_without_reentrant_generator, checkpoint.CheckpointFunction.apply  # noqa: SLF001
    keep = True

    def without(f: Any, _: bool, *rest: Any, **named: Any) -> Any:  # noqa: ANN401, FBT001  as PyTorch calls it
        return plain(f, keep, *rest, **named)

    def again(f: Any, _: bool, *args: Any) -> Any:  # noqa: ANN401, FBT001
        return entered(f, keep, *args)

    with (
        mock.patch.object(checkpoint, "_checkpoint_without_reentrant_generator", without),
        mock.patch.object(checkpoint.CheckpointFunction, "apply", again, create=True),
    ):
        yield


@contextlib.contextmanager
def _contiguous(call: TorchCall, point: Mapping[str, Array]) -> Iterator[None]:
    """Give every hand-written backward cotangents in memory of their own, in order."""
    with contextlib.ExitStack() as stack:
        for function in functions.handwritten(call.at(point)[1].values()):
            before = function.backward

            def backward(ctx: Any, *us: Any, before: Callable[..., Any] = before) -> Any:  # noqa: ANN401
                laid = (u.contiguous().clone() if isinstance(u, torch.Tensor) else u for u in us)
                return before(ctx, *laid)

            stack.enter_context(mock.patch.object(function, "backward", staticmethod(backward)))
        yield


def _normed(call: TorchCall) -> Iterator[str]:
    """Yield the names of the weights whose spectral norm is taken off in training."""
    if not isinstance(call.f, torch.nn.Module):
        return
    for path, module in call.f.named_modules():
        if type(module).__name__ == "_SpectralNorm" and module.training:
            yield from (m.name for m in call.moved if not path)
            yield f"{path.rpartition('.')[0]}.original".lstrip(".")
        for hook in module._forward_pre_hooks.values():  # noqa: SLF001  where the older one keeps itself
            if isinstance(hook, spectral_norm.__globals__["SpectralNorm"]) and module.training:
                yield f"{path}.{hook.name}_orig".lstrip(".")


def _sampled(call: TorchCall, point: Mapping[str, Array]) -> dict[str, set[str]]:
    """Return what is sampled so that its gradient is no slope, and the tensors that lie before it."""
    variables, outputs = call.at(point)
    names = {id(variable): name for name, variable in variables.items()}
    found: dict[str, set[str]] = {}
    for node in graph.nodes(outputs.values()):
        what = SAMPLERS.get(type(node).__name__)
        if what is not None:
            leaves = (n.variable for n in graph.before([node]) if hasattr(n, "variable"))
            found.setdefault(what, set()).update(names[id(leaf)] for leaf in leaves if id(leaf) in names)
    return found
