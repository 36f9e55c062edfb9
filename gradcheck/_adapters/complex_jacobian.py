"""How is a complex Jacobian checked? As four real ones: the parts of the outputs by the parts of the inputs.

The derivative of y by z is one complex number if f is holomorphic: a move of Im z counts i times as one of Re z does.
Of another function, what is claimed by Im z is wrong.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck._adapters.arguments import in_their_places
from gradcheck._adapters.complex_numbers import any_complex, is_complex
from gradcheck._adapters.leading import further
from gradcheck._adapters.matrix_forms import triplets
from gradcheck._model.questions import BY_IMAGINARY, IMAGINARY, REAL
from gradcheck._options import Options

Part = Callable[[Any], Any]
PARTS: tuple[tuple[str, Part], ...] = ((REAL, np.real), (IMAGINARY, np.imag))
HOLOMORPHIC = "J is taken for dy/dz of a holomorphic function: a move of Im z counts i times as much as one of Re z"
Real = tuple[str, Any, tuple[Any, ...], Any]  # a name, a real function, what it is given, and its Jacobian


def real_parts(model: Any, given: tuple[Any, ...], options: Options, known: Any) -> list[Real]:  # noqa: ANN401
    """Return the real functions, and Jacobians, that a complex one is made of; none of a real one."""
    jac = options.jac
    output = known[0] if jac is True and isinstance(known, tuple) else known
    if not any_complex(output):
        return []
    args = in_their_places(model, (*given, *further(options.args)), options.inputs)
    f = (lambda *a: model(*a)[0]) if jac is True else model
    claim = (lambda *a: model(*a)[1]) if jac is True else jac
    moved = [k for k, arg in enumerate(args) if is_complex(arg)]
    if len(moved) != 1:  # the point is real, or it is refused, by name
        return [(f"J{name}", _then(part, f, model), args, _then(_of(part), claim, claim)) for name, part in PARTS]
    return [*_by_parts(model, f, claim, args, moved[0])]


def _by_parts(model: Any, f: Any, claim: Any, args: tuple[Any, ...], k: int) -> Any:  # noqa: ANN401
    """Yield the parts of the outputs by the real parts of one argument, and by its imaginary parts."""
    z = np.asarray(args[k])
    for by, start, whole, turned in (
        ("", z.real, lambda a: a + 1j * z.imag, lambda j: j),
        (BY_IMAGINARY, z.imag, lambda b: z.real + 1j * b, lambda j: 1j * j),
    ):
        point = (*args[:k], np.array(start)[()], *args[k + 1 :])
        for name, part in PARTS:
            yield (
                f"J{name}{by}",
                _then(part, _at(f, k, whole), model),
                point,
                _then(_of(part, turned), _at(claim, k, whole), claim),
            )


def _at(f: Any, k: int, whole: Part) -> Any:  # noqa: ANN401
    """Return a function of one part of its argument k; a matrix as it is."""
    if not _called(f):
        return f
    return lambda *args: f(*args[:k], whole(args[k]), *args[k + 1 :])


def _then(part: Part, f: Any, named: Any) -> Any:  # noqa: ANN401
    """Return a part of what a function returns, under the name and with the arguments of another; or of a matrix."""
    if not _called(f):
        return part(f)
    inner = lambda *args: part(f(*args))  # noqa: E731
    return functools.wraps(named)(inner) if callable(named) else inner


def _called(claim: Any) -> bool:  # noqa: ANN401
    return callable(claim) and not hasattr(claim, "shape")


def _of(part: Part, turned: Part = lambda j: j) -> Part:
    """Return what takes a part of a Jacobian, whatever it is made of."""

    def of(claim: Any) -> Any:  # noqa: ANN401
        if isinstance(claim, dict):
            return {key: of(block) for key, block in claim.items()}
        listed = triplets(claim)
        if listed is not None:
            rows, columns, values = listed
            return rows, columns, part(turned(np.asarray(values)))
        if isinstance(claim, tuple):
            return tuple(map(of, claim))
        if hasattr(claim, "tocoo"):
            found = claim.tocoo()
            return found.row, found.col, part(turned(found.data))
        if hasattr(claim, "matvec"):
            return part(turned(np.column_stack([claim.matvec(unit) for unit in np.eye(claim.shape[1])])))
        return part(turned(np.asarray(claim)))

    return of
