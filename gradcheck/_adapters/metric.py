"""In which metric is a gradient claimed? As forces, which are minus one, or as what represents the derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._adapters.claims import ways
from gradcheck._adapters.recognise import quoted
from gradcheck._adapters.signatures import fitted
from gradcheck._model import trees
from gradcheck._model.point import as_array
from gradcheck._options import Options
from gradcheck._results.errors import InputError
from gradcheck._results.report import Report

ALIKE = 1e-5  # relative: a claim that is the derivative itself
FORCES = "claimed is minus the forces, which is the gradient of the energy"


def of_forces(model: Any, options: Options) -> tuple[Options, Callable[[Report], Report]]:  # noqa: ANN401
    """Return options that claim a gradient in the place of forces, and what to say of it."""
    if ways(options):
        msg = f"forces= and {ways(options)[0]}= mean the same; give one of them"
        raise InputError(msg)
    forces = options.forces
    if not callable(forces):
        msg = f"forces= is a {type(forces).__name__}; write forces=F, a function of the arguments of {quoted(model)}"
        raise InputError(msg)

    def gradient(*args: Any) -> Any:  # noqa: ANN401
        found = forces(*args)
        if found is None:
            msg = "forces= returned nothing; return minus the gradient of the energy, in the shape of the positions"
            raise InputError(msg)
        return trees.rebuild(found, lambda _, value: -np.asarray(value), numbers=True)

    noted = lambda report: replace(report, notes=(*report.notes, FORCES))  # noqa: E731
    return replace(options, forces=None, grad=gradient), noted


def in_metric(given: tuple[Any, ...], options: Options) -> tuple[Options, Callable[[Report], Report]]:
    """Return options that claim the derivative, M times the gradient, and what to say where it is wrong."""
    raw: dict[str, Any] = {}
    grad, apply = options.grad, applied(options.inner)
    if not callable(grad):
        msg = "inner= is the inner product of a gradient; write check_gradients(f, x, grad=g, inner=M)"
        raise InputError(msg)

    def derivative(*args: Any) -> Any:  # noqa: ANN401
        gradient = np.asarray(grad(*args))
        gradient = gradient if gradient.dtype.kind == "c" else gradient.astype(np.float64)
        if given and np.array_equal(args[0], given[0]):
            raw["here"] = gradient
        found = apply(gradient)
        if np.shape(found) == gradient.shape and np.vdot(gradient, found).real < 0:
            msg = "inner= is not positive, and so no inner product: <g, g> is the square of a length, and it is "
            raise InputError(msg + f"{np.vdot(gradient, found).real:.3g} for the gradient g")
        return found

    return replace(options, inner=None, grad=derivative), lambda report: _told(report, raw.get("here"))


def applied(inner: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    """Return what an inner product makes of a vector: numbers or a matrix times it, or what a function says."""
    if callable(inner) and not hasattr(inner, "shape"):
        product = fitted(inner, None, ["v"], "inner")
        return lambda g: np.asarray(product(g))
    if isinstance(inner, (list, tuple)):
        inner = as_array(inner)
    if isinstance(inner, str) or getattr(inner, "dtype", np.dtype(float)).kind not in "fiu":
        msg = f"inner= is a {type(inner).__name__}; give a positive number, weights, a matrix M, or a function of v"
        raise InputError(msg)
    if np.ndim(inner) <= 1 and not hasattr(inner, "matvec") and not hasattr(inner, "toarray"):
        return _weighted(np.asarray(inner, dtype=np.float64))
    if not _is_symmetric(inner):
        msg = "inner= is a matrix that is not symmetric, and so no inner product; <u, v> = u @ M @ v has to be <v, u>"
        raise InputError(msg)
    apply = inner.matvec if hasattr(inner, "matvec") else lambda v: inner @ v
    shape = getattr(inner, "shape", np.shape(inner))

    def times(g: Any) -> Any:  # noqa: ANN401
        if tuple(shape) != (g.size, g.size):
            msg = f"inner= has shape {tuple(shape)}; for a gradient of {g.size} entries give M of shape {(g.size,) * 2}"
            raise InputError(msg)
        return np.asarray(apply(g.ravel())).reshape(g.shape)

    return times


def _weighted(weights: Any) -> Callable[[Any], Any]:  # noqa: ANN401
    if not np.all(weights > 0):
        msg = "inner= has to be positive: <v, v> is the square of a length"
        raise InputError(msg)

    def times(g: Any) -> Any:  # noqa: ANN401
        if weights.ndim and weights.size != g.size:
            msg = f"inner= has {weights.size} weights; the gradient has {g.size} entries; give one weight for each"
            raise InputError(msg)
        return (np.ravel(g) * weights).reshape(np.shape(g))

    return times


def _is_symmetric(matrix: Any) -> bool:  # noqa: ANN401
    """Return whether a matrix is its own transpose, to a relative rounding; of an operator that is not known."""
    if hasattr(matrix, "matvec") or len(set(matrix.shape)) > 1:
        return True  # what does not fit is told when it is applied
    off = abs(matrix - matrix.T).max()
    return bool(off <= ALIKE * abs(matrix).max())


def _told(report: Report, gradient: Any) -> Report:  # noqa: ANN401
    """Say of a claim that is wrong that it is the derivative itself, if it is."""
    note = "the derivative is compared with M times the claimed gradient, M being inner="
    report = replace(report, notes=(*report.notes, note))
    tensor = next((t for t in report.tensors.values() if t.wrong), None)
    if tensor is None or gradient is None or gradient.size != tensor.size:
        return report
    claimed = gradient.ravel()[tensor.flat]
    if np.allclose(claimed, tensor.estimates, rtol=ALIKE, atol=ALIKE * float(np.max(np.abs(claimed)))):
        said = (
            f"{tensor.name}: the claim is the derivative itself, not what represents it in this inner product: "
            "solve M g = derivative for g"
        )
        report = replace(report, diagnosis=(said,))
    return report
