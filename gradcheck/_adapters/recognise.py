"""What is it that the user handed in, and what does he call it?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from gradcheck._results.names import without_locals


def is_network(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing has a dict of params, and a loss."""
    return isinstance(getattr(model, "params", None), Mapping) and callable(getattr(model, "loss", None))


def is_layer(model: Any) -> bool:  # noqa: ANN401
    """Whether a thing is a dataclass with forward(x) -> (y, backward): a layer in the reference style."""
    return dataclasses.is_dataclass(model) and not isinstance(model, type) and callable(getattr(model, "forward", None))


def quoted(thing: Any) -> str:  # noqa: ANN401
    """Return what a user calls a thing: its own name, or that of its class."""
    own = getattr(thing, "__qualname__", None) or (callable(thing) and getattr(thing, "__name__", None))
    return without_locals(str(own or getattr(type(thing), "__name__", "the model")))
