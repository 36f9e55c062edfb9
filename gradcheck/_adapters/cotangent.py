"""How do several outputs become one number? By a cotangent u: the slope of <u, f> is the pullback of u."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.shapes import shape_error
from gradcheck._model import trees
from gradcheck._model.forms import form_of
from gradcheck._model.movable import own
from gradcheck._model.oracle import Array, Oracle, Tree, calling
from gradcheck._model.point import more_digits
from gradcheck._model.rng import Pins
from gradcheck._model.units import bare, unit_of
from gradcheck._results.errors import InputError

Floats = NDArray[np.float64]
Layout = Callable[[Array], Array]

BFLOAT16 = 2.0**8  # its significant bits; NumPy gets its numbers as float32
BELOW_BFLOAT16 = np.uint32(2**16 - 1)  # the significant bits of float32 that it lacks


def with_cotangent(
    *,
    forward: Callable[[Tree], Tree],
    pullback: Callable[[Tree, Tree], Tree],
    seed: int,
    met: Array | None = None,
    known: Tree = None,
    push: Callable[[Tree, Tree], Tree] | None = None,
    laid: bool = False,
    **common: Any,  # noqa: ANN401
) -> Oracle:
    """Make a scalar of any outputs by a cotangent: the derivative of <u, f> is the pullback of u.

    The cotangent is the one that was `met`, flat, if it fits and says anything; else it is drawn at random.
    `known` are the outputs at the point, where it was called already. `push(p, tangents)`, if given, returns the
    derivative of the outputs along tangents. `laid`: whether the pullback is the user's own, and given arrays of NumPy,
    which may lie in memory in many ways.
    """
    output = _called_once(forward, common) if known is None else known
    parts = [p for _, p in trees.leaves(output) if is_float(p)]
    if not parts:
        msg = f"{common['name']} returned no float array ({type(output).__name__}); there is nothing to pull back"
        raise InputError(msg)
    common["notes"] = (*common.get("notes", ()), *_without_derivative(output))
    size = sum(np.size(p) for p in parts)
    if not size:
        msg = f"{common['name']} returned an empty array: there is nothing to differentiate; choose another point"
        raise InputError(msg)
    u: Array = _exact(random_cotangent(size, seed), parts)
    drawn = met is None or met.size != size or not np.isfinite(met).all() or not met.any()
    if not drawn:
        u = np.asarray(met)
    outputs: dict[tuple[Any, ...], Tree] = {}  # by the dtypes of a point: the cotangent is like them
    seen = {_dtypes(output)}  # those of outputs

    def value(p: Tree) -> Array:
        y = forward(p)
        if (theirs := _dtypes(y)) not in seen:
            seen.add(theirs)
            outputs[_dtypes(p)] = y
        return flat(y)

    def pull(p: Tree, cotangent: Array, layout: Layout | None = None) -> Tree:
        try:
            return pullback(p, _shaped(outputs.get(_dtypes(p), output), cotangent, layout))
        except Exception as error:
            refused = shape_error(error)
            if refused is None:
                raise
            raise refused from error

    return Oracle(
        value=value,
        gradient=lambda p: pull(p, u),
        cotangent=u,
        drawn=drawn,
        pullback=pull,
        laid=pull if laid else None,
        push=None if push is None else lambda p, tangents: flat(push(p, tangents)),
        spent=1,
        output=np.array(numbers_of(parts[0])) if len(parts) == 1 else None,
        unit=unit_of(parts[0]) if len(parts) == 1 else None,
        outputs=_places(output),
        **common,
    )


def by_columns(oracle: Oracle) -> Oracle:
    """Return an oracle whose claim comes from forward mode: entry k is column k of J times the cotangent.

    That is linear in the cotangent by itself.
    """
    push = oracle.push
    assert push is not None  # noqa: S101  only what can be pushed forward has columns

    def columns(p: Tree, u: Array) -> Tree:
        forms = {path: form_of(value) for path, value in trees.leaves(p, numbers=True)}
        tangents = {path: np.zeros_like(form.numbers) for path, form in forms.items() if form is not None}

        def claim(path: str, _: Any) -> Any:  # noqa: ANN401
            if path not in tangents:
                return None
            tangent, claims = tangents[path], np.zeros_like(tangents[path])
            for k in np.ndindex(claims.shape):
                tangent[k] = 1
                claims[k] = np.sum(u * push(p, tangents))
                tangent[k] = 0
            return claims

        return trees.rebuild(p, claim, numbers=True)

    return replace(oracle, gradient=lambda p: columns(p, np.asarray(oracle.cotangent)), pullback=None, columns=columns)


def flat(output: Tree) -> Array:
    """Return all floats of an output as one flat array."""
    if type(output) is np.ndarray and output.dtype.kind == "f":  # nearly always
        return output.flatten()
    return np.concatenate([np.ravel(numbers_of(part)) for _, part in trees.leaves(output) if is_float(part)])


def _dtypes(tree: Tree) -> tuple[Any, ...]:
    if type(tree) is np.ndarray:  # nearly always
        return (tree.dtype,)
    return tuple(getattr(leaf, "dtype", None) for _, leaf in trees.leaves(tree))


def _places(output: Tree) -> dict[str, slice]:
    """Return where each output lies in all of them, flat."""
    places, at = {}, 0
    for path, part in trees.leaves(output):
        if is_float(part):
            places[path or "output"] = slice(at, at := at + np.size(part))
    return places


def _without_derivative(output: Tree) -> list[str]:
    """Say which outputs are arrays of integers."""
    arrays = [(path or "output", y) for path, y in trees.leaves(output) if isinstance(y, np.ndarray)]
    return [f"output {path} is of {y.dtype}: no derivative, left out" for path, y in arrays if y.dtype.kind in "iub"]


def _called_once(f: Callable[[Tree], Tree], common: Mapping[str, Any]) -> Tree:
    """Return f at the point, and leave arrays, objects and random generators as they were."""
    known = common.get("pins")
    pins = known() if known else Pins(f, *common.get("reach", ()), sources=common.get("sources", ()))
    try:
        with common.get("guard", contextlib.nullcontext)(), calling("the function"):
            return f(_own(common["point"]))
    finally:
        pins.restore()


def random_cotangent(size: int, seed: int) -> Floats:
    """Draw a cotangent of both signs with no entry near zero; 1 for a single number.

    All its digits are random: on a grid, neighbouring entries would sometimes be equal, and their difference zero.
    """
    if size == 1:
        return np.ones(1)
    rng = np.random.default_rng(seed)
    sizes: Floats = rng.uniform(0.5, 1.5, size)
    signs: Floats = rng.choice([-1.0, 1.0], size)
    if abs(signs.sum()) == size:
        signs[rng.integers(size)] *= -1
    return np.multiply(sizes, signs)


def _exact(u: Floats, parts: Sequence[Any]) -> Floats:
    """Round a cotangent to the dtype of the outputs, so that the pullback is given exactly this cotangent."""
    pieces = np.split(u, np.cumsum([np.size(part) for part in parts])[:-1])
    return np.concatenate([_like(piece, numbers_of(part)) for piece, part in zip(pieces, parts, strict=True)])


def _like(piece: Floats, part: Array) -> Floats:
    if part.dtype == np.float32 and not (np.ascontiguousarray(part).view(np.uint32) & BELOW_BFLOAT16).any():
        fraction, exponent = np.frexp(piece)
        return np.ldexp(np.round(fraction * BFLOAT16), exponent) / BFLOAT16
    return piece.astype(part.dtype).astype(np.float64)


def _shaped(output: Tree, flat: Array, layout: Layout | None = None) -> Tree:
    """Cut a flat cotangent into the shapes and dtypes of the outputs; None for outputs that are not floats."""
    at = 0

    def cut(_: str, y: Any) -> Any:  # noqa: ANN401
        nonlocal at
        if not is_float(y):
            return None
        array = numbers_of(y)
        with np.errstate(over="ignore"):  # a large cotangent in half precision
            piece = flat[at : at + array.size].reshape(array.shape).astype(array.dtype)
        at += array.size
        if isinstance(y, np.ndarray) or unit_of(y) is not None:
            return piece if layout is None else layout(piece)
        form = form_of(y)
        return piece[()] if form is None else form.like(piece)

    return trees.rebuild(output, cut)


def numbers_of(value: Any) -> Array:  # noqa: ANN401
    """Return an output as an array: a quantity without its unit, numbers of more digits as floats."""
    array = value if type(value) is np.ndarray else np.asarray(bare(value))
    exact = more_digits(array) if array.dtype.kind == "O" and array.size else None
    return array if exact is None else exact


def is_float(value: Any) -> bool:  # noqa: ANN401
    try:
        return numbers_of(value).dtype.kind == "f"
    except TypeError:  # a JAX key refuses to become a NumPy array
        return False


def _own(point: Tree) -> Tree:
    """Copy every array of a point: what is called before the check begins must not touch the user's."""
    return trees.rebuild(point, lambda _, value: own(value), numbers=True)
