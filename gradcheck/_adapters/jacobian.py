"""What did the user hand in as a Jacobian? A dense matrix, a sparse one, an operator, or rows, columns and values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gradcheck._adapters.arguments import in_their_places, pair
from gradcheck._adapters.complex_numbers import is_complex
from gradcheck._adapters.cotangent import is_float, numbers_of
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.introspect import numbers as numbers_seen
from gradcheck._adapters.leading import asked, call_of, fresh, further
from gradcheck._adapters.matrix_forms import Shape, entries, triplets
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import fitted
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.forms import form_of
from gradcheck._model.oracle import Tree
from gradcheck._model.point import held_in
from gradcheck._model.questions import Floats, LinearMap, Matrix
from gradcheck._options import Options
from gradcheck._results.errors import InputError


def matrices(
    model: Any,  # noqa: ANN401
    given: tuple[Any, ...],
    options: Options,
    known: Any = None,  # noqa: ANN401
    name: str = "J",
) -> list[Matrix | LinearMap]:
    """Return the Jacobian by each argument that it is claimed for: J, or J_x and J_y; `known` is what f returned."""
    f, jac = model, options.jac
    if not callable(f):
        msg = f"jac= is the Jacobian of a function, and {quoted(f)} is not one; write check_gradients(f, x, jac=J)"
        raise InputError(msg)
    if jac is True:
        f, jac = (lambda *a: pair(model(*a), quoted(model))[0]), (lambda *a: pair(model(*a), quoted(model))[1])
    args = in_their_places(model, (*given, *further(options.args)), options.inputs)
    if not args:
        msg = f"{quoted(model)} was given no arguments; write check_gradients({call_of(model)}, x, jac=J)"
        raise InputError(msg)
    names = argument_names(model, len(args))
    args = tuple(np.asarray(a, dtype=np.float64) if _whole_list(a) else a for a in args)
    if len(args) == 1:
        _floats(names[0], args[0])  # raises before the function is called
    output = None if any(map(_whole_list, given)) else known
    if output is None or jac is True or options.jac is True:
        output = asked(f, args, (jac,), "the function")
    constant = not callable(jac) or hasattr(jac, "shape")  # an operator can be called as well
    claim = (lambda *_: jac) if constant else jac
    claim = fitted(claim, model, names, "jac" if name == "J" else "hess")
    first = asked(claim, args, (f,))
    blocks = _blocks(first, names, args)
    if blocks is not None:
        return [
            _matrix(model, f, _part(claim, key), args, names, k, output, f"{name}_{names[k]}", constant=constant)
            for k, key in blocks.items()
        ]
    numbers = _of_numbers(first, args, output, quoted(model))
    if numbers:
        return [
            _matrix(model, f, _column(claim, n), args, names, k, output, f"{name}_{names[k]}", constant=constant)
            for n, k in enumerate(numbers)
        ]
    k = _argument(model, first, args, names, output, options)
    operator = _its_adjoint(first, quoted(model)) if np.asarray(args[k]).dtype.kind == "f" else None
    matrix = _matrix(model, f, claim, args, names, k, output, name, constant=constant)
    return [matrix] if operator is None else [matrix, operator]


def _its_adjoint(operator: Any, title: str) -> LinearMap | None:  # noqa: ANN401
    """Return the question whether an operator's two products belong together, where it has both."""
    if not (hasattr(operator, "rmatvec") and hasattr(operator, "matvec")):
        return None
    try:
        operator.rmatvec(np.zeros(operator.shape[0]))
    except Exception as error:  # it has none, whatever its attributes say
        if ends(error):
            raise
        return None
    names = ("J.matvec", "J.rmatvec")
    return LinearMap(title, operator.matvec, operator.rmatvec, np.zeros(operator.shape[1]), names, name="J.rmatvec")


def output_of(model: Any, given: tuple[Any, ...], options: Options) -> Any:  # noqa: ANN401
    """Return what a function returns at the point; None if it cannot be called so, which raises an error later."""
    args = (*given, *further(options.args))
    if not callable(model) or not args or options.inputs:
        return None
    return asked(model, args, (options.jac,), "the function")


def is_of_a_number(output: Any, options: Options) -> bool:  # noqa: ANN401
    """Return whether an output is one number, without axes, so that its Jacobian is a gradient."""
    output = output[0] if options.jac is True and isinstance(output, tuple) else output
    if output is None or isinstance(output, (dict, tuple, list)) or is_complex(output):
        return False
    return np.ndim(output) == 0


def _part(claim: Callable[..., Any], key: Any) -> Callable[..., Any]:  # noqa: ANN401
    return lambda *args: claim(*args)[key]


def _matrix(  # noqa: PLR0917  what a matrix is made of
    model: Any,  # noqa: ANN401
    f: Callable[..., Any],
    claim: Callable[..., Any],
    args: tuple[Any, ...],
    names: list[str],
    k: int,
    output: Tree,
    name: str,
    *,
    constant: bool,
) -> Matrix:
    given, inputs = _floats(names[k], args[k])
    still = ~np.isfinite(given)
    partly = bool(still.any())
    here = np.where(still, 0.0, given) if partly else given
    outputs, dtype = _shape_of(output, quoted(model))
    size = (int(np.prod(outputs)), here.size)

    form = None if isinstance(args[k], np.ndarray) or not inputs else form_of(args[k])

    def call(function: Callable[..., Any], x: Floats) -> Any:  # noqa: ANN401
        x = np.where(still, given, x) if partly else x
        point = x.reshape(inputs) if inputs or np.ndim(args[k]) == 0 else x
        moved = point[()] if not inputs else point if form is None else form.like(point)
        return function(*(moved if n == k else fresh(arg) for n, arg in enumerate(args)))

    held = [n for m, n in enumerate(names) if m != k]
    data = held and "_" not in name
    return Matrix(
        name=name,
        title=quoted(model),
        f=lambda x: _flat(call(f, x)),
        claim=lambda x: entries(call(claim, x), size, name, (outputs, inputs)).without(still),
        here=here,
        outputs=outputs,
        inputs=inputs,
        labels=(call_of(model), names[k]),
        dtype=str(dtype),
        eps=float(np.finfo(dtype).eps),
        constant=constant,
        notes=(
            *([f"the Jacobian is by {names[k]}; held fixed, as data: {', '.join(held)}"] if data else []),
            *([held_in(names[k], given.reshape(inputs))] if partly else []),
        ),
        reach=(f, claim, *args),
        numbers=numbers_seen((model,)),
        first=_flat(output) if here.dtype == np.asarray(args[k]).dtype else None,
    )


def _flat(output: Tree) -> Floats:
    parts = [np.ravel(numbers_of(part)) for _, part in trees.leaves(output) if is_float(part)]
    return np.concatenate(parts).astype(np.float64) if len(parts) != 1 else parts[0].astype(np.float64)


def _shape_of(output: Tree, name: str) -> tuple[Shape, Any]:
    parts = [numbers_of(part) for _, part in trees.leaves(output) if is_float(part)]
    if any(map(is_complex, (part for _, part in trees.leaves(output)))):
        msg = f"{name} returned complex numbers, and jac= is of real ones; write vjp=pullback, or return both parts, "
        raise InputError(msg + "np.r_[y.real, y.imag]")
    if not parts:
        msg = f"{name} returned no floats ({type(output).__name__}), which have no Jacobian; return an array of floats"
        raise InputError(msg)
    dtype = max((part.dtype for part in parts), key=lambda d: float(np.finfo(d).eps))
    alone = len(parts) == 1 and trees.children(output) is None
    return (tuple(parts[0].shape) if alone else (sum(part.size for part in parts),)), dtype


def _floats(name: str, arg: Any) -> tuple[Floats, Shape]:  # noqa: ANN401
    """Return an argument flat, in double precision, and its shape."""
    if hasattr(type(arg), "requires_grad"):
        msg = f"{name} is a {type(arg).__name__}, and such a matrix is of a function of arrays; give {name}.numpy() "
        raise InputError(msg + f"and make the {type(arg).__name__} inside of the function")
    array = np.asarray(arg)
    if isinstance(arg, np.ndarray) and array.dtype.kind in "iub":
        msg = f"{name} is an integer array ({array.dtype}), and integers cannot be moved by a small step; write "
        raise InputError(msg + f"`{name}.astype(float)`")
    if array.dtype.kind == "c":
        msg = f"{name} is complex, and jac= is of real functions, or of complex outputs by one complex argument; write "
        msg += "vjp=pullback for another"
        raise InputError(msg)
    if array.dtype.kind not in "fiu":
        msg = f"{name} is a {type(arg).__name__}, of which no Jacobian is taken; give an array of floats"
        raise InputError(msg)
    if array.size and not np.isfinite(array.astype(np.float64)).any():
        msg = f"{name} is not finite at the given point; give a finite point"
        raise InputError(msg)
    return array.astype(np.float64).ravel(), tuple(array.shape)


# ----------------------------------------------------------------------------------------- which argument


def _blocks(first: Any, names: list[str], args: tuple[Any, ...]) -> dict[int, Any] | None:  # noqa: ANN401
    """Return which blocks of a Jacobian are for which arguments, where it comes as a dict or a tuple of them."""
    if isinstance(first, Mapping) and not hasattr(first, "tocoo"):  # some sparse matrices are mappings
        unknown = [key for key in first if key not in names]
        if unknown:
            msg = f"jac= returned a block for {unknown[0]!r}, which is not an argument; there are {', '.join(names)}"
            raise InputError(msg)
        return {names.index(key): key for key in first}
    if isinstance(first, tuple) and len(first) == len(args) > 1 and triplets(first) is None:
        return {k: k for k, block in enumerate(first) if block is not None}
    return None


def _of_numbers(first: Any, args: tuple[Any, ...], output: Tree, name: str) -> list[int]:  # noqa: ANN401
    """Return the arguments that are numbers, if a Jacobian has a column for each: as curve_fit's has."""
    outputs, _ = _shape_of(output, name)
    shape = tuple(int(n) for n in getattr(first, "shape", ()))
    numbers = [k for k, arg in enumerate(args) if np.ndim(arg) == 0 and not isinstance(arg, (str, bytes))]
    if len(args) == 1 or len(numbers) < 2 or shape != (int(np.prod(outputs)), len(numbers)):
        return []
    return [] if any(_fits(shape, outputs, arg) for arg in args) else numbers


def _column(claim: Callable[..., Any], n: int) -> Callable[..., Any]:
    return lambda *args: np.asarray(claim(*args))[:, n]


def _whole_list(arg: Any) -> bool:  # noqa: ANN401
    """Return whether an argument is a list of whole numbers, which SciPy takes for floats."""
    return isinstance(arg, list) and bool(arg) and all(type(value) is int for value in arg)


def _argument(  # noqa: PLR0917  what tells which it is
    model: Any,  # noqa: ANN401
    first: Any,  # noqa: ANN401
    args: tuple[Any, ...],
    names: list[str],
    output: Tree,
    options: Options,
) -> int:
    """Return the argument that a Jacobian is by: the one that wrt= names, else the leading one that its shape fits."""
    wanted = [options.wrt] if isinstance(options.wrt, str) else list(options.wrt or ())
    said = [k for k, name in enumerate(names) if name in wanted]
    if len(said) == 1:
        return said[0]
    if wanted and not {*wanted} & {*names, "J", "H"}:
        msg = f"wrt={options.wrt!r} matches none of {', '.join(names)}"
        raise InputError(msg)
    if triplets(first) is not None or len(args) == 1:
        return 0
    outputs, _ = _shape_of(output, quoted(model))
    shape = tuple(int(n) for n in getattr(first, "shape", np.shape(first)))
    fits = [k for k, arg in enumerate(args) if _fits(shape, outputs, arg)]
    exact = [k for k in fits if shape == (*outputs, *np.shape(args[k]))]
    if len(exact) == 1 and np.ndim(args[0]) == 0:  # a time, and the one state of an equation
        return exact[0]
    if fits and (fits[0] == 0 or (len(fits) == 1 and np.ndim(args[0]) == 0)):
        return fits[0]
    call = f"check_gradients({call_of(model)}, {', '.join(names)}, jac=..."
    if fits:
        msg = f"jac= returned a matrix of shape {shape}, which fits {' and '.join(names[k] for k in fits)}, not "
        raise InputError(msg + f"{names[0]}; if it is by that, write {call}, wrt={names[fits[0]]!r})")
    return 0  # an error is raised when its shape is checked


def _fits(shape: Shape, outputs: Shape, arg: Any) -> bool:  # noqa: ANN401
    try:
        inputs = np.shape(arg)
    except ValueError:
        return False
    m, n = int(np.prod(outputs)), int(np.prod(inputs))
    return np.asarray(arg).dtype.kind in "fiu" and shape in {(m, n), (*outputs, *inputs), inputs if m == 1 else (m, n)}
