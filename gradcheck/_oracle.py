"""What is being checked? Named arrays, a value, a claimed gradient; everything else is made into this.

Frameworks know only this file: an adapter makes an `Oracle` of what a user hands in.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._report import GradientError, InputError, Problem
from gradcheck._state import Source

Array = NDArray[Any]
Tree = Any
OPTIONS = (
    *("grad", "vjp", "jvp", "value_and_grad", "loss", "wrt", "seed", "entries", "neighbours", "order", "precision"),
    *("detached", "batched", "rtol", "workers", "progress"),
)
INSTEAD = dict.fromkeys(("eps", "step", "epsilon", "delta"), "the step comes from the measured noise; leave it out") | {
    "atol": "the tolerance comes from the uncertainty; rtol= is the smallest relative error that matters"
}
WEIGHTS = ("w", "weight", "kernel", "filter", "embedding", "gamma", "scale")
BIASES = ("b", "bias", "beta", "shift", "offset")
BOOLS = (bool, np.bool_)
WAYS = ("grad", "vjp", "jvp", "value_and_grad")  # keywords that say what is claimed


class CallError(GradientError):
    """The user's function or gradient raised at a point where it must not; its own traceback is the cause."""

    __module__ = "gradcheck"  # what a traceback should show


def ways(keywords: Mapping[str, Any]) -> list[str]:
    """Return which of the keywords that say what is claimed were given."""
    said = {way: keywords.get(way) for way in WAYS}
    said["jvp"] = None if isinstance(said["jvp"], BOOLS) else said["jvp"]  # True asks a framework for its own
    return [way for way, claim in said.items() if claim is not None and not (isinstance(claim, BOOLS) and not claim)]


@dataclass(frozen=True)
class Oracle:
    """Anything that can be checked, in three fields: a point, a value and the claimed gradient there.

    `point` is an array, or a dict, list, tuple or dataclass of arrays, nested as you like. `value(point)` is
    a scalar, and `gradient(point)` has the structure and shapes of `point`. With `cotangent`, `value` is an
    array of its shape and `gradient` that of the sum of `cotangent * value`. `pullback(point, cotangent)`,
    if given, serves to test that the backward is linear in its cotangent.
    """

    point: Tree
    value: Callable[[Any], Any]
    gradient: Callable[[Any], Any]
    name: str = "function"
    kinds: Mapping[str, str] = field(default_factory=dict)  # path -> kind, where the name does not tell
    cotangent: Array | None = None
    pullback: Callable[[Any, Array], Any] | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)  # numbers a wrong factor may be equal to
    notes: tuple[str, ...] = ()
    reach: tuple[object, ...] = ()  # where random generators may be found
    spent: int = 0  # calls of the function that were made to find out its outputs
    guard: Callable[[], AbstractContextManager[Any]] = contextlib.nullcontext  # saves and restores the model
    data: Mapping[str, Array] = field(default_factory=dict)  # what the function sees beside the point
    output: Array | None = None  # at the point, if there is one array of them, in its shape
    parts: Callable[[], Mapping[str, Oracle]] | None = None  # the layers within, each to be taken alone
    turn: tuple[int, ...] = ()  # of a part: sorts the parts as they are called, where the last of them is not first
    push: Callable[[Any, Any], Array] | None = None  # push(point, tangents): the derivative along them, flat as value
    outputs: Mapping[str, slice] = field(default_factory=dict)  # name of an output -> where it lies in the value
    coarse: Mapping[str, str] = field(default_factory=dict)  # path -> dtype, where NumPy has none such
    sources: tuple[Source, ...] = ()  # further random generators
    aside: bool = False  # whether the arrays of the point stay as they are, and each gradient is for us to take apart
    versions: Mapping[str, str] = field(default_factory=dict)  # of the framework that the model lives in
    examine: Callable[[Any, Array], list[Problem]] | None = None  # what else its framework promises of a backward


def guess_kind(name: str) -> str:
    """Return weight, bias or parameter, from the last part of a name: `layers[0].W`, `enc.bias_2`, `b1`."""
    last = name.rsplit(".", 1)[-1].split("[", maxsplit=1)[0].lower().rstrip("0123456789_")
    for kind, words in (("weight", WEIGHTS), ("bias", BIASES)):
        if last in words or any(last.endswith("_" + w) or last.startswith(w + "_") for w in words):
            return kind
    return "weight" if last.endswith("weight") else "bias" if last.endswith("bias") else "parameter"


@contextlib.contextmanager
def calling(what: str) -> Iterator[None]:
    """Raise CallError, with the user's own exception as its cause, for whatever the user's code raises."""
    try:
        yield
    except (InputError, CallError):
        raise
    except Exception as error:
        msg = f"{what} raised {type(error).__name__}: {error}"
        raise CallError(msg) from error


def choose(model: object, args: tuple[Any, ...], keywords: Mapping[str, Any]) -> Oracle:
    """Return the oracle of whatever the user handed in; raises InputError if no adapter knows it.

    An adapter of a framework is asked only if the user has imported that framework.
    """
    from gradcheck import _numpy  # noqa: PLC0415  adapters import this file

    if isinstance(model, Oracle):
        _check_alone(args, keywords)
        return model
    _check_inputs(model, keywords.get("inputs") or {})
    for framework, adapter in _ADAPTERS.items():
        if framework in sys.modules:
            oracle = adapter(model, args, keywords)
            if oracle is not None:
                return replace(oracle, versions={framework: str(sys.modules[framework].__version__)})
    return _numpy.oracle(model, args, keywords)


def _check_inputs(model: object, inputs: Mapping[str, Any]) -> None:
    """Refuse keyword arguments that are neither ours nor the model's own."""
    ways_in = (getattr(model, name, None) for name in ("forward", "loss", "apply"))
    called = model if inspect.isroutine(model) else next((f for f in ways_in if callable(f)), model)
    try:
        taken = inspect.signature(called).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    if any(p.kind is p.VAR_KEYWORD for p in taken.values()):
        return
    for name in inputs:
        if name not in taken:
            near = difflib.get_close_matches(name, [*OPTIONS, *taken], 1, 0.7)
            hint = INSTEAD.get(name) or (f"did you mean {near[0]}=?" if near else f"ours are {', '.join(OPTIONS)}")
            msg = f"{name}= is no keyword of check_gradients, and none that the model takes; {hint}"
            raise InputError(msg)


def _check_alone(args: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
    if args:
        msg = "an Oracle brings its own point, so further arguments mean nothing; put them into its point"
        raise InputError(msg)
    needless = ways(keywords) + ["loss"] * (keywords.get("loss") is not None) + [*keywords.get("inputs", ())]
    needless += ["order"] * (keywords.get("order", 1) > 1)
    if needless:
        msg = f"an Oracle brings its own gradient; leave out {' and '.join(f'{w}=' for w in needless)}"
        raise InputError(msg)


def _adapter(name: str) -> Callable[..., Oracle | None]:
    def ask(*call: Any) -> Oracle | None:  # noqa: ANN401
        found: Oracle | None = importlib.import_module(name).oracle(*call)
        return found

    return ask


_ADAPTERS = {framework: _adapter(f"gradcheck._{framework}") for framework in ("torch", "jax")}
