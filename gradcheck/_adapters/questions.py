"""What does a call ask? Mostly whether a gradient is right; in some fields that of a matrix too, or of an adjoint."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np

from gradcheck._adapters import by_keyword, complex_numbers, optimisers, plain, scipy_objects
from gradcheck._adapters.arguments import pair
from gradcheck._adapters.choose import check_inputs
from gradcheck._adapters.claims import MATRICES, SAID, refuse_unread, ways
from gradcheck._adapters.complex_numbers import any_complex, parted
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.methods import without_held
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.scipy_objects import refused_differences
from gradcheck._adapters.signatures import refuse_call
from gradcheck._model import trees
from gradcheck._model.nesting import refuse_endless
from gradcheck._model.questions import BY_IMAGINARY, LinearMap, Matrix
from gradcheck._options import Options
from gradcheck._results.report import Report

MATRIX = tuple(name for name in SAID if name != "loss")  # what may be said beside a matrix


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
    check_inputs(model, options.inputs)
    model, options, alone = by_keyword.bound(model, options)
    if alone:
        data = f"held fixed, as data: {', '.join(alone)}"
        return _after(questions(model, given, options), lambda report: replace(report, notes=(*report.notes, data)))
    refused_differences(options)
    refuse_endless({f"argument {n}": argument for n, argument in enumerate(given, 1)})
    readers = [scipy_objects.parts, optimisers.parts]
    if type(model) is not FunctionType:
        from gradcheck._adapters import atoms, components

        if components.is_component(model):
            return [*components.matrices(model, given, options)]
        readers.append(atoms.parts)
    for object_of in readers:
        found = object_of(model, given, options)
        if found is not None:
            return _numbered([question for part in found for question in _of(*part)])
    return _of(model, given, options)


def _of(model: Any, given: tuple[Any, ...], options: Options) -> list[Question]:  # noqa: ANN401
    if all(callable(getattr(type(model), name, None)) for name in ("matvec", "rmatvec")) and options.adjoint is None:
        if all(getattr(options, name) is None for name in MATRICES) and not ways(options):
            options = replace(options, adjoint=True)
        elif not callable(model):
            model = model.matvec
    if options.forces is not None:
        from gradcheck._adapters.metric import of_forces

        asked, noted = of_forces(model, options)
        return _after(_of(model, given, asked), noted)
    if options.retract is not None or options.inner is not None:
        return _with_gradient(model, given, options)
    if options.names is not None:
        return _of_names(model, given, options)
    if options.adjoint is not None:
        from gradcheck._adapters.linear_map import linear_map

        return [linear_map(model, given, options)]
    return _of_gradient(model, given, options)


def _of_names(model: Any, given: tuple[Any, ...], options: Options) -> list[Question]:  # noqa: ANN401
    """Return what is asked of a flat vector whose entries have names: of its gradient, and of matrices by it."""
    from gradcheck._adapters import naming

    if all(getattr(options, name) is None for name in MATRICES):
        flat = naming.named(model, given, options)
        return _after(_of(*flat), lambda report: naming.told(report, flat[1][0]))
    asked: list[Question] = []
    naming.placed(model, given, options.names)  # raises before anything is called
    patterns = [options.wrt] if isinstance(options.wrt, str) else list(options.wrt or ())
    whole = {*patterns} & {*argument_names(model, len(given))}  # a part of the vector is none of the arguments
    beside = replace(options, names=None, wrt=options.wrt if whole else None)
    for question in _of_gradient(model, given, beside):
        if isinstance(question, Call):
            own = replace(question.options, names=options.names, wrt=options.wrt)
            asked += _of(question.model, question.given, own)
        elif isinstance(question, Matrix):
            asked.append(naming.by_name(question, model, given, options.names))
        else:
            asked.append(question)
    return asked


def _after(asked: list[Question], said: Callable[[Report], Report]) -> list[Question]:
    """Return questions of which something is said of the answers to those about a gradient."""

    def also(call: Call) -> Call:
        return replace(call, after=lambda report: said(call.after(report)))

    return [also(question) if isinstance(question, Call) else question for question in asked]


def _with_gradient(model: Any, given: tuple[Any, ...], options: Options) -> list[Question]:  # noqa: ANN401
    """Return what is asked on a manifold or in a metric, of a gradient that may be claimed in other words."""
    from gradcheck._adapters import jacobian, manifold, metric

    if options.jac is not None and not ways(options):
        if jacobian.is_of_a_number(jacobian.output_of(model, given, options), options):
            call = _of_a_number(model, given, replace(options, jac=None), options.jac)
            model, options = call.model, call.options
        elif options.retract is not None and callable(options.jac) and given:
            return [*manifold.jacobians(model, given, options)]
    if options.value_and_grad is True and callable(model):
        model, gradient = _apart(model)
        options = replace(options, value_and_grad=False, grad=gradient)
    if options.retract is not None:
        return _on_manifold(model, given, options)
    asked, noted = metric.in_metric(given, options)
    return _after(_of(model, given, asked), noted)


def _apart(model: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:  # noqa: ANN401
    """Return a function of the value, and one of the gradient, of one that returns both."""

    @functools.wraps(model)
    def value(*args: Any) -> Any:  # noqa: ANN401
        return pair(model(*args), quoted(model))[0]

    @functools.wraps(model)
    def gradient(*args: Any) -> Any:  # noqa: ANN401
        return pair(model(*args), quoted(model))[1]

    return value, gradient


def _on_manifold(model: object, given: tuple[Any, ...], options: Options) -> list[Question]:
    """Return a call at the given point, and one at each neighbour; along a direction, one at the point."""
    from gradcheck._adapters import manifold

    options = options if options.along is None else replace(options, neighbours=0)
    oracles, after = manifold.oracles(model, given, options)
    alone = Options(seed=options.seed, neighbours=0, rtol=options.rtol, max_evaluations=options.max_evaluations)
    alone = replace(alone, along=options.along)
    return [Call(oracle, (), alone, after if oracle is oracles[0] else manifold.quiet) for oracle in oracles]


def _of_a_number(model: Any, given: tuple[Any, ...], options: Options, jac: Any) -> Call:  # noqa: ANN401
    """Return what is asked of the Jacobian of one number: it is the gradient, or has that as its only row."""
    from gradcheck._adapters.matrix_forms import only_row

    if jac is True:

        @functools.wraps(model)
        def both(*args: Any) -> Any:  # noqa: ANN401
            value, gradient = pair(model(*args), quoted(model))
            return value, only_row(gradient, args[0])

        return Call(both, given, replace(options, value_and_grad=True))
    constant = not callable(jac) or hasattr(jac, "shape")

    @functools.wraps(model if constant else jac)
    def gradient(*args: Any) -> Any:  # noqa: ANN401
        return only_row(jac if constant else jac(*args), args[0])

    return Call(model, given, replace(options, grad=gradient))


def _of_gradient(model: object, given: tuple[Any, ...], options: Options) -> list[Question]:
    """Return the call itself, and what is asked of matrices beside it."""
    said = [*ways(options), *(name for name in MATRICES if getattr(options, name) is not None)]
    if said and (given or options.args is not None) and not options.inputs:
        given = without_held(model, given, options.args)
        refuse_call(model, len(given), options.args, said[0])
    if all(getattr(options, name) is None for name in MATRICES):
        return [_of_complex(model, given, options) if any_complex(given) else Call(model, given, options)]
    from gradcheck._adapters import hessian, jacobian

    if "torch" in sys.modules:
        from gradcheck._adapters.torch.claims import as_arrays

        model, given, options = as_arrays(model, given, options)
    refuse_unread(options, "loss= goes on top of a layer or network, and a matrix is of the function itself", MATRIX)
    alone = replace(options, jac=None, hess=None, hessp=None, order=1)
    asked: list[Question] = [Call(model, given, alone)] if ways(options) else []
    known = None if options.jac is None or ways(options) else jacobian.output_of(model, given, options)
    if jacobian.is_of_a_number(known, options):  # in SciPy `jac` of one number is its gradient
        asked.append(_of_a_number(model, given, alone, options.jac))
    elif options.hess is True:  # of a gradient that is known to be one
        return [*hessian.lagrangian(model, given, options)]
    elif options.jac is not None:
        asked += _jacobians(model, given, options, known)
    if options.hess is not None or options.hessp is not None:
        asked += hessian.matrices(model, given, options)
    return asked


def _jacobians(model: Any, given: tuple[Any, ...], options: Options, known: Any) -> list[Matrix | LinearMap]:  # noqa: ANN401
    """Return what is asked of a Jacobian: of a complex one, of the real ones that it is made of."""
    from gradcheck._adapters import complex_jacobian, jacobian

    parts = complex_jacobian.real_parts(model, given, options, known)
    if not parts:
        return [*jacobian.matrices(model, given, options, known)]
    asked: list[Matrix | LinearMap] = []
    for name, f, args, jac in parts:
        more = jacobian.matrices(f, args, replace(options, jac=jac, args=None, inputs={}), name=name)
        noted = (complex_jacobian.HOLOMORPHIC,) * name.endswith(BY_IMAGINARY)
        asked += [replace(question, notes=(*question.notes, *noted)) for question in more]
    return asked


def _of_complex(model: Any, given: tuple[Any, ...], options: Options) -> Call:  # noqa: ANN401
    """Return a call with complex numbers, of which more is said where it is wrong."""
    if options.along is not None:
        options = replace(options, along=_parted_direction(options.along, argument_names(model, len(given))))
    if options.wrt is not None:
        names = argument_names(model, len(given))
        whole = {name for name, arg in zip(names, given, strict=False) if complex_numbers.is_complex(arg)}
        patterns = [options.wrt] if isinstance(options.wrt, str) else [*options.wrt]
        options = replace(options, wrt=[f"{p}.*" if p in whole else p for p in patterns])
    conjugate = partial(_conjugated, model, given, options)
    return Call(model, given, options, lambda report: complex_numbers.told(report, conjugate))


def _parted_direction(along: Any, names: list[str]) -> Any:  # noqa: ANN401
    """Return a direction with the real and imaginary parts of complex numbers apart."""
    if isinstance(along, str):
        return along
    if isinstance(along, Mapping) and along.keys() <= {*names}:
        return {name: parted(part) for name, part in along.items()}
    parts = along if isinstance(along, tuple) else (along,)
    return dict(zip(names, map(parted, parts), strict=False))


def _conjugated(model: Any, given: tuple[Any, ...], options: Options) -> Any:  # noqa: ANN401
    """Return the conjugate of what a pullback makes of the conjugate of its cotangent: J^H u, if it claims J^T u."""
    if not callable(options.vjp):
        return None
    oracle = plain.oracle(model, given, options)
    u, places = np.array(oracle.cotangent), oracle.outputs
    if {*places} != {"real", "imag"} or oracle.pullback is None:
        return None
    u[places["imag"]] *= -1
    claim = dict(trees.leaves(oracle.pullback(oracle.point, u)))
    return {name: -value if name.endswith(".imag") else value for name, value in claim.items()}


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
