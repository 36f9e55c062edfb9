"""What is it that the user handed in, and what does he call it?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from gradcheck._model.ending import forgiven
from gradcheck._results.names import without_locals


def is_network(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing has a dict of params, and a loss."""
    return isinstance(getattr(model, "params", None), Mapping) and callable(getattr(model, "loss", None))


def is_layer(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing is a dataclass with forward(x) -> (y, backward): a layer in the reference style."""
    goes = callable(getattr(model, "forward", None)) and not callable(getattr(model, "backward", None))
    return dataclasses.is_dataclass(model) and not isinstance(model, type) and goes


def own_engine(model: Any, args: tuple[Any, ...]) -> str:  # noqa: ANN401
    """Say how numbers are checked that go back by themselves, as those of an engine of the user's own; "" of others."""
    found: Any = next((arg for arg in args if goes_back(arg)), None)
    if found is None and callable(getattr(model, "parameters", None)):
        with forgiven():
            found = next((part for part in model.parameters() if goes_back(part)), None)
    if found is None:
        return ""
    kind = type(found).__name__
    return (
        f"a {kind} computes its own gradient, in backward(); give the numbers themselves, check_gradients(f, x, "
        f"grad=g): f makes {kind}s of x, or puts it into their data, and returns the number that comes out; g does the "
        "same, sets their gradients to zero, calls backward() on the result, and returns them as an array"
    )


def goes_back(thing: Any) -> bool:  # noqa: ANN401
    """Return whether a thing is a number that goes back by itself: it has data, a grad, and backward()."""
    return callable(getattr(thing, "backward", None)) and all(hasattr(thing, part) for part in ("data", "grad"))


def quoted(thing: Any) -> str:  # noqa: ANN401
    """Return what a user calls a thing: its own name, or that of its class."""
    own, full = (getattr(thing, name, None) for name in ("__name__", "__qualname__"))
    if full and own and str(full).rpartition(".")[2] != own:
        full = own  # given later, as by a decorator to what it returns
    return without_locals(str(full or (callable(thing) and own) or getattr(type(thing), "__name__", "the model")))
