"""What does a model do, step by step? Its operators, with the place in the user's code, told in arrays of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.utils._pytree import tree_leaves, tree_unflatten

from gradcheck._adapters.torch.tape import CannotReplayError, Recorder, TapeSlot, TapeStep
from gradcheck._adapters.torch.tensors import is_floating
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.run_listener import RunListener
from gradcheck._model.run_step import ALONG, STEPS, Calls, Place, RunStep, StepFunction

TORCH = torch.__file__.rpartition("__init__")[0]
NAMES = {  # of operators, as NumPy calls what they do
    "add": "add",
    "sub": "subtract",
    "rsub": "subtract",
    "mul": "multiply",
    "div": "divide",
    "pow": "power",
    **dict.fromkeys(("mm", "mv", "dot", "matmul", "bmm"), "matmul"),
    **dict.fromkeys(("select", "slice", "index", "gather", "index_select"), "getitem"),
    **dict.fromkeys(("t", "transpose", "permute", "movedim"), "transpose"),
    **dict.fromkeys(("view", "_unsafe_view", "_reshape_alias", "reshape", "expand", "unsqueeze"), "reshape"),
    **dict.fromkeys(("squeeze", "as_strided"), "reshape"),
    **dict.fromkeys(("clone", "detach", "alias", "lift_fresh", "_to_copy"), "copy"),
    "cat": "concatenate",
    "amax": "max",
    "amin": "min",
}
BY_ENTRY = ("_prelu_kernel", "hardswish")  # operators that work entry by entry, though PyTorch does not say so
WORKED_ALONG = (*ALONG, "logsumexp", "_softmax", "_log_softmax")  # operators along an axis


class PlacedRecorder(Recorder):
    """A recorder that also writes down where in the user's code each operator is called."""

    def __init__(self, listener: RunListener) -> None:
        """Begin with nothing."""
        super().__init__()
        self.listener, self.places = listener, dict[int, tuple[Calls, bool]]()

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401
        types: Any,  # noqa: ANN401
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Call an operator, and write it down with its place."""
        before = len(self.tape.steps)
        result = super().__torch_dispatch__(func, types, args, kwargs)
        if len(self.tape.steps) > before:
            self.places[before] = self.listener.here(TORCH)
        return result


def told(value: Callable[[Tree], Array], point: Tree, listener: RunListener) -> Array:
    """Return the value at a point, and tell a listener each step; raises CannotReplayError where one is no step."""
    with PlacedRecorder(listener) as recorder:
        y = value(point)
    if recorder.tape.doubtful or len(recorder.tape.steps) > STEPS:
        msg = "memory that is shared, or a long run"
        raise CannotReplayError(msg)
    telling = _Telling(recorder, {})
    for number, step in enumerate(recorder.tape.steps):
        telling.tell(step, *recorder.places[number])
    return y


@dataclass(frozen=True, eq=False)
class _Telling:
    """A tape as it is told, with what the listener calls what is in its slots."""

    recorder: PlacedRecorder
    numbers: dict[int, int]

    def tell(self, step: TapeStep, calls: Calls, number_first: bool) -> None:  # noqa: FBT001  of a pair
        """Tell of each output of an operator that is made of floats."""
        values = self.recorder.tape.values
        outs = [(k, slot) for k, slot in enumerate(step.outs) if slot is not None and is_floating(values[slot])]
        for k, slot in outs:
            made = _array(values[slot])
            if step.run is None or step.seeded or made.dtype != np.float64:
                raise CannotReplayError(step.name)
            turned = step.name == "rsub" or number_first
            self.numbers[slot] = self.recorder.listener.seen(self._told(step, k, calls, turned=turned), made)

    def _told(self, step: TapeStep, k: int, calls: Calls, *, turned: bool) -> RunStep:
        args, _ = tree_unflatten(step.args, step.spec)
        by_entry = torch.Tag.pointwise in getattr(step.run, "tags", ()) or step.name in BY_ENTRY
        return RunStep(
            NAMES.get(step.name, step.name),
            tuple(self._number(slot) for slot in step.ins),
            tuple(_written(n, turned=turned) for n in _arguments(args)),
            partial(_called, step, k),
            calls,
            by_entry=by_entry,
            numbers={_written(n, turned=turned): a for n, a in enumerate(args) if by_entry and type(a) in (int, float)},
            axis=_axis(args) if step.name in WORKED_ALONG else None,
            otherwise=partial(_otherwise, step, k, turned=turned),
        )

    def _number(self, slot: int) -> int:
        if slot not in self.numbers:
            value = self.recorder.tape.values[slot]
            self.numbers[slot] = self.recorder.listener.kept(_array(value), value.data_ptr())
        return self.numbers[slot]


def _written(place: int, *, turned: bool) -> int:
    """Return where an argument is written, if the first two may be the other way round; and back."""
    return 1 - place if turned and place <= 1 else place


def _arguments(args: Sequence[Any]) -> Iterator[int]:
    """Yield for each tensor the argument that it is, or is in."""
    for n, arg in enumerate(args):
        yield from (n for part in tree_leaves(arg) if isinstance(part, TapeSlot))


def _axis(args: Sequence[Any]) -> tuple[Place, int] | None:
    """Return the one axis along which an operator works."""
    axis = args[1] if len(args) > 1 else None
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return (1, axis) if type(axis) is int else None


def _otherwise(step: TapeStep, k: int, place: Place, number: float, *, turned: bool) -> StepFunction:
    """Return a step with another number, or axis, in a place."""
    at = _written(int(place), turned=turned)
    return partial(_called, step.instead(at, [number] if isinstance(step.given(at), list) else number), k)


def _called(step: TapeStep, k: int, arrays: Sequence[Array]) -> Array:
    """Do a step with other arrays."""
    values = iter([torch.from_numpy(np.array(array)) for array in arrays])
    return _array(step.call(lambda _: next(values))[k])


def _array(tensor: Any) -> Array:  # noqa: ANN401
    if tensor.is_complex():
        raise CannotReplayError(str(tensor.dtype))
    return np.array(tensor.detach().cpu().numpy())
