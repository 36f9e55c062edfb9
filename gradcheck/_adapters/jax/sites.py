"""Where does a function of JAX meet its weights, in z = x W + b? And what does a shift of z do to each term?

The function's program is looked through; what comes before z is computed once, and what comes after it is compiled to
be done again with z shifted, many shifts at once. No code of the user's is called for that.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from gradcheck._adapters.jax.after import JaxAfter, Replay
from gradcheck._adapters.jax.derivatives import Derivatives
from gradcheck._adapters.jax.equations import Equations, coarse
from gradcheck._adapters.jax.leaves import Arguments
from gradcheck._adapters.jax.plan import COMPILED, Planner, SitePlan
from gradcheck._adapters.jax.precision import owned
from gradcheck._adapters.jax.uses import JaxUse, uses
from gradcheck._adapters.jax.views import Views
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array
from gradcheck._model.site import GAINS, WeightSite

LARGEST = 2**20  # numbers of a tensor of which every one is measured: what is found out of each is kept


class SitedCall(Protocol):
    """A call to JAX, whose derivatives are asked for."""

    derivatives: Derivatives
    given: Arguments


@dataclass(frozen=True, eq=False)
class JaxSites:
    """The sites of a function."""

    called: SitedCall
    wanted: frozenset[str]  # the tensors that are checked
    inputs: frozenset[str]  # those that are no parameters

    def __call__(self, point: Mapping[str, Array], cotangent: Array) -> Iterator[WeightSite]:
        """Yield where weights are met; nothing of a function that cannot be followed."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = self._found(point, cotangent)
        except Exception as trouble:  # to look through a program may raise anything
            if ends(trouble):
                raise
            return
        yield from found

    def _found(self, point: Mapping[str, Array], cotangent: Array) -> list[WeightSite]:
        if sum(point[path].size for path in self.wanted) * GAINS <= COMPILED:
            return []
        arrays, derivatives = self.called.given.taken(point), self.called.derivatives
        closed = derivatives.program(arrays)
        if closed is None:
            return []
        with derivatives.precision():
            equations = Equations.of(closed)
            if any(coarse(equations.avals[n]) for n in equations.outs):
                return []
            named = zip(self.called.given.entries, equations.given, strict=True)
            slots = {path: n for path, n in named if path in self.wanted and equations.size(n) <= LARGEST}
            planner = Planner(equations, _apart(equations, cotangent), slots)
            return [*_Look(planner, self, owned([arrays])[0], point).sites()]


@dataclass(frozen=True, eq=False)
class _Look:
    """A program as it is looked through, with what was computed of it so far."""

    planner: Planner
    called: JaxSites
    arrays: Sequence[Any]
    point: Mapping[str, Array]
    values: dict[int, Any] = field(default_factory=dict)  # by slot

    def sites(self) -> Iterator[WeightSite]:
        """Yield the sites that are worth it: of weights all uses, and then of inputs that are not met with one."""
        planner, inputs = self.planner, self.called.inputs
        views = Views.of(planner.equations, {n: path for path, n in planner.slots.items()})
        found = [*uses(planner.equations, views, inputs.__contains__)]
        planned = planner.weights(found)
        self._know(plan for plans in planned.values() for plan in plans)
        made = {path: [self._site(plan) for plan in plans] for path, plans in planned.items()}
        done = [site for sites in made.values() if None not in sites for site in sites if site is not None]
        for one in done:
            yield one if _together(one.bias, done, found) else replace(one, bias=None)
        met = {path for one in done for path in one.paths}
        rest = [plan for path in planner.slots if path in inputs - met and (plan := planner.of_input(path)) is not None]
        self._know(rest)
        yield from (site for plan in rest if (site := self._site(plan)) is not None)

    def _know(self, plans: Iterable[SitePlan]) -> None:
        """Compute what some plans need, in one run."""
        wanted = sorted({n for plan in plans for n in plan.reads} - {*self.values})
        if wanted:
            made = self.planner.equations.values(wanted, self.arrays)
            self.values.update(zip(wanted, made, strict=True))

    def _site(self, plan: SitePlan) -> WeightSite | None:
        """Return a plan as a site; None where rows depend on one another, or something is not finite."""
        replay = Replay.of(plan.suffix, self.values, plan.place, self.called.called.derivatives.precision)
        start = np.asarray(self.values[plan.suffix.start])
        after = JaxAfter.of(replay, start, self._batches, plan.units)
        if after is None:
            return None
        if plan.use is None:
            return after.site((None, None, plan.path), None, after.before, turned=False) if after.in_order else None
        use = plan.use
        rows = use.product.laid(np.asarray(self.values[use.x]))[after.groups.members]
        matrix = use.product.matrix(self.point[use.weight])
        given = use.given if after.groups.in_order else None
        return after.site((use.weight, use.bias, given), matrix, rows, turned=use.product.turned)

    @property
    def _batches(self) -> set[int]:
        """How many samples there may be."""
        equations = self.planner.equations
        return {n for slot in (*equations.given, *equations.outs) for n in equations.avals[slot].shape[:2]}


def _together(bias: str | None, sites: Sequence[WeightSite], found: Sequence[JaxUse]) -> bool:
    """Whether a bias is met at some sites only, and not in other products besides."""
    return sum(site.bias == bias for site in sites) == sum(use.bias == bias for use in found)


def _apart(equations: Equations, cotangent: Array) -> list[Array]:
    """Return a flat cotangent as those of the outputs."""
    shapes = [equations.avals[n].shape for n in equations.outs]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    return [np.reshape(u, shape) for u, shape in zip(np.split(np.ravel(cotangent), cuts), shapes, strict=True)]
