"""How is a function checked that is made of numbers which go back by themselves, as those of an engine of one's own?

Such a number has `data` and `grad`, and the result of a function of them has backward(): it sets the grad of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.layer_places import objects_in
from gradcheck._adapters.recognise import goes_back, own_engine, quoted
from gradcheck._adapters.stateful_layer import stateful_layer
from gradcheck._adapters.ways import Ways
from gradcheck._model.oracle import Oracle
from gradcheck._options import Options
from gradcheck._results.errors import InputError


def of_engine(model: Callable[..., Any], args: tuple[Any, ...], options: Options) -> Oracle:
    """Return the oracle of the numbers of an engine among the arguments of a function, or in a model.

    Raises InputError, with what to write, where the result is not one such number.
    """
    names = argument_names(model, len(args))
    among = {name: arg for name, arg in zip(names, args, strict=True) if goes_back(arg)}
    rest = [name for name in names if name not in among]
    held: Any = SimpleNamespace(**among) if among else model
    numbers = [(number, number.grad) for number in objects_in(held) if goes_back(number)]

    def result(*given: Any) -> Any:  # noqa: ANN401
        others = dict(zip(rest, given, strict=True))
        found = model(*(among.get(name, others.get(name)) for name in names))
        if not goes_back(found) or np.size(found.data) != 1:
            raise InputError(own_engine(model, args))
        return found

    def value(*given: Any) -> Any:  # noqa: ANN401
        return np.asarray(result(*given).data).item()

    def back(*given: Any) -> None:  # noqa: ANN401
        for number, first in numbers:
            number.grad = None if first is None else first * 0
        result(*given).backward()

    ways = Ways(value, back, rest, (quoted(model), "backward"), back, begins=True, taking=False, network=True)
    given = tuple(arg for name, arg in zip(names, args, strict=True) if name in rest)
    return replace(stateful_layer(held, given, options, ways), name=quoted(model))
