"""How does a point move on its manifold? By a retraction of tangent vectors; the gradient is judged in their space.

At zero a tangent vector moves the point by itself, so that the derivative with respect to it is the Riemannian gradient
there. Where a retraction takes tangent vectors alone, as the exponential of a sphere does, they are taken from a basis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters import jacobian
from gradcheck._adapters.claims import refuse_unread
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.leading import call_of, fresh, further
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.retraction import Moves, moves_of
from gradcheck._adapters.signatures import fitted
from gradcheck._model.oracle import Oracle, calling
from gradcheck._model.point import as_array
from gradcheck._model.questions import LinearMap, Matrix
from gradcheck._options import Options
from gradcheck._results.errors import HereAloneError, InputError
from gradcheck._results.report import Problem, Report
from gradcheck._results.verdict import Verdict

Floats = NDArray[np.float64]
MOVE = 2.0**-10  # the step of the test whether a retraction leaves the unit sphere
FLAT = 1e-3  # relative to the move: a deviation this small counts as staying in the set
TANGENT = 1e-6  # relative: a normal part of a gradient that does not matter
AWAY = 0.2  # of a typical tangent vector: how far a neighbour is
ELSEWHERE = "the Riemannian gradient is claimed where the tangent vector is zero"
READ = ("grad", "retract", "inner", "along")  # of what is claimed on a manifold
MOVES = "moves by retract= only; its entries belong to"
TRIES = 8  # random tangent vectors for each of a basis


def oracles(
    model: Any, given: tuple[Any, ...], options: Options  # noqa: ANN401
) -> tuple[list[Oracle], Callable[[Report], Report]]:  # fmt: skip
    """Return the oracles of a function on a manifold, at the given point and at neighbours, and what else to say."""
    refuse_unread(options, "retract= moves the point of a gradient, and nothing else is looked at", READ)
    grad = options.grad
    if not callable(grad) or not given:
        msg = f"retract= moves the point of a gradient; write check_gradients({call_of(model)}, x, grad=g, retract=exp)"
        raise InputError(msg)
    moves = moves_of(options)
    parts = len(getattr(options.retract, "manifolds", ()))  # of a product, whose points are lists of points
    whole = parts > 1 and len(given) == parts
    x, more = ([*given], ()) if whole else (given[0], given[1:])
    more = (*more, *further(options.args))
    names = argument_names(model, len(given) + len(further(options.args)))
    name = "x" if whole else names[0]

    def f(y: Any) -> Any:  # noqa: ANN401
        return model(*(y if whole else (y,)), *map(fresh, more))

    def g(y: Any) -> Any:  # noqa: ANN401
        with calling("the gradient function"):
            return _tangent(moves, x, grad(*(y if whole else (y,)), *map(fresh, more)))

    gradient = g(x)
    _refuse_off(moves, x, gradient, name)
    with calling("the manifold"):
        normal = _normal_part(moves, x, gradient)
    points = [x, *_neighbours(moves, x, gradient, options)]
    titles = [name, *(f"{name} at neighbour {k}" for k in range(1, len(points)))]
    found = [_oracle(moves, f, g, y, title, quoted(model)) for y, title in zip(points, titles, strict=True)]
    return found, lambda report: _told(report, normal, name)


def _tangent(moves: Moves, x: Any, gradient: Any) -> Any:  # noqa: ANN401
    """Return a gradient as the tangent vectors of its manifold are made: some are lists that can be added."""
    if moves.draw is None or type(gradient) not in (list, tuple):
        return gradient
    kind = type(moves.draw(x))
    return kind(gradient) if issubclass(kind, list) else gradient


def jacobians(model: Any, given: tuple[Any, ...], options: Options) -> list[Matrix | LinearMap]:  # noqa: ANN401
    """Return the Jacobian of several outputs by a tangent vector at zero, at the given point and at neighbours."""
    refuse_unread(options, "retract= moves the point of a Jacobian, and nothing else is looked at", ("jac", "retract"))
    moves = moves_of(options)
    if moves.draw is not None:
        msg = "jac= is by the coordinates of tangent vectors, which a manifold of pymanopt does not have; write "
        raise InputError(msg + f"check_gradients({call_of(model)}, x, jac=J, retract=lambda x, v: ...)")
    x, more = given[0], (*given[1:], *further(options.args))
    name = argument_names(model, 1 + len(more))[0]
    jac = fitted(options.jac, model, argument_names(model, 1 + len(more)), "jac")
    with calling("the gradient function"):
        claimed = jac(x, *map(fresh, more))
    size = (*getattr(claimed, "shape", np.shape(claimed)), 0)[1]
    if not size:
        msg = f"jac= returned a {type(claimed).__name__} of shape {np.shape(claimed)}; beside retract= return a matrix "
        raise InputError(msg + "with a row for each output and a column for each entry of a tangent vector")
    _refuse_moved(moves, x, np.zeros(size), name)
    rng = np.random.default_rng(options.seed)
    found: list[Matrix | LinearMap] = []
    for k in range(1 + options.neighbours):
        with calling("retract="):
            y = moves.retract(x, AWAY * rng.standard_normal(size)) if k else x

        def f(v: Floats, y: Any = y) -> Any:  # noqa: ANN401
            return model(moves.retract(y, v), *map(fresh, more))

        f.__name__ = f.__qualname__ = quoted(model)
        title = f"J at neighbour {k}" if k else "J"
        asked = replace(options, jac=jac(y, *map(fresh, more)) if k else claimed, retract=None, args=None)
        matrices = jacobian.matrices(f, (np.zeros(size),), asked, name=title)
        found += [replace(m, labels=(m.labels[0], name)) for m in matrices]
    return [replace(found[0], notes=(f"{name} {MOVES} its tangent vectors",)), *found[1:]]


def _refuse_moved(moves: Moves, x: Any, zero: Any, name: str) -> None:  # noqa: ANN401
    """Raise InputError for a point that a tangent vector of zero moves, or that none does."""
    with calling("retract="):
        there = moves.retract(x, zero)
    if not isinstance(there, type(x)) and np.shape(there) != np.shape(x):
        msg = f"retract= returned a {type(there).__name__} where {name} is a {type(x).__name__}; return a point"
        raise InputError(msg)
    if _shapes(there) != _shapes(x):
        msg = f"retract= returned shape {_shapes(there)} where {name} has {_shapes(x)}; return a point like {name}"
        raise InputError(msg)
    off = np.sqrt(_distance(there, x))
    if not off <= TANGENT * max(np.sqrt(_square(x)), 1.0):
        msg = (
            f"retract= moves {name} by {off:.2g} for a tangent vector of zero, which has to leave it where it is: "
            f"either {name} does not lie on the manifold, or retract(x, v) is not a retraction"
        )
        raise InputError(msg)
    rng = np.random.default_rng(0)
    moved = not _are_numbers(x)
    for _ in range(TRIES):  # one of them may be normal to the manifold, as x itself is to a sphere
        with calling("retract="):
            vector = moves.draw(x) if moves.draw is not None else AWAY * rng.standard_normal(np.shape(zero))
            moved = moved or _distance(moves.retract(x, vector), x) > 0
    if not moved:
        msg = f"retract= leaves {name} where it is whatever the tangent vector is; write retract=lambda x, v: ..., a "
        raise InputError(msg + "point that v moves x to")


def _refuse_off(moves: Moves, x: Any, gradient: Any, name: str) -> None:  # noqa: ANN401
    """Raise InputError for a gradient that is no tangent vector in form, and for a point that a zero one moves."""
    try:
        zero = 0.0 * gradient
        moves.inner(x, gradient, gradient)
    except Exception as error:  # noqa: BLE001  whatever the manifold makes of it
        msg = (
            f"grad= returned a {type(gradient).__name__}, which is no tangent vector at {name} "
            f"({type(error).__name__}: {error}); return the Riemannian gradient, such as "
            "manifold.euclidean_to_riemannian_gradient(x, g)"
        )
        raise InputError(msg) from None
    _refuse_moved(moves, x, zero, name)


def _distance(a: Any, b: Any) -> float:  # noqa: ANN401
    """Return how far two points are from one another, squared; of things that are no numbers nobody knows."""
    if not _are_numbers(a):
        return 0.0
    pairs = zip(a, b, strict=True) if isinstance(a, (list, tuple)) else [(a, b)]
    return float(sum(np.sum(np.abs(np.asarray(p) - np.asarray(q)) ** 2) for p, q in pairs))


def _shapes(point: Any) -> Any:  # noqa: ANN401
    return [np.shape(part) for part in point] if isinstance(point, (list, tuple)) else np.shape(point)


def _are_numbers(point: Any) -> bool:  # noqa: ANN401
    """Return whether a point is made of arrays, and no object of its own kind, such as a rotation."""
    parts = point if isinstance(point, (list, tuple)) else [point]
    return all(as_array(part).dtype.kind in "fciu" for part in parts)


def _oracle(  # noqa: PLR0917  where, and what
    moves: Moves, f: Callable[[Any], Any], g: Callable[[Any], Any], x: Any, name: str, title: str  # noqa: ANN401
) -> Oracle:  # fmt: skip
    gradient = g(x)
    basis = _basis(moves, x, gradient)
    shape = np.shape(gradient) if basis is None else (len(basis),)

    def tangent(c: Floats) -> Any:  # noqa: ANN401
        if basis is None:
            return c
        return sum((float(k) * v for k, v in zip(c[1:], basis[1:], strict=True)), float(c[0]) * basis[0])

    def value(point: Any) -> Any:  # noqa: ANN401
        return f(moves.retract(x, tangent(point[name])))

    def claim(point: Any) -> Any:  # noqa: ANN401
        if np.any(point[name]):
            raise HereAloneError(ELSEWHERE)
        again = g(x)
        if basis is not None:
            return {name: np.array([moves.inner(x, again, v) for v in basis])}
        units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
        return {name: np.array([moves.inner(x, again, unit) for unit in units]).reshape(shape)}

    space = "its tangent vectors" if basis is None else f"{len(basis)} orthonormal tangent vectors"
    note = f"{name} {MOVES} {space}"
    notes = (note,) if " at neighbour " not in name else ()
    return Oracle({name: np.zeros(shape)}, value, claim, name=title, kinds={name: "input"}, notes=notes, reach=(f, g))


def _basis(moves: Moves, x: Any, gradient: Any) -> list[Any] | None:  # noqa: ANN401
    """Return a basis of tangent vectors; None where any vector in the shape of the gradient is one, or becomes one."""
    if moves.draw is not None:
        drawn = (moves.draw(x) for _ in range(TRIES * moves.dim))
        return _orthonormal(moves, x, drawn, moves.dim)
    if np.shape(x) != np.shape(gradient) or not _leaves(moves, x):
        return None
    flat = np.eye(np.size(x)) - np.outer(np.ravel(x), np.ravel(x)) / np.sum(np.square(x))
    vectors = (row.reshape(np.shape(x)) for row in flat)
    return _orthonormal(moves, x, vectors, np.size(x) - 1)


def _leaves(moves: Moves, x: Any) -> bool:  # noqa: ANN401
    """Return whether x is on a unit sphere that tangent vectors keep it on, and one along x itself does not.

    Numbers whose squares happen to add up to 1 lie on one as well, but what moves them freely leaves it either way.
    """
    if np.ndim(x) != 1 or np.size(x) == 1 or abs(np.sum(np.square(x)) - 1) > TANGENT:
        return False
    x = np.asarray(x)
    tangent = np.random.default_rng(0).standard_normal(x.shape)
    tangent -= (x @ tangent) * x
    along, across = (_length(moves.retract(x, v)) - 1 for v in (MOVE * x, AWAY * tangent / _length(tangent)))
    return abs(along) > FLAT * MOVE >= abs(across)


def _length(x: Any) -> float:  # noqa: ANN401
    return float(np.sqrt(np.sum(np.square(x))))


def _orthonormal(moves: Moves, x: Any, vectors: Any, most: int) -> list[Any]:  # noqa: ANN401
    """Return as many vectors as there are dimensions, by Gram and Schmidt in the metric."""
    basis: list[Any] = []
    for drawn in vectors:
        vector = drawn
        for _ in range(2):  # twice is enough
            for known in basis:
                vector = vector - moves.inner(x, vector, known) * known
        size = float(np.sqrt(max(moves.inner(x, vector, vector), 0.0)))
        if size > TANGENT:
            basis.append((1 / size) * vector)
        if len(basis) == most:
            break
    return basis


def _neighbours(moves: Moves, x: Any, gradient: Any, options: Options) -> list[Any]:  # noqa: ANN401
    rng = np.random.default_rng(options.seed)
    found = []
    for _ in range(options.neighbours):
        if moves.draw is not None:
            vector = AWAY * moves.draw(x)
        else:
            basis = _basis(moves, x, gradient)
            c = AWAY * rng.standard_normal(np.shape(gradient) if basis is None else len(basis))
            vector = c if basis is None else sum(k * v for k, v in zip(c, basis, strict=True))
        found.append(moves.retract(x, vector))
    return found


def _normal_part(moves: Moves, x: Any, gradient: Any) -> float:  # noqa: ANN401
    """Return how much of a gradient is no tangent vector, relative to its size."""
    if moves.project is None:
        return 0.0
    off = gradient - moves.project(x, gradient)
    size = float(np.sqrt(max(_square(gradient), 0.0)))
    return float(np.sqrt(max(_square(off), 0.0))) / size if size else 0.0


def _square(vector: Any) -> float:  # noqa: ANN401
    parts = vector if isinstance(vector, (list, tuple)) else [vector]
    return float(sum(np.sum(np.abs(np.asarray(part)) ** 2) for part in parts)) if _are_numbers(vector) else 0.0


def quiet(report: Report) -> Report:
    """Return a report without what the oracle of a manifold raised where it claims nothing."""
    return replace(report, notes=tuple(note for note in report.notes if ELSEWHERE not in note))


def _told(report: Report, normal: float, name: str) -> Report:
    report = quiet(report)
    if normal <= TANGENT:
        return report
    said = (
        f"the gradient is not a tangent vector at {name}: {normal:.2g} of it is normal to the manifold; return the "
        "Riemannian gradient, the projection of the Euclidean one"
    )
    return replace(report, problems=(*report.problems, Problem(Verdict.WRONG, said, name)))
