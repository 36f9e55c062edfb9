"""Is a function of arrays one of each entry by itself? Then its gradient may be its derivative, element by element.

Some entries are moved and the others stay: what is returned for those must stay as well, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.choose import choose
from gradcheck._adapters.introspect import argument_names
from gradcheck._adapters.leading import further
from gradcheck._adapters.signatures import element_by_element
from gradcheck._model import trees
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array, Oracle
from gradcheck._model.rng import Pins
from gradcheck._options import Options

SPLITS = 4  # of the entries in halves: two that depend on one another are told apart by one of them, 15 times in 16
NEAR = 2.0**-10  # relative move: within the domain of most functions
NOTE = "each output depends on its own entry alone, so grad= is taken for the derivative, element by element"


def pullback(model: Any, given: tuple[Any, ...], options: Options) -> Callable[..., Any] | None:  # noqa: ANN401
    """Return the pullback of a function whose derivative is given element by element, None if it is none."""
    if not callable(model) or not callable(options.grad):
        return None
    count = len(given) + len(further(options.args)) + len(options.inputs)
    made: Callable[..., Any] = element_by_element(options.grad, argument_names(model, count))
    with forgiven():  # what cannot be called so is looked at no further
        if _by_entries(choose(model, given, replace(options, grad=None, vjp=made, workers=None))):
            return made
    return None


def _by_entries(oracle: Oracle) -> bool:
    """Return whether each output depends on the entries in its own place alone."""
    here = oracle.output
    if here is None or here.size <= 1 or here.dtype.kind != "f":
        return False
    like = {path for path, leaf in trees.leaves(oracle.point) if np.shape(leaf) == here.shape}
    pins = Pins(oracle.value, *oracle.reach, sources=oracle.sources)
    rng = np.random.default_rng(0)

    def moved(half: NDArray[np.bool_]) -> Array:
        def move(path: str, leaf: Any) -> Any:  # noqa: ANN401
            return np.where(half, leaf * (1 + NEAR) + NEAR, leaf).astype(leaf.dtype) if path in like else leaf

        pins.restore()
        return np.reshape(oracle.value(trees.rebuild(oracle.point, move)), here.shape)

    try:
        with oracle.guard():
            splits = (rng.permutation(here.size).reshape(here.shape) % 2 == 0 for _ in range(SPLITS))
            halves = [half for split in splits for half in (split, ~split)]
            return bool(like) and all(
                np.array_equal(moved(half)[~half], here[~half], equal_nan=True) for half in halves
            )
    finally:
        pins.restore()
