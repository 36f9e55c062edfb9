"""Which products of weights are worth shifting? Where that is no dearer than to move every entry by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gradcheck._adapters.jax.after import Suffix
from gradcheck._adapters.jax.equations import Equations
from gradcheck._adapters.jax.products import CONVOLUTION
from gradcheck._adapters.jax.uses import JaxUse
from gradcheck._adapters.jax.work import work
from gradcheck._model.site import GAINS, SHIFTS, Ints

CALL = 2**17  # numbers that are worked out in the time that an evaluation takes besides
COMPILED = 2**9  # such times that it takes to look through what comes after a product, and to compile it
CONVOLVED = 2**11  # likewise, for each convolution, which XLA takes long to compile
ROWS = 2  # dimensions of what has rows and columns


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Some rows z, what comes after them, and how many units of a group of rows may be shifted at the most."""

    suffix: Suffix
    place: Ints  # (Q, O): where each number of the rows lies
    units: int
    path: str = ""  # the input that they are, if they are no product
    use: JaxUse | None = None  # the product that they are, if they are no input

    @property
    def reads(self) -> list[int]:
        """The slots whose values it needs."""
        return [*self.suffix.reads, *([] if self.use is None else [self.use.x])]


@dataclass(frozen=True, eq=False)
class Planner:
    """A program, the cotangents of its outputs, and where tensors lie in it."""

    equations: Equations
    cotangents: list[Any]
    slots: dict[str, int]

    def weights(self, found: Iterable[JaxUse]) -> dict[str, list[SitePlan]]:
        """Return the products of each weight, all of which are worth it."""
        met: dict[str, list[JaxUse]] = {}
        for use in found:
            met.setdefault(use.weight, []).append(use)
        plans = {path: [*self._of_uses(uses)] for path, uses in met.items()}
        return {path: some for path, some in plans.items() if len(some) == len(met[path])}

    def _of_uses(self, met: Sequence[JaxUse]) -> Iterator[SitePlan]:
        for use in met:
            gained = {use.weight, use.given, use.bias} - {None}
            size = sum(self.equations.size(self.slots[str(path)]) for path in gained)
            plan = self._plan(use.start, use.place, size, len(met))
            if plan is not None:
                yield replace(plan, use=use)

    def of_input(self, path: str) -> SitePlan | None:
        """Return the plan of a tensor that is shifted itself, the last axis being its columns; None if it is no use."""
        slot = self.slots[path]
        shape = self.equations.avals[slot].shape
        size = self.equations.size(slot)
        if len(shape) < ROWS:
            return None
        plan = self._plan(slot, np.arange(size).reshape(-1, shape[-1]), size)
        return None if plan is None else replace(plan, path=path)

    def _plan(self, start: int, place: Ints, size: int, uses: int = 1) -> SitePlan | None:
        """Return a plan; None where it would be dearer than to move so many entries by themselves."""
        suffix = Suffix.of(self.equations, start, self.cotangents)
        if suffix is None:
            return None
        one_by_one = size * GAINS * (CALL + work(self.equations, self.equations.steps))
        again = SHIFTS * (place.size + work(self.equations, suffix.steps))
        convolutions = sum(step.name == CONVOLUTION for step in self.equations.steps)
        units = int((one_by_one / uses - (COMPILED + CONVOLVED * convolutions) * CALL) / again)
        return SitePlan(suffix, place, units) if units >= place.shape[1] else None
