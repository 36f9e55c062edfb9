"""What does a call ask? Mostly whether a gradient is right; in some fields that of a matrix too, or of an adjoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from gradcheck._adapters import hessian, jacobian
from gradcheck._adapters.claims import ways
from gradcheck._adapters.linear_map import linear_map
from gradcheck._model.questions import LinearMap, Matrix
from gradcheck._options import Options

MATRICES = ("jac", "hess", "hessp")


@dataclass(frozen=True, eq=False)
class Call:
    """A model with its arguments, of which the gradient is asked."""

    model: Any
    given: tuple[Any, ...]
    options: Options


Question = Call | Matrix | LinearMap


def questions(model: object, given: tuple[Any, ...], options: Options) -> list[Question]:
    """Return what a call asks, in the order in which it is told."""
    if options.adjoint is not None:
        return [linear_map(model, given, options)]
    if all(getattr(options, name) is None for name in MATRICES):
        return [Call(model, given, options)]
    plain = replace(options, jac=None, hess=None, hessp=None, order=1)
    asked: list[Question] = [Call(model, given, plain)] if ways(options) else []
    if options.jac is not None:
        asked += jacobian.matrices(model, given, options)
    if options.hess is not None or options.hessp is not None:
        asked += hessian.matrices(model, given, options)
    return asked
