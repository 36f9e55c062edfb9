"""Where are the seeds of a function of JAX? In keys among its arguments, and in those that an object keeps.

A function draws the same numbers from a key at every call, so a given key is not a generator that calls advance: other
keys are derived from it, by number, and the user's own is number zero. A key that an object keeps may be split at each
call, and is put back.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from types import FunctionType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.jax.leaves import ARRAYS
from gradcheck._model import contents
from gradcheck._model.oracle import Array
from gradcheck._model.rng import MANY, Source

NAME = "a key of JAX"


class Keys:
    """The keys among the arguments of a call, all of which are replaced by others of the same number."""

    def __init__(self, tree: Any) -> None:  # noqa: ANN401
        """Begin with the keys as they were given."""
        self.number = 0
        self.found = any(is_key(leaf) for leaf in jax.tree_util.tree_leaves(tree))

    def all_now(self, tree: Any) -> Any:  # noqa: ANN401
        """Return a tree with its keys as they are now."""
        return jax.tree_util.tree_map(self.now, tree) if self.number else tree

    def now(self, leaf: Any) -> Any:  # noqa: ANN401
        """Return a leaf as it is, and a key as it is now."""
        return jax.random.fold_in(leaf, self.number) if self.number and is_key(leaf) else leaf

    @property
    def sources(self) -> tuple[Source, ...]:
        """The keys as a random generator, if there are any."""
        if not self.found:
            return ()
        return (Source(lambda: self.number, self._write, NAME, further=lambda number: number + 1),)

    def _write(self, number: int) -> None:
        self.number = number


def is_key(leaf: object) -> bool:
    """Whether a leaf is a key, of the present kind or of the former one, two integers of 32 bits."""
    if not isinstance(leaf, ARRAYS):
        return False
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return leaf.ndim == 0
    return leaf.dtype == np.uint32 and leaf.shape == (2,)


def kept(roots: Iterable[object]) -> tuple[Source, ...]:
    """Return the keys that some things keep, as random generators: a call may split them, or not."""
    found: dict[tuple[int, object], Source] = {}
    for thing in itertools.islice(contents.reachable(roots), MANY):
        for place, source in _of(thing):
            found.setdefault(place, source)
    return tuple(found.values())


def _of(thing: object) -> Iterator[tuple[tuple[int, object], Source]]:
    """Yield the keys that a thing keeps: its attributes, what is in a dict, and the variables of a closure."""
    if isinstance(thing, ARRAYS):  # a key is made of another
        return
    attributes = contents.attributes(thing) or {}
    for held in (attributes, thing):
        if type(held) is dict:
            for name, value in held.items():
                if is_key(value):
                    yield (id(held), name), _in_dict(held, name, of_object=held is attributes)
    if contents.is_a(thing, FunctionType):
        for cell in thing.__closure__ or ():
            if is_key(_content(cell)):
                yield (id(cell), ""), _in_cell(cell)


def _content(cell: Any) -> Any:  # noqa: ANN401
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None


def _in_cell(cell: Any) -> Source:  # noqa: ANN401
    def write(key: Any) -> None:  # noqa: ANN401
        cell.cell_contents = key

    return _source(lambda: cell.cell_contents, write)


def _in_dict(held: dict[Any, Any], name: object, *, of_object: bool) -> Source:
    """Return a key in a dict; that of an object is a seed even where no call splits it, and no constant."""
    source = _source(lambda: held[name], lambda key: held.__setitem__(name, key))
    return replace(source, further=_further(held[name])) if of_object else source


def _source(read: Callable[[], Any], write: Callable[[Any], object]) -> Source:
    made = _maker(read())
    return Source(lambda: _bits(read()), lambda bits: write(made(bits)), NAME)


def _further(key: Any) -> Callable[[Array], Array]:  # noqa: ANN401
    made = _maker(key)
    return lambda bits: _bits(jax.random.fold_in(made(bits), 1))


def _bits(key: Any) -> Array:  # noqa: ANN401
    return np.array(jax.random.key_data(key))


def _maker(key: Any) -> Callable[[Array], Any]:  # noqa: ANN401
    """Return a function that makes a key from bits, of the same kind as another key."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        return lambda bits: jnp.asarray(bits)  # noqa: PLW0108  where JAX is not installed, its own has no type
    kind = jax.random.key_impl(key)
    return lambda bits: jax.random.wrap_key_data(bits, impl=kind)
