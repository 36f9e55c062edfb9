"""What would another seed draw, where the user gives a key? A function of JAX draws the same from it at every call.

So it is no generator that calls move: others are made of it, by number, and the user's own is number zero.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.jax.leaves import ARRAYS
from gradcheck._model.rng import Source


class Keys:
    """The keys among the arguments of a call, all of which are replaced by others of the same number."""

    def __init__(self, tree: Any) -> None:  # noqa: ANN401
        """Begin with the keys as they were given."""
        self.number = 0
        self.found = any(is_key(leaf) for leaf in jax.tree_util.tree_leaves(tree))

    def now(self, leaf: Any) -> Any:  # noqa: ANN401
        """Return a leaf as it is, and a key as it is now."""
        return jax.random.fold_in(leaf, self.number) if self.number and is_key(leaf) else leaf

    @property
    def sources(self) -> tuple[Source, ...]:
        """The keys as a random generator, if there are any."""
        if not self.found:
            return ()
        return (Source(lambda: self.number, self._write, "a key of JAX", further=lambda number: number + 1),)

    def _write(self, number: int) -> None:
        self.number = number


def is_key(leaf: object) -> bool:
    """Whether a leaf is a key, of the present kind or of the former one, two integers of 32 bits."""
    if not isinstance(leaf, ARRAYS):
        return False
    if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        return leaf.ndim == 0
    return leaf.dtype == np.uint32 and leaf.shape == (2,)
