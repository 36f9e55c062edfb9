"""How are complex numbers checked? As their real and imaginary parts, which are two tensors: z.real and z.imag.

The gradient of a real number L by a complex z is taken to be dL/dRe z + i dL/dIm z, as in PyTorch: twice the derivative
by the conjugate of z, and the direction in which L rises most. Of complex outputs L is the real part of <u, f>.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck._model import trees
from gradcheck._model.oracle import Tree
from gradcheck._results.report import Report

CONVENTION = (
    "the gradient of a complex number is dL/dRe + i dL/dIm, as in PyTorch: twice the derivative with respect to its "
    "conjugate"
)
REAL, IMAGINARY = "real", "imag"
ALIKE = 1e-5  # relative


class Halves(dict[str, Any]):
    """The real and the imaginary part of a complex number or array."""

    @classmethod
    def of(cls, z: Any) -> Halves:  # noqa: ANN401
        """Return the parts of a complex number, or of a real one that stands for one."""
        array = np.asarray(z)
        parts = (np.array(array.real), np.array(array.imag if array.dtype.kind == "c" else np.zeros_like(array)))
        return cls(zip((REAL, IMAGINARY), parts if array.ndim else (p[()] for p in parts), strict=True))


def is_complex(value: Any) -> bool:  # noqa: ANN401
    """Return whether a leaf is a complex number, or an array of them."""
    if type(value) is np.ndarray:
        return bool(value.dtype.kind == "c")
    return isinstance(value, (complex, np.complexfloating))


def any_complex(tree: Tree) -> bool:
    """Return whether there is a complex number in a tree."""
    return any(is_complex(value) for _, value in trees.leaves(tree))


def parted(tree: Tree) -> Tree:
    """Return a tree with halves in the places of complex numbers; itself where there are none."""
    if type(tree) is np.ndarray:
        return Halves.of(tree) if tree.dtype.kind == "c" else tree
    if not any_complex(tree):
        return tree
    return trees.rebuild(tree, lambda _, value: Halves.of(value) if is_complex(value) else value)


def joined(tree: Tree) -> Tree:
    """Return a tree with complex numbers in the places of halves."""
    if type(tree) is np.ndarray:
        return tree
    if isinstance(tree, Halves):
        real, imaginary = tree[REAL], tree[IMAGINARY]
        z = np.asarray(real) + 1j * np.asarray(imaginary)
        narrow = getattr(real, "dtype", None) == np.float32
        return (z.astype(np.complex64) if narrow else z)[()] if np.ndim(z) == 0 else z.astype(
            np.complex64 if narrow else np.complex128
        )  # fmt: skip
    below = trees.children(tree, numbers=True)
    if below is None or not _holds_halves(tree):
        return tree
    return trees.remade(tree, [joined(child) for _, child in below], [step for step, _ in below])


def like(point: Tree, gradient: Any) -> Any:  # noqa: ANN401
    """Return a gradient with halves where the point has them, whether it is complex there or real."""
    if isinstance(point, Halves):
        return gradient if gradient is None or isinstance(gradient, Mapping) else Halves.of(gradient)
    if isinstance(point, Mapping) and isinstance(gradient, Mapping):
        return {key: like(point.get(key), claim) for key, claim in gradient.items()}
    if isinstance(point, (list, tuple)) and isinstance(gradient, (list, tuple)) and len(point) == len(gradient):
        return [like(part, claim) for part, claim in zip(point, gradient, strict=True)]
    return gradient


def _holds_halves(tree: Tree) -> bool:
    if isinstance(tree, Halves):
        return True
    return any(_holds_halves(child) for _, child in trees.children(tree) or ())


def told(report: Report, conjugated: Callable[[], Any] = lambda: None) -> Report:
    """Say of a claim that is wrong which other convention it follows, if it is one.

    `conjugated()` is what a pullback says if it takes the transpose for the adjoint: the right gradient then. Where all
    that is wrong is told so, nothing else is said of it.
    """
    said, wrong = [], {name for name, tensor in report.tensors.items() if tensor.wrong}
    for name, tensor in report.tensors.items():
        whole = name.removesuffix(f".{REAL}")
        other = report.tensors.get(f"{whole}.{IMAGINARY}")
        if name == whole or other is None or not (tensor.wrong or other.wrong):
            continue
        words = next((w for real, imag, w in CONVENTIONS if _is(tensor, real) and _is(other, imag)), "")
        if not words and _is_right(conjugated() or {}, tensor, other):
            words = "a conjugate is missing: the pullback is by the transpose, J.T @ u, and J.conj().T @ u is meant"
        if words:
            said.append(f"{whole}: {words}; {CONVENTION}")
            wrong -= {tensor.name, other.name}
    return replace(report, diagnosis=(*said, *(report.diagnosis if wrong else ()))) if said else report


def _is_right(claims: Mapping[str, Any], *tensors: Any) -> bool:  # noqa: ANN401
    if not all(tensor.name in claims for tensor in tensors):
        return False
    there = [(np.ravel(claims[t.name])[t.flat], t.estimates, ALIKE * _size(t)) for t in tensors]
    return all(np.allclose(claim, estimate, rtol=ALIKE, atol=room) for claim, estimate, room in there)


def _size(tensor: Any) -> float:  # noqa: ANN401
    return float(np.max(np.abs(tensor.estimates), initial=0.0))


CONVENTIONS = (
    (1.0, -1.0, "a conjugate is missing, or one too many: the imaginary part has the wrong sign"),
    (0.5, 0.5, "it is half of the gradient: the Wirtinger derivative with respect to the conjugate"),
    (0.5, -0.5, "it is the Wirtinger derivative with respect to z itself: half of the gradient, and its conjugate"),
)


def _is(tensor: Any, factor: float) -> bool:  # noqa: ANN401
    return np.allclose(tensor.claims, factor * tensor.estimates, rtol=ALIKE, atol=ALIKE * _size(tensor))
