"""What do the users of solvers hand in? Ipopt's problems, functions that fill in place, cost functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters import signatures
from gradcheck._adapters.claims import refuse_unread, ways
from gradcheck._adapters.introspect import parameters_of
from gradcheck._adapters.leading import call_of, further
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.scipy_objects import Part
from gradcheck._options import Options
from gradcheck._results.errors import InputError

Floats = NDArray[np.float64]
FILLED = ("grad", "gradient", "g")  # what the parameter is called that NLopt's functions fill
OF_HESSIAN = ("x", "lagrange", "obj_factor")  # as Ipopt calls it
READ = ("along", "inner", "names", "retract")  # of a problem; the rest it says itself
RESULT = "result"  # likewise, of a vector of constraints


def parts(model: Any, given: tuple[Any, ...], options: Options) -> list[Part] | None:  # noqa: ANN401
    """Return what a problem, or a function that fills in place, claims; None for anything else."""
    of = type(model)  # asked of the type: an object that answers to any name is none of these
    if callable(getattr(of, "objective", None)) and callable(getattr(of, "gradient", None)):
        return _of_problem(model, given, options)
    if all(hasattr(of, name) for name in ("cost", "riemannian_gradient")) and hasattr(model, "manifold"):  # pymanopt
        refuse_unread(options, f"{quoted(model)} brings its own gradient, which is what is checked", READ)
        asked = replace(options, grad=model.riemannian_gradient, retract=options.retract or model.manifold)
        return [(model.cost, given, asked)]
    if callable(getattr(of, "Evaluate", None)) and not ways(options):
        return _of_cost_function(model, given, options)
    if callable(model) and ways(options) and _fills(model, len(given), options):
        refuse_unread(options, f"{call_of(model)} fills its gradient itself, and that is checked", READ)
    if callable(model) and not ways(options) and options.jac is None and _fills(model, len(given), options):
        return _of_filled(model, given, options)
    return None


# ------------------------------------------------------------------------------------------------- Ipopt


def _of_problem(problem: Any, given: tuple[Any, ...], options: Options) -> list[Part]:  # noqa: ANN401
    """Objective and gradient, constraints and Jacobian, the Hessian of the Lagrangian: each that is there."""
    refuse_unread(options, f"{quoted(problem)} brings its own gradient, which is what is checked", READ)
    if len(given) != 1:
        msg = f"a problem is checked at one point; write check_gradients({quoted(problem)}(...), x)"
        raise InputError(msg)
    x = np.asarray(given[0], dtype=np.float64) if isinstance(given[0], (list, tuple)) else given[0]
    given, size = (x,), int(np.size(x))
    found: list[Part] = [(problem.objective, given, replace(options, grad=problem.gradient))]
    if callable(getattr(problem, "constraints", None)) and callable(getattr(problem, "jacobian", None)):
        found.append((problem.constraints, given, replace(options, jac=lambda x: _jacobian(problem, x))))
    if callable(getattr(problem, "hessian", None)):
        if signatures.takes(problem.hessian, len(OF_HESSIAN)) is False:
            own, wanted = inspect.signature(problem.hessian), ", ".join(OF_HESSIAN)
            msg = f"{quoted(problem)}.hessian{own} is called as hessian({wanted}); give it these parameters"
            raise InputError(msg)
        lagrangian, multipliers = _lagrangian(problem, given[0])
        hess = lambda x: _hessian(problem, x, multipliers, size)  # noqa: E731
        found.append((lagrangian, given, replace(options, jac=hess, hess=True)))
    return found


def _jacobian(problem: Any, x: Floats) -> Any:  # noqa: ANN401
    values = problem.jacobian(x)
    structure = getattr(problem, "jacobianstructure", None)
    if not callable(structure):
        rows = np.size(problem.constraints(x))
        if hasattr(values, "tocoo"):
            return values
        if np.size(values) != rows * np.size(x):
            msg = (
                f"jacobian returned {np.size(values)} values for {rows} constraints by {np.size(x)} variables; return "
                "all of them, row by row, or say in jacobianstructure() which"
            )
            raise InputError(msg)
        return np.reshape(values, (rows, -1))
    shape = (int(np.size(problem.constraints(x))), int(np.size(x)))
    return (*_listed("jacobian", structure(), values, shape), np.ravel(values))


def _lagrangian(problem: Any, x: Floats) -> tuple[Callable[[Floats], Floats], Floats]:  # noqa: ANN401
    """Return the gradient of the Lagrangian at random multipliers, and these, that of the objective first."""
    count = np.size(problem.constraints(x)) if callable(getattr(problem, "constraints", None)) else 0
    multipliers = np.random.default_rng(0).uniform(0.5, 1.5, count + 1)

    def gradient_of_lagrangian(x: Floats) -> Floats:
        objective = np.asarray(problem.gradient(x), dtype=np.float64)
        if objective.size != np.size(x):
            msg = (
                f"gradient returned {objective.size} numbers, and there are {np.size(x)} variables; return one for each"
            )
            raise InputError(msg)
        total = multipliers[0] * objective
        if count:
            jacobian = _jacobian(problem, x)
            if isinstance(jacobian, tuple):
                rows, columns, values = jacobian
                return np.asarray(total + np.bincount(columns, values * multipliers[1:][rows], len(total)))
            total = total + jacobian.T @ multipliers[1:]
        return np.asarray(total)

    gradient_of_lagrangian.__qualname__ = "the gradient of the Lagrangian"
    return gradient_of_lagrangian, multipliers


def _hessian(problem: Any, x: Floats, multipliers: Floats, size: int) -> Any:  # noqa: ANN401
    """Return the whole Hessian: Ipopt asks for its lower triangle."""
    values = np.asarray(problem.hessian(x, multipliers[1:], multipliers[0]))
    structured = callable(getattr(problem, "hessianstructure", None))
    if not structured and values.size == size * size:
        return values.reshape(size, size)
    places = problem.hessianstructure() if structured else np.tril_indices(size)
    rows, columns = _listed("hessian", places, values, (size, size))
    off = rows != columns
    return np.r_[rows, columns[off]], np.r_[columns, rows[off]], np.r_[values.ravel(), values.ravel()[off]]


def _listed(name: str, places: Any, values: Any, shape: tuple[int, int]) -> tuple[Any, Any]:  # noqa: ANN401
    """Return the rows and columns of values; raises InputError unless each has a place in the matrix."""
    if not isinstance(places, (tuple, list)) or len(places) != len(shape):
        msg = f"{name}structure returned a {type(places).__name__}; return the rows and the columns, (rows, columns)"
        raise InputError(msg)
    rows, columns = map(np.ravel, places)
    if not len(rows) == len(columns) == np.size(values):
        msg = (
            f"{name} returned {np.size(values)} values, and {name}structure has {len(rows)} places; return one for each"
        )
        raise InputError(msg)
    for what, index, most in (("row", rows, shape[0]), ("column", columns, shape[1])):
        bad = [int(k) for k in index if not 0 <= k < most]
        if bad:
            msg = f"{name}structure has an entry in {what} {bad[0]}, and there are {most} {what}s, from 0 to {most - 1}"
            raise InputError(msg)
    return rows, columns


# ------------------------------------------------------------------------------------------------- NLopt


def _fills(f: Callable[..., Any], count: int, options: Options) -> bool:
    """Return whether a function fills the parameter that comes after what is given, and is not given itself."""
    data = len(further(options.args))
    names = [p.name for p in parameters_of(f)]
    if count == 1 and names[:1] == [RESULT] and names[2:3] and names[2] in FILLED:
        msg = f"{call_of(f)} fills {names[0]} and {names[2]}; write check_gradients({call_of(f)}, np.zeros(m), "
        raise InputError(msg + f"{names[1]}), with as many zeros as there are results")
    if options.inputs or len(names) <= count or names[count] not in FILLED:
        return False
    return signatures.takes(f, count + data) is False and signatures.takes(f, count + data + 1) is True


def _of_filled(f: Callable[..., Any], given: tuple[Any, ...], options: Options) -> list[Part]:
    x = np.asarray(given[-1], dtype=np.float64)
    name, more = call_of(f), further(options.args)
    names = [p.name for p in parameters_of(f)]
    filled = names[len(given)]
    options = replace(options, args=None)
    if names[0] == RESULT:
        count = np.size(given[0])

        def constraints(x: Floats) -> Floats:
            result, grad = np.full(count, np.nan), np.zeros((count, x.size))
            f(result, x, grad, *more)
            return result

        def jacobian(x: Floats) -> Floats:
            grad = np.full((count, x.size), np.nan)
            f(np.zeros(count), x, grad, *more)
            return _full(grad, name, filled)

        constraints.__name__ = constraints.__qualname__ = name
        return [(constraints, (x,), replace(options, jac=jacobian))]

    def value(x: Floats) -> Any:  # noqa: ANN401
        return f(x, np.zeros(x.shape), *more)

    def gradient(x: Floats) -> Floats:
        grad = np.full(x.shape, np.nan)
        f(x, grad, *more)
        return _full(grad, name, filled)

    value.__name__ = value.__qualname__ = name
    return [(value, (x,), replace(options, grad=gradient))]


def _full(grad: Floats, name: str, filled: str = FILLED[0]) -> Floats:
    empty = np.argwhere(np.isnan(grad))
    if len(empty):
        index = ", ".join(map(str, empty[0]))
        msg = f"{name} leaves {filled}[{index}] as it was; fill all of it in place, {filled}[:] = ..., and do not "
        msg += f"rebind it, or give its gradient, check_gradients({name}, x, grad=g)"
        raise InputError(msg)
    return grad


# ------------------------------------------------------------------------------------------------- Ceres


def _of_cost_function(cost: Any, given: tuple[Any, ...], options: Options) -> list[Part]:  # noqa: ANN401
    """Residuals and Jacobians that Evaluate(parameters, residuals, jacobians) fills, one for each block."""
    blocks = given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given
    count = getattr(cost, "num_residuals", None)
    count = count() if callable(count) else count
    if not blocks or count is None:
        msg = (
            f"{quoted(cost)} is checked at its parameters; write check_gradients(cost, [x, y]), with cost.num_residuals"
        )
        raise InputError(msg)
    sizes = getattr(cost, "parameter_block_sizes", None)
    sizes = sizes() if callable(sizes) else sizes
    if sizes is not None and [*map(np.size, blocks)] != [*sizes]:
        declared, got = (" and ".join(map(str, ns)) for ns in (sizes, map(np.size, blocks)))
        msg = f"{quoted(cost)} has parameter blocks of sizes {declared}, and was given {got}; write "
        raise InputError(msg + "check_gradients(cost, [x, y]), with an array for each block")
    names = [f"x{k}" for k in range(len(blocks))] if len(blocks) > 1 else ["x"]
    arrays = tuple(np.asarray(block, dtype=np.float64) for block in blocks)

    def residuals(*blocks: Floats) -> Floats:
        found = np.full(count, np.nan)
        cost.Evaluate([*blocks], found, None)
        return found

    def jacobians(*blocks: Floats) -> dict[str, Floats] | Floats:
        found = [np.full(count * block.size, np.nan) for block in blocks]
        cost.Evaluate([*blocks], np.zeros(count), found)
        full = [_full(one, quoted(cost)).reshape(count, -1) for one in found]
        return full[0] if len(full) == 1 else dict(zip(names, full, strict=True))

    residuals.__name__ = residuals.__qualname__ = quoted(cost)
    return [(residuals, arrays, replace(options, jac=jacobians))]
