"""What is being checked? Named arrays, a value, a claimed gradient; everything else is made into this.

Frameworks know only this file: an adapter makes an `Oracle` of what a user hands in.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._report import GradientError, InputError

Array = NDArray[Any]
Tree = Any
WEIGHTS = ("w", "weight", "kernel", "filter", "embedding", "gamma", "scale")
BIASES = ("b", "bias", "beta", "shift", "offset")
BOOLS = (bool, np.bool_)
WAYS = ("grad", "vjp", "value_and_grad")  # keywords that say what is claimed


class CallError(GradientError):
    """The user's function or gradient raised at a point where it must not; its own traceback is the cause."""


def ways(keywords: Mapping[str, Any]) -> list[str]:
    """Return which of the keywords that say what is claimed were given."""
    said = {way: keywords.get(way) for way in WAYS}
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
    for framework, adapter in _ADAPTERS.items():
        if framework in sys.modules:
            oracle = adapter(model, args, keywords)
            if oracle is not None:
                return oracle
    return _numpy.oracle(model, args, keywords)


def _check_alone(args: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
    if args:
        msg = "an Oracle brings its own point, so further arguments mean nothing; put them into its point"
        raise InputError(msg)
    needless = ways(keywords) + ["loss"] * (keywords.get("loss") is not None)
    if needless:
        msg = f"an Oracle brings its own gradient; leave out {' and '.join(f'{w}=' for w in needless)}"
        raise InputError(msg)


_ADAPTERS: dict[str, Callable[..., Oracle | None]] = {}
