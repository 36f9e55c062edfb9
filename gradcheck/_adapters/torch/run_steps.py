"""What does a model do, step by step? Its operators, with the place in the user's code, told in arrays of NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.utils._pytree import tree_leaves, tree_unflatten

from gradcheck._adapters.torch.tape import CannotReplayError, Recorder, TapeSlot, TapeStep
from gradcheck._adapters.torch.tensors import is_floating
from gradcheck._model.oracle import Array, Tree
from gradcheck._model.run_listener import Calls, Place, RunListener, StepFunction

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
ALONG = (  # operators along an axis
    *("sum", "mean", "var", "std", "max", "min", "amax", "amin", "prod", "cumsum", "cumprod"),
    *("logsumexp", "_softmax", "_log_softmax"),
)
LONGEST = 2_000  # operators that are told of, at the most


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
    tape, nodes = recorder.tape, dict[int, int]()
    if tape.doubtful or len(tape.steps) > LONGEST:
        msg = "memory that is shared, or a long run"
        raise CannotReplayError(msg)

    def node(slot: int) -> int:
        if slot not in nodes:
            nodes[slot] = listener.kept(_array(tape.values[slot]))
        return nodes[slot]

    for number, step in enumerate(tape.steps):
        for k, slot in enumerate(step.outs):
            if slot is not None and is_floating(tape.values[slot]):
                _tell(step, k, _array(tape.values[slot]), recorder.places[number], listener, nodes, node)
    return y


def _tell(  # noqa: PLR0917  what a step is, and where its values are
    step: TapeStep,
    k: int,
    made: Array,
    place: tuple[Calls, bool],
    listener: RunListener,
    nodes: dict[int, int],
    node: Callable[[int], int],
) -> None:
    """Tell of one output of an operator."""
    if step.run is None or step.seeded or made.dtype != np.float64:
        raise CannotReplayError(step.name)
    calls, number_first = place
    args, _ = tree_unflatten(step.args, step.spec)
    name, turned = NAMES.get(step.name, step.name), step.name == "rsub" or number_first
    by_entry = torch.Tag.pointwise in getattr(step.run, "tags", ())
    numbers = {n: a for n, a in enumerate(args) if by_entry and type(a) in (int, float)}
    nodes[step.outs[k]] = listener.seen(  # type: ignore[index]
        name,
        partial(_called, step, k),
        [node(slot) for slot in step.ins],
        made,
        arguments=[1 - n if turned and n < 2 else n for n in _arguments(args)],
        calls=calls,
        by_entry=by_entry,
        numbers={1 - n if turned and n < 2 else n: a for n, a in numbers.items()},
        axis=_axis(args) if step.name in ALONG else None,
        otherwise=partial(_otherwise, step, k, turned=turned),
    )


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
    at = 1 - int(place) if turned else int(place)
    return partial(_called, step.instead(at, [number] if isinstance(step.given(at), list) else number), k)


def _called(step: TapeStep, k: int, arrays: Sequence[Array]) -> Array:
    """Do a step with other arrays."""
    values = iter([torch.from_numpy(np.array(array)) for array in arrays])
    return _array(step.call(lambda _: next(values))[k])


def _array(tensor: Any) -> Array:  # noqa: ANN401
    if tensor.is_complex():
        raise CannotReplayError(str(tensor.dtype))
    return np.array(tensor.detach().cpu().numpy())
