"""How much is there to work out in some equations? In numbers, each of which takes about as long as any other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from gradcheck._adapters.jax.equations import Equation, Equations
from gradcheck._adapters.jax.products import CONVOLUTION, PRODUCT

AS_ONE = 8  # products that are added up in the time that a number takes


def work(equations: Equations, steps: Iterable[Equation]) -> float:
    """Return how many numbers are worked out, or what takes as long."""
    avals = equations.avals
    return sum(_work(s.name, s.params, [avals[n] for n in s.ins], [avals[n] for n in s.outs]) for s in steps)


def _work(name: str, params: Mapping[str, Any], ins: list[Any], outs: list[Any]) -> float:
    numbers = float(sum(_size(aval) for aval in outs))
    if name == PRODUCT:
        (contracted, _), _ = params["dimension_numbers"]
        inward: int = math.prod(ins[0].shape[k] for k in contracted)
        return numbers * (1 + inward / AS_ONE)
    if name == CONVOLUTION:
        channels = int(ins[1].shape[params["dimension_numbers"].rhs_spec[0]])
        return numbers * (1 + _size(ins[1]) / channels / AS_ONE)
    return numbers + int(params.get("length", 1)) * sum(_within(value) for value in params.values())


def _within(value: Any) -> float:  # noqa: ANN401
    """Return the work of a program within an equation, such as the body of a loop."""
    total = 0.0
    for part in value if isinstance(value, (tuple, list)) else (value,):
        for e in getattr(getattr(part, "jaxpr", part), "eqns", ()):
            total += _work(e.primitive.name, e.params, [v.aval for v in e.invars], [v.aval for v in e.outvars])
    return total


def _size(aval: Any) -> int:  # noqa: ANN401
    size: int = math.prod(aval.shape)
    return size
