"""How is a network asked for its loss, and for the gradients of its parameters, where both are methods of it?

The loss is loss(x, y), or loss(y) or loss(output, y) after forward(x); its gradients come with it, from gradient(x, y),
or from backward(y) after it. A loss counts only if it is one number, and moves with what the network holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gradcheck._adapters.introspect import PLACES, argument_names, parameters_of
from gradcheck._adapters.layer_parameters import HeldNumbers, matters, outputs
from gradcheck._adapters.layer_places import LayerState, held_by, in_place, objects_in
from gradcheck._adapters.leading import asked
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import takes
from gradcheck._adapters.ways import AHEAD, BACK, Ways, methods, one_number
from gradcheck._model.restore import preserved
from gradcheck._results.errors import CallError

# What users call the two, without underscores and capitals.
LOSSES = re.compile(
    "(?:compute|calculate|calc|get)?(?:loss|cost)(?:function|func|fn|andgrad(?:ient)?s?)?|objective|criterion|error|"
    "nll|negloglikelihood|j|(?:crossentropy|mse)(?:loss)?"
)
GRADIENTS = re.compile(
    "(?:compute|calculate|calc|get)?(?:loss|cost)?grad(?:ient)?s?|gradloss|(?:loss|cost)(?:function)?(?:prime|derivative)"
)
LABELS = re.compile("y|t|gt|labels?|targets?|(?:y_?)?true|truth|y_?(?:b|batch|train|true)", re.IGNORECASE)
OUTPUTS = re.compile("o|out(?:puts?)?|y_?hat|(?:y_?)?pred(?:s|ictions?)?|probs", re.IGNORECASE)
# Arguments that a network brings neither as an input nor as its output: a cotangent, a rate.
UPSTREAM = re.compile(
    r"d[A-Z_]\w*|d(?:y|out|z|a|x|l|h|o)\w?|.*(?:grad|rate|delta|error|upstream).*|lr|eta|alpha|momentum"
)


@dataclass
class LossCall:
    """One way of a network to its loss, and what it gave when it was called last."""

    of: Callable[..., Any]  # the user's function
    call: Callable[..., Any]
    inputs: list[str]
    known: dict[str, int] = field(default_factory=dict)  # which argument of the call has which name elsewhere
    passes: str = ""  # what of() calls the output that it is given
    pairs: bool = True  # whether what comes with the loss may be its gradients
    rest: int = 1  # arguments that are not inputs of forward
    output: list[Any] = field(default_factory=list)  # what forward returned last
    last: Any = None

    def __call__(self, *args: Any) -> Any:  # noqa: ANN401
        """Return the loss, which may come first of several things, as of a pair with its gradients."""
        self.last = self.call(*args)
        return one_number(self.last[0] if isinstance(self.last, (tuple, list)) and self.last else self.last)

    @property
    def is_pair(self) -> bool:
        """Whether gradients came with the loss."""
        pair = isinstance(self.last, (tuple, list)) and len(self.last) == 2
        return self.pairs and pair and np.ndim(self.last[0]) == 0 and not np.isscalar(self.last[1])


def of_network(model: Any, args: tuple[Any, ...]) -> Ways | None:  # noqa: ANN401
    """Return the ways of a network; None where it has no loss that depends on what it holds.

    Where no method of it can be called for its gradients, the loss may leave them.
    """
    with preserved(*objects_in(model), *args):
        loss = next((loss for loss in _losses(model, args) if _depends(loss, model, args)), None)
    return None if loss is None else _with_gradients(model, loss, args)


def of_loss_layer(model: Any, args: tuple[Any, ...]) -> Ways | None:  # noqa: ANN401
    """Return the ways of a loss without parameters, forward(output, y) and backward(y); None of any other thing."""
    ahead, source = getattr(model, "forward", None), getattr(model, "backward", None)
    if not (callable(ahead) and callable(source) and takes(ahead, len(args))):
        return None
    loss = replace(_alone(ahead, len(args)), pairs=False)
    back = _called(source, loss, len(args))
    if back is None:
        return None
    with preserved(*objects_in(model), *args):
        try:
            number = np.ndim(asked(loss, args, (model,), "the function")) == 0
        except CallError:
            return None
    return replace(_ways(loss, source, back), network=False) if number else None


def takes_labels(model: Any) -> str:  # noqa: ANN401
    """Return what the only argument of a way back is called, if that is a word for labels; else nothing."""
    names = [p.name for p in parameters_of(model.backward) if p.kind in PLACES and p.default is p.empty]
    return names[0] if len(names) == 1 and LABELS.fullmatch(names[0]) else ""


def _losses(model: Any, args: tuple[Any, ...]) -> Iterator[LossCall]:  # noqa: ANN401
    """Yield the ways to a loss: by itself, then after forward."""
    count = len(args)
    named = methods(model, LOSSES)
    for loss in named:
        if takes(loss, count):
            yield _alone(loss, count)
    for ahead in methods(model, AHEAD):
        for k in (k for k in range(count - 1, 0, -1) if takes(ahead, k)):
            for loss in named:
                if takes(loss, count - k):
                    yield _after(ahead, loss, k, count, passes=False)
                if takes(loss, count - k + 1):
                    yield _after(ahead, loss, k, count, passes=True)
        if takes(ahead, count):
            yield replace(_alone(ahead, count), pairs=False)


def _alone(f: Callable[..., Any], count: int) -> LossCall:
    names = argument_names(f, count)
    return LossCall(f, f, names, {n: k for k, n in enumerate(names)})


def _after(ahead: Callable[..., Any], loss: Callable[..., Any], k: int, count: int, *, passes: bool) -> LossCall:
    """Return a loss that is called after forward, with its output if it is passed."""
    inputs, own = argument_names(ahead, k), argument_names(loss, count - k + passes)
    known = {n: j + k - passes for j, n in enumerate(own) if j >= passes} | {n: j for j, n in enumerate(inputs)}

    seen: list[Any] = []

    def call(*args: Any) -> Any:  # noqa: ANN401
        seen[:] = [ahead(*args[:k])]
        return loss(*seen * passes, *args[k:])

    names = [*inputs, *(f"{n}_in" if n in inputs else n for n in own[passes:])]
    return LossCall(loss, call, names, known, passes=own[0] if passes else "", rest=count - k, output=seen)


def _depends(loss: LossCall, model: Any, args: tuple[Any, ...]) -> bool:  # noqa: ANN401
    """Return whether a loss is one finite number, and another one where all that the network holds is moved."""
    try:
        value = asked(loss, args, (model,), "the function")
    except CallError:
        return False
    if not isinstance(value, (int, float, np.number, np.ndarray)) or np.size(value) != 1 or not np.isfinite(value):
        return False
    states = [LayerState.of(path, layer) for path, layer in held_by(model)]
    slots = [
        HeldNumbers(state.layer, place, thing)
        for state in states
        for place, thing in state.things.items()
        if in_place(thing) or (not isinstance(thing, int) and not hasattr(thing, "dtype"))
    ]
    run = outputs(loss, args)
    return any(matters(run, slot) for slot in slots)


def _with_gradients(model: Any, loss: LossCall, args: tuple[Any, ...]) -> Ways:  # noqa: ANN401
    """Return the ways of a network that has a loss."""
    if loss.is_pair:
        return _ways(loss, loss.of, lambda *given: (loss(*given), loss.last)[1][1])
    named = [f for f in methods(model, GRADIENTS, BACK) if f != loss.of]
    for f in named:
        back = _called(f, loss, len(args))
        if back is not None:
            return _ways(loss, f, back)
    given, name = ", ".join(loss.inputs), quoted(model)
    there = f"; it has {', '.join(f'{f.__name__}({_signed(f)})' for f in named[:2])}" if named else ""
    msg = (
        f"{name} has a loss, and no method that can be called for its gradients with {given} alone{there}; write "
        f"def gradient(self, {given}) that returns a dict of them by the names of the parameters, and updates none"
    )
    return _ways(loss, loss.of, lambda *given: (loss(*given), None)[1], msg)


def _signed(f: Any) -> str:  # noqa: ANN401
    return ", ".join(p.name for p in parameters_of(f))


def _ways(loss: LossCall, source: Callable[..., Any], back: Callable[..., Any], without: str = "") -> Ways:
    names = (loss.of.__name__, source.__name__)
    return Ways(loss, back, loss.inputs, names, source, begins=True, taking=False, network=True, without=without)


def _called(f: Callable[..., Any], loss: LossCall, count: int) -> Callable[..., Any] | None:
    """Return how a method is called for gradients, after the loss: by the names of its arguments, or by their number.

    One that takes a cotangent, or a rate of learning, cannot be called.
    """
    taken = [p for p in parameters_of(f) if p.kind in PLACES]
    names = [p.name for p in taken if p.default is p.empty]
    known = [p.name for p in taken if p.name in loss.known]
    others = [p.name for p in taken if p.name not in known and loss.output]
    output = [name for name in others if name == loss.passes or OUTPUTS.fullmatch(name)]
    if {*names} <= {*known, *output}:
        return lambda *args: f(**{n: args[loss.known[n]] for n in known}, **dict.fromkeys(output, *loss.output))
    if any(UPSTREAM.fullmatch(n) for n in names):
        return None
    if len(names) == count:
        return f
    if len(names) == loss.rest and all(map(LABELS.fullmatch, names)):
        return lambda *args: f(*args[count - loss.rest :])
    return None
