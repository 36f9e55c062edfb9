"""What if the gradient of a function of JAX is stated by grad=, vjp= or jvp=? Both are made to speak NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters import plain
from gradcheck._adapters.claims import ways
from gradcheck._adapters.jax.keys import Keys, kept
from gradcheck._adapters.jax.leaves import ARRAYS, WIDER, is_coarse, is_float
from gradcheck._adapters.jax.precision import double, is_wide
from gradcheck._model import trees
from gradcheck._model.movable import is_whole
from gradcheck._model.oracle import Oracle, Tree
from gradcheck._options import Options


def oracle(model: Any, args: tuple[Any, ...], options: Options) -> Oracle:  # noqa: ANN401
    """Return the oracle of a function of JAX's arrays and of the gradient that its user states."""
    inputs = options.inputs
    keys = Keys((args, dict(inputs)))
    claims = {way: getattr(options, way) for way in ways(options)}
    wrapped: dict[str, Any] = {
        way: _translated(claim, args, inputs, keys) if callable(claim) else claim for way, claim in claims.items()
    }
    given = tuple(_to_numpy(arg) for arg in args)
    said = {name: _to_numpy(value) for name, value in inputs.items()}
    made = plain.oracle(_translated(model, args, inputs, keys), given, replace(options, **wrapped, inputs=said))
    coarse = _coarse(made.point, (args, dict(inputs)), (given, said))
    return replace(made, coarse=coarse, sources=(*made.sources, *keys.sources, *kept((model, *claims.values()))))


def _coarse(point: Tree, theirs: Tree, ours: Tree) -> dict[str, str]:
    """Return the dtypes that NumPy lacks, by path: of the user's arrays, which stand where ours do."""
    leaves = zip(jax.tree_util.tree_leaves(theirs), jax.tree_util.tree_leaves(ours), strict=True)
    dtypes = {id(own): str(was.dtype) for was, own in leaves if is_float(was) and is_coarse(was)}
    return {path: dtypes[id(leaf)] for path, leaf in trees.leaves(point) if id(leaf) in dtypes}


def _translated(
    f: Callable[..., Any], args: tuple[Any, ...], inputs: Mapping[str, Any], keys: Keys
) -> Callable[..., Any]:
    """Return a function that takes and gives arrays of NumPy, where the user's takes and gives those of JAX."""

    @functools.wraps(f)
    def call(*given: Any) -> Any:  # noqa: ANN401
        likes = [*args, *inputs.values()]
        with double(is_wide(jax.tree_util.tree_leaves(given))):
            own = [_like(likes[k], a, keys) if k < len(likes) else _to_jax(a) for k, a in enumerate(given)]
            return _to_numpy(f(*own), exact=True)

    return call


def _to_numpy(tree: Any, *, exact: bool = False) -> Any:  # noqa: ANN401
    """Return a tree with NumPy's arrays in the place of JAX's, in the dtype in which JAX computes with them."""

    def leaf(value: Any) -> Any:  # noqa: ANN401
        if not isinstance(value, ARRAYS) or jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
            return value
        array = np.array(value)
        if not jnp.issubdtype(array.dtype, jnp.inexact):
            return array if isinstance(value, jax.Array) else value
        if is_coarse(array):
            return array.astype(WIDER)
        return array if exact else array.astype(jax.dtypes.canonicalize_dtype(array.dtype))

    return jax.tree_util.tree_map(leaf, tree)


def _to_jax(tree: Any) -> Any:  # noqa: ANN401
    """Return a tree with JAX's arrays in the place of NumPy's, which may be changed afterwards."""
    return jax.tree_util.tree_map(lambda a: jnp.array(a) if isinstance(a, (np.ndarray, np.generic)) else a, tree)


def _like(old: Any, new: Any, keys: Keys) -> Any:  # noqa: ANN401
    """Return an argument as the user gave it, with other numbers in the floats, and in numbers that are parameters."""

    def leaf(was: Any, now: Any) -> Any:  # noqa: ANN401
        if not is_float(was):
            return now if is_whole(was) and isinstance(now, float) else keys.now(was)
        array = jnp.array(now)
        return array.astype(was.dtype) if is_coarse(was) and array.dtype == WIDER else array

    return jax.tree_util.tree_map(leaf, old, new)
