"""What did the user hand in as a Hessian? A matrix, or its product with a vector, held against the gradient claimed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters import jacobian
from gradcheck._adapters.arguments import in_their_places, pair
from gradcheck._adapters.claims import ways
from gradcheck._adapters.cotangent import random_cotangent
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.leading import call_of, further
from gradcheck._adapters.matrix_forms import transposed_times
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import fitted, takes
from gradcheck._model.questions import Matrix
from gradcheck._options import Options
from gradcheck._results.errors import InputError

OF_LAGRANGIAN = "H is that of the Lagrangian at random multipliers, compared with differences of its claimed gradient"
SYMMETRY = "H is compared with differences of the claimed gradient"


def matrices(model: Any, given: tuple[Any, ...], options: Options) -> list[Matrix]:  # noqa: ANN401
    """Return the Hessian as the Jacobian of the claimed gradient: H, which is symmetric."""
    if options.hess is not None and options.hessp is not None:
        msg = "hess= and hessp= mean the same; give one of them, and check the other in a second call"
        raise InputError(msg)
    gradient = _gradient(model, options)
    if not ways(options) and options.jac is not None:
        output = jacobian.output_of(model, given, options)
        if not jacobian.is_of_a_number(output, options) or _takes_multipliers(options.hess, len(given)):
            return _of_lagrangian(model, given, options)
    args = in_their_places(model, (*given, *further(options.args)), options.inputs)
    names = argument_names(model, len(args))
    hess = options.hess if options.hess is not None else _by_products(options.hessp, args, model, names)
    asked = replace(options, jac=hess, args=None, inputs={})
    found = jacobian.matrices(gradient, args, asked, name="H")
    labels = (f"{call_of(options.grad) if options.grad is not None else 'the gradient'}", names[0])
    return [
        replace(
            matrix,
            title=quoted(model),
            labels=labels,
            symmetric=True,
            notes=(*(note.replace("Jacobian", "Hessian") for note in matrix.notes), SYMMETRY),
        )
        for matrix in found
        if isinstance(matrix, Matrix)
    ]


def _takes_multipliers(hess: Any, count: int) -> bool:  # noqa: ANN401
    """Return whether a Hessian takes multipliers after the arguments, as that of a constraint with one output does."""
    return callable(hess) and takes(hess, count) is False and takes(hess, count + 1) is True


def lagrangian(gradient: Any, given: tuple[Any, ...], options: Options) -> list[Matrix]:  # noqa: ANN401
    """Return a Hessian, given as the Jacobian of a function that is a gradient."""
    found = jacobian.matrices(gradient, given, replace(options, hess=None), name="H")
    return [replace(m, symmetric=True, notes=(*m.notes, OF_LAGRANGIAN)) for m in found if isinstance(m, Matrix)]


def _of_lagrangian(model: Any, given: tuple[Any, ...], options: Options) -> list[Matrix]:  # noqa: ANN401
    """Return the Hessian of the sum of outputs times multipliers: hess(x, v), as SciPy's constraints have it."""
    jac, hess, more = options.jac, options.hess, further(options.args)
    if not callable(hess):
        msg = "hess= of several outputs is a function of x and their multipliers; write hess=lambda x, v: ..., not a "
        raise InputError(msg + type(hess).__name__)
    if takes(hess, 2 + len(more)) is False:
        taken = f"{call_of(hess)}{inspect.signature(hess)}"
        msg = (
            f"hess= of several outputs is called as hess(x, v), where v are their multipliers, and {taken} cannot be; "
        )
        raise InputError(msg + "write hess=lambda x, v: ..., the sum of v[k] times the Hessian of output k")
    v = random_cotangent(int(np.size(model(*given, *more))), options.seed)

    def gradient(x: Any) -> Any:  # noqa: ANN401
        claimed = pair(model(x, *more), quoted(model))[1] if jac is True else jac(x, *more)
        return transposed_times(claimed, v, np.shape(x))

    gradient.__name__ = gradient.__qualname__ = "the gradient of the Lagrangian"
    asked = replace(options, jac=lambda x: hess(x, v, *more), args=None)
    return [replace(m, title=quoted(model)) for m in lagrangian(gradient, given[:1], asked)]


def _gradient(model: Any, options: Options) -> Callable[..., Any]:  # noqa: ANN401
    if callable(options.grad):
        return options.grad
    if options.value_and_grad is True or options.jac is True:
        return lambda *args: pair(model(*args), quoted(model))[1]
    if callable(options.jac):
        return options.jac  # type: ignore[no-any-return]
    given = "hess" if options.hess is not None else "hessp"
    call = f"check_gradients({call_of(model)}, x, grad=g, {given}=...)"
    msg = f"{given}= is compared with differences of the gradient, and there is none; write {call}"
    raise InputError(msg)


def _by_products(hessp: Any, args: tuple[Any, ...], model: Any, names: list[str]) -> Callable[..., Any]:  # noqa: ANN401
    """Return the Hessian of which hessp(x, p, *further) is the product with p, as SciPy calls it."""
    if not callable(hessp):
        msg = f"hessp= is a {type(hessp).__name__}; write hessp=lambda x, p: H(x) @ p, as {quoted(model)} takes x"
        raise InputError(msg)
    hessp = fitted(hessp, model, names, "hessp")
    last = argument_names(hessp, len(names) + 1)[: len(names)] == names and len(names) > 1  # p comes after the data
    shape = np.shape(args[0])

    def hess(x: Any, *more: Any) -> Any:  # noqa: ANN401
        units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
        return np.stack([np.ravel(hessp(x, *more, p) if last else hessp(x, p, *more)) for p in units], axis=1)

    return hess
