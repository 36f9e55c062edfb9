"""Is a reference network a chain, in which each layer is given the output of the one before it?"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck._adapters.recorder import planted, with_forward
from gradcheck._model.ending import ends


@dataclass(frozen=True, eq=False)
class LayerCall:
    """One call of a layer that holds no other: one array in, one out."""

    path: str
    layer: Any
    x: Any  # Array, if it is plain
    y: Any
    plain: bool = True  # whether nothing else went in or came out


def chain(model: Any, args: tuple[Any, ...], loss: Any, is_layer: Callable[[Any], bool]) -> list[LayerCall]:  # noqa: ANN401
    """Run a network forward; return its calls in order, if its output comes from them one after the other alone.

    Nothing where the last of them did not return the output, or where it cannot be run so.
    """
    met: list[LayerCall] = []
    try:
        output, *others = planted(model, "", functools.partial(_noted, met), is_layer)[0].forward(*args)
        if loss is not None:
            output = _noted(met, loss, loss, "the loss", inner=True).forward(output)[0]
    except Exception as error:  # a network that fails with recorders in it is not a chain that we can follow
        if ends(error):
            raise
        return []
    if not met or len(others) != 1:
        return []
    last = met[-1].y
    same = last is output or (np.ndim(last) == 0 and bool(last == output))
    return _unbroken(met) if same else []


def _unbroken(met: list[LayerCall]) -> list[LayerCall]:
    """Return the longest end of the calls in which each takes the output of the one before, and occurs once."""
    links: list[LayerCall] = []
    times = Counter(link.path for link in met)
    for link in reversed(met):
        if not link.plain or times[link.path] > 1 or (links and links[0].x is not link.y):
            break
        links.insert(0, link)
    return links


def _noted(met: list[LayerCall], twin: Any, layer: Any, path: str, *, inner: bool) -> Any:  # noqa: ANN401
    """Return a copy of a layer that notes its calls, if it holds no other."""
    if not inner:
        return twin
    kind = type(twin)

    def forward(self: Any, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401
        *outputs, back = kind.forward(self, *args, **keywords)
        plain = len(args) == len(outputs) == 1 and not keywords and isinstance(args[0], np.ndarray)
        met.append(LayerCall(path, layer, args[0] if args else None, outputs[0], plain))
        return (*outputs, back)

    return with_forward(twin, forward)
