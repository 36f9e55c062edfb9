"""How does a thing that holds parameters compute its value, and how does it go back?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.layer_places import begins
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import takes
from gradcheck._adapters.with_cache import without_cache
from gradcheck._model.ending import forgiven
from gradcheck._results.errors import InputError

# What users call the way forward, and the way back, without underscores and capitals.
AHEAD = re.compile("(?:l?model)?(?:feed)?forward(?:s|pass|prop(?:agation|agate)?)?|fprop|predict|call")
BACK = re.compile("(?:l?model)?back(?:wards?|wardpass|(?:ward)?prop(?:agation|agate)?)|bprop")


@dataclass(frozen=True)
class Ways:
    """What is called with the inputs for the value, and then with the same, and a cotangent, for the gradients."""

    value: Callable[..., Any]
    back: Callable[..., Any]
    inputs: list[str]  # what the inputs are called
    names: tuple[str, str]  # what the two are called
    source: Callable[..., Any]  # the user's function that returns gradients
    begins: bool  # whether the way back may begin at a number
    taking: bool  # whether it takes a cotangent
    network: bool = False  # whether what it returns are first of all the gradients of parameters
    without: str = ""  # what is said where it returns and leaves none


def of_layer(model: Any, args: tuple[Any, ...]) -> Ways:  # noqa: ANN401
    """Return the ways of a layer with forward(x) and backward(dy); raises InputError without an input."""
    if not args:
        msg = f"{quoted(model)} was given no input; write check_gradients({quoted(model)}(...), x)"
        raise InputError(msg)
    return Ways(
        value=model.forward,
        back=lambda *given: model.backward(*given[len(args) :]),
        inputs=argument_names(model.forward, len(args)),
        names=("forward", "backward"),
        source=model.backward,
        begins=begins(model),
        taking=takes(model.backward, 1) is not False,
    )


def of_layer_with_cache(model: Any, args: tuple[Any, ...]) -> Ways | None:  # noqa: ANN401
    """Return the ways of a layer with forward(x) -> (y, cache) and backward(dy, cache); None of any other thing."""
    ahead, back = getattr(model, "forward", None), getattr(model, "backward", None)
    apart = without_cache(ahead, back) if callable(ahead) and callable(back) else None
    if apart is None:
        return None
    names = argument_names(ahead, len(args))  # type: ignore[arg-type]
    return Ways(*apart, names, ("forward", "backward"), back, begins=False, taking=True)  # type: ignore[arg-type]


def one_number(value: Any) -> Any:  # noqa: ANN401
    """Return a loss as a number, where it is an array of one."""
    return value.item() if isinstance(value, np.ndarray) and value.ndim and value.size == 1 else value


def methods(model: Any, *called: re.Pattern[str]) -> list[Callable[..., Any]]:  # noqa: ANN401
    """Return the methods of a thing that are called in some ways, those of the first way first, and short names.

    What is called as everybody calls it comes before all others.
    """
    named = [name for name in dir(model) if name == "__call__" or not name.startswith("__")]
    own = sorted(named, key=lambda name: (name not in {"forward", "backward"}, len(name)))
    found: list[Callable[..., Any]] = []
    for name in [name for each in called for name in own if each.fullmatch(name.replace("_", "").lower())]:
        with forgiven():  # a property may answer anything
            method = getattr(model, name, None)
            if callable(method):
                found.append(method)
    return found
