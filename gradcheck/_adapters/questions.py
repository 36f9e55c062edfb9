"""What does a call ask? Mostly whether a gradient is right; in some fields that of a matrix too, or of an adjoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gradcheck._adapters import atoms, hessian, jacobian, manifold, metric, optimisers, scipy_objects
from gradcheck._adapters.claims import ways
from gradcheck._adapters.linear_map import linear_map
from gradcheck._adapters.scipy_objects import refused_differences
from gradcheck._model.questions import LinearMap, Matrix
from gradcheck._options import Options
from gradcheck._results.report import Report

MATRICES = ("jac", "hess", "hessp")


def _as_it_is(report: Report) -> Report:
    return report


@dataclass(frozen=True, eq=False)
class Call:
    """A model with its arguments, of which the gradient is asked."""

    model: Any
    given: tuple[Any, ...]
    options: Options
    after: Callable[[Report], Report] = _as_it_is  # what else is said of the report


Question = Call | Matrix | LinearMap


def questions(model: object, given: tuple[Any, ...], options: Options) -> list[Question]:
    """Return what a call asks, in the order in which it is told."""
    refused_differences(options)
    for object_of in (scipy_objects.parts, optimisers.parts, atoms.parts):
        found = object_of(model, given, options)
        if found is not None:
            return _numbered([question for part in found for question in _of(*part)])
    return _of(model, given, options)


def _of(  # noqa: PLR0911  one for each field
    model: object, given: tuple[Any, ...], options: Options
) -> list[Question]:
    if options.forces is not None:
        options, noted = metric.of_forces(model, options)
        return [replace(q, after=noted) if isinstance(q, Call) else q for q in _of(model, given, options)]
    if options.retract is not None:
        found, after = manifold.oracles(model, given, options)
        alone = Options(seed=options.seed, neighbours=0, rtol=options.rtol, max_evaluations=options.max_evaluations)
        return [Call(oracle, (), alone, after if oracle is found[0] else _as_it_is) for oracle in found]
    if options.inner is not None:
        options, after = metric.in_metric(given, options)
        return [Call(model, given, options, after)]
    if options.adjoint is not None:
        return [linear_map(model, given, options)]
    if all(getattr(options, name) is None for name in MATRICES):
        return [Call(model, given, options)]
    plain = replace(options, jac=None, hess=None, hessp=None, order=1)
    asked: list[Question] = [Call(model, given, plain)] if ways(options) else []
    scalar = options.jac is not None and not ways(options) and jacobian.is_of_a_number(model, given, options)
    if scalar:  # in SciPy `jac` of one number is its gradient
        grad = options.jac if callable(options.jac) else lambda *_: options.jac
        alone = replace(plain, value_and_grad=True) if options.jac is True else replace(plain, grad=grad)
        asked.append(Call(model, given, alone))
    elif options.hess is True:  # of a gradient that is known to be one
        return [*hessian.lagrangian(model, given, options)]
    elif options.jac is not None:
        asked += jacobian.matrices(model, given, options)
    if options.hess is not None or options.hessp is not None:
        asked += hessian.matrices(model, given, options)
    return asked


def _numbered(asked: list[Question]) -> list[Question]:
    """Give matrices of the same name a number each."""
    names = [question.name for question in asked if isinstance(question, Matrix)]
    several = {name for name in names if names.count(name) > 1}
    count: dict[str, int] = {}
    found: list[Question] = []
    for question in asked:
        if isinstance(question, Matrix) and question.name in several:
            count[question.name] = number = count.get(question.name, 0) + 1
            found.append(replace(question, name=f"{question.name}{number}"))
        else:
            found.append(question)
    return found
