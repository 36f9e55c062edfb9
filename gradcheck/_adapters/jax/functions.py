"""What do JAX's users hand in? Functions of pytrees, with derivatives that JAX makes or that they wrote, and models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import jax

from gradcheck._adapters.claims import ways
from gradcheck._adapters.jax import claims
from gradcheck._adapters.jax.call import CalledWith
from gradcheck._adapters.jax.leaves import ARRAYS, Arguments, is_float
from gradcheck._adapters.jax.models import called, library_of, with_loss
from gradcheck._adapters.recognise import is_layer, quoted
from gradcheck._adapters.signatures import on_top
from gradcheck._model.contents import is_a, reachable
from gradcheck._model.oracle import Oracle
from gradcheck._model.trees import leaves
from gradcheck._options import Options
from gradcheck._results.errors import InputError


def oracle(model: Any, args: tuple[Any, ...], options: Options) -> Oracle | None:  # noqa: ANN401
    """Return the oracle of a function or model of JAX; None if it is none.

    Raises InputError for one that has nothing to differentiate, or no forward mode where jvp=True asks for it.
    """
    if not _is_mine(model, args, options):
        return None
    stated = ways(options)
    if stated and library_of(model):
        msg = f"{quoted(model)} brings its own gradient, which is what is checked; leave out {stated[0]}="
        raise InputError(msg)
    if stated:
        return claims.oracle(model, args, options)
    call = called(model, args, options.inputs)
    if options.loss is not None:
        call = with_loss(call, _function_of_outputs(options.loss))
    given = Arguments(call)
    if not given.slots:
        raise InputError(_nothing_to_move(quoted(model), given))
    subject = CalledWith(quoted(model), call, given, options)
    return subject.first() if options.order == 1 else subject.second()


def _is_mine(model: Any, args: tuple[Any, ...], options: Options) -> bool:  # noqa: ANN401
    if library_of(model):
        return True
    if (
        isinstance(model, type)
        or not callable(model)
        or is_layer(model)
        or isinstance(getattr(model, "params", None), Mapping)
    ):
        return False
    leaves = _leaves((args, dict(options.inputs)))
    if any(isinstance(leaf, jax.Array) for leaf in leaves) or _of_jax(model):
        return True
    foreign = any(hasattr(leaf, "dtype") and not isinstance(leaf, ARRAYS) for leaf in leaves)
    floats = any(is_float(leaf) for leaf in leaves)
    return floats and not foreign and not ways(options) and _uses_jax(model)


def _leaves(given: Any) -> list[Any]:  # noqa: ANN401
    """Return the leaves of containers; raises InputError for one that JAX cannot flatten, if meant for JAX."""
    try:
        found: list[Any] = jax.tree_util.tree_leaves(given)
    except (TypeError, ValueError) as error:  # keys that cannot be sorted
        found = [leaf for _, leaf in leaves(given)]
        if any(isinstance(leaf, jax.Array) for leaf in found):
            msg = f"JAX cannot take the arguments apart: {error}; it sorts the keys of a dict: make all of them strings"
            raise InputError(msg) from error
    return found


def _of_jax(thing: object) -> bool:
    modules = (thing.__name__,) if is_a(thing, ModuleType) else (type(thing).__module__, _home(thing))
    return any(str(module).partition(".")[0] in ("jax", "jaxlib") for module in modules)


def _home(thing: object) -> object:
    try:
        return getattr(thing, "__module__", "")
    except Exception:  # noqa: BLE001  a property of the user's own
        return ""


def _uses_jax(f: object) -> bool:
    """Whether a function of NumPy arrays is written in JAX: it names something of JAX, or calls what does."""
    return any(_of_jax(thing) for thing in reachable((f, getattr(type(f), "__call__", None))))  # noqa: B004


def _function_of_outputs(loss: Any) -> Callable[..., Any]:  # noqa: ANN401
    if callable(loss) and not is_layer(loss):
        return on_top(loss)  # type: ignore[no-any-return]
    msg = f"loss= must be a function of the outputs that JAX can differentiate, not {quoted(loss)}"
    raise InputError(msg)


def _nothing_to_move(name: str, given: Arguments) -> str:
    integers = given.others()
    if not integers:
        return f"{name} has no float arrays to differentiate: pass the inputs or parameters as arrays of floats"
    first, array = next(iter(integers.items()))
    return (
        f"{first} is an integer array ({array.dtype}), and integers cannot be moved by a small step; "
        f"write `{first}.astype(float)`"
    )
