"""What is an oracle turned into for measuring? Private arrays, lines through its point, claims by name."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gradcheck._model import units
from gradcheck._model.claims import matched
from gradcheck._model.ending import ends
from gradcheck._model.handed import Handed
from gradcheck._model.leaf import VAST, Leaf, Stored, signs
from gradcheck._model.oracle import Array, Oracle, Tree, called, calling, theirs
from gradcheck._model.outputs import digits_of, precision, scalar
from gradcheck._model.patience import may_be_endless
from gradcheck._model.point import described, opened
from gradcheck._model.references import unheld
from gradcheck._model.rng import Pins
from gradcheck._model.steps import Steps, counted
from gradcheck._model.survey import Survey, surveyed
from gradcheck._model.tally import Spans, Tally
from gradcheck._results.errors import InputError
from gradcheck._results.floating import HALF, LEAST, NORMAL

Floats = NDArray[np.float64]


# Of a step: what is really taken of it, and the increment. Numbers near the largest overflow on the way, and the user's
# function may be asked outside of its domain: it is called where NumPy warns of nothing, as while a tensor is measured.
Line = Callable[[float], tuple[float, float]]
Along = tuple[str, int] | Mapping[str, Stored]  # an entry of a tensor, or a move of several


class Crew(Protocol):
    """Who takes the values of a line at several places at once."""

    def together(
        self, subject: Subject, line: Line, along: Along, places: list[float]
    ) -> list[tuple[float, float]] | None:
        """Return what a line of a subject is at some places; None where that is not worth the while."""
        ...


class Evaluator(Protocol):
    """What makes evaluations for a subject: the subject itself, or workers in its place."""

    def both_ways(self, path: str, flat: NDArray[np.int64], steps: Floats) -> Floats:
        """Evaluate a step up and a step down for each entry: rows of steps taken and of increments, both ways."""
        ...


DIRECTION_FINEST = 8.0  # roundings of a number: no step along a direction is finer
ENTRY_FINEST = 4.0  # likewise, along an entry
ROUNDED = 0.35  # standard deviation of rounding, in units of eps: 1/sqrt(12) = 0.29 of the last place, and a fifth more
UNITS = 8  # in the last place, by which a number is nudged
FUNCTION, GRADIENT = "function", "gradient function"
BARE = {float, np.float64, np.float32, np.ndarray}  # classes of values that have no unit
HALF_PRECISION = range(6, 12)  # binary digits of its numbers, held by float32; fewer are counts
KEPT = 100_000  # entries of a gradient that is kept where the point differs in its last digits
PLACES = 2  # at which they must have no more: at one it may be chance
COARSE = 2.0**-9  # relative rounding of numbers whose last place is no small move


@dataclass(frozen=True, eq=False)
class Subject:
    """An oracle, opened: private copies of its arrays, values along lines, claims by name.

    A subject at another point, with another cotangent or other tensors, is another subject; all share the arrays, which
    are moved along a line and put back by assignment, and the tally.
    """

    oracle: Oracle
    leaves: Mapping[str, Leaf]
    chosen: Mapping[str, Leaf]  # those whose gradient is wanted
    pins: Pins
    handed: Handed  # the point, put together around the private arrays
    cotangent: Array | None  # of the outputs that carry a gradient
    tally: Tally
    plain: Subject | None = None  # the same in the user's own precision, where this one is wider
    notes: tuple[str, ...] = ()
    jitter: float = 0.0  # by how much two equal calls differed
    base: NDArray[np.float64] | float = 0.0  # the value from which increments are counted
    away: bool = False  # whether it stands at another point than the given one

    known: frozenset[str] = frozenset()  # paths of what is moved, or known to be held fixed

    @classmethod
    def of(cls, oracle: Oracle, *, promote: bool, survey: Survey | None = None, pins: Pins | None = None) -> Subject:
        """Copy the arrays of the point; raises InputError if there is nothing that can be checked."""
        survey = surveyed(oracle) if survey is None else survey
        found = opened(oracle, promote=promote, parameters=survey.parameters, held=survey.held)
        made = (oracle.value, oracle.gradient, *oracle.reach)
        pins = pins or (Pins(*made, sources=oracle.sources) if oracle.pins is None else oracle.pins())
        return cls(
            oracle,
            found.leaves,
            found.leaves,
            pins,
            Handed(oracle.point, found.leaves, shared=oracle.aside),
            oracle.cotangent,
            Tally(evaluations=survey.evaluations, gradients=survey.gradients),
            notes=survey.notes + found.notes,
            known=survey.held | {*found.leaves},
        )

    def changed(self, **fields: Any) -> Subject:  # noqa: ANN401
        """Return the same with some fields changed, as `replace` does, which asks for each of the others."""
        other: Subject = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **fields)
        other.__dict__.pop("_beside", None)  # claims of this point
        return other

    @property
    def tree(self) -> Tree:
        """The point as the user's functions are given it."""
        return self.handed.tree()

    def output(self) -> Any:  # noqa: ANN401  whatever the user's function returns
        """Call the user's function at the present place, with the random generators pinned."""
        self.tally.call()
        self.pins.pin()
        try:
            if self.tally.rounds is not None and self.oracle.rounds is not None:
                self.tally.rounds.append(self.oracle.rounds(self.handed.tree()))
            if FUNCTION in self.tally.tame:  # the shortest way, as it is gone most often
                return self.oracle.value(self.handed.tree())
            return self._called(self.oracle.value, FUNCTION)
        except Exception as error:
            refused = called("the function", error)
            if refused is None:
                raise
            raise refused from error.with_traceback(theirs(error.__traceback__))

    def steps(self, call: Callable[[], object]) -> Steps:
        """Make a call, and return the steps of f in it: the rounds of its loops, where its framework can tell."""
        if self.oracle.rounds is not None:
            rounds = self.tally.rounds = []
            try:
                call()
            finally:
                self.tally.rounds = None
            known = [number for number in rounds if number is not None]
            if known and len(known) == len(rounds):
                return Steps(sum(known))
        return counted(call)

    def claims(self) -> dict[str, Array]:
        """Call the user's gradient at the present place; raises InputError unless it fits the point."""
        self.go_forward()
        self.tally.gradients += 1
        self.pins.pin()
        with calling("the gradient function"):
            ask = self._pull if self._narrowed else self.oracle.gradient
            given = [self._called(ask, GRADIENT)]
        free = unheld(given)  # before anything else here refers to it
        return self.named(given[0], free)

    def go_forward(self) -> None:
        """Call the function where its gradient is asked next, if it is one that keeps what it was given for that."""
        if self.tally.keeps:
            self.output()

    def _called(self, f: Callable[[Tree], Any], what: str) -> Any:  # noqa: ANN401
        """Call a function at the present place: with copies of the arrays, until it is known to leave them alone.

        It is known once it was called at two places, and neither it nor its gradient held on to an array: what is
        kept is compared with what comes next, and must not move with it.
        """
        tally = self.tally
        if what in tally.tame:
            return f(self.handed.tree())
        result = f(self.handed.copied())
        kept = self.handed.kept
        tally.keeps |= kept
        reshaped = self.handed.reshaped()
        if tally.keeps:
            tally.tame.clear()
        elif not reshaped and tally.first.setdefault(what, here := self.handed.place) != here:
            tally.tame.add(what)
        for path, changed in reshaped.items():
            self.tally.reshaped.setdefault(what, (self.leaves[path].name, changed))
        self.handed.forget(kept=kept)
        return result

    def _pull(self, tree: Tree) -> Tree:
        pullback = self.oracle.pullback or self.oracle.columns
        if pullback is None or self.cotangent is None:
            msg = f"{self.oracle.name} has no pullback that takes a cotangent"
            raise InputError(msg)
        return pullback(tree, self.cotangent)

    @property
    def _narrowed(self) -> bool:
        return self.cotangent is not self.oracle.cotangent

    @property
    def evaluations(self) -> int:
        """How often the function was called."""
        return self.tally.evaluations

    @property
    def eps(self) -> float:
        """The relative rounding of the coarsest dtype that the function ever returned."""
        return self.tally.eps

    def say(self, note: str) -> None:
        """Keep a note on what was learnt, once."""
        self.tally.said = tuple(dict.fromkeys((*self.tally.said, note)))

    def named(self, gradient: Tree, free: Collection[int] = ()) -> dict[str, Array]:
        """Give the arrays of a gradient the names of the point's; raises InputError where they do not fit.

        Those that nobody holds besides, by their identity, are taken as they are.
        """
        unit = self.tally.unit if self.oracle.unit is None else self.oracle.unit
        ours = self.oracle.aside
        return matched(self.oracle.point, gradient, self.chosen, ours=ours, free=free, unit=unit, known=self.known)

    def terms(self, output: Any) -> NDArray[np.float64] | float:  # noqa: ANN401
        """Return the parts of the scalar whose derivative is taken; their sum is that scalar."""
        u = self.cotangent
        if u is None and type(output) is float:
            return output
        if (eps := precision(output)) > self.tally.eps:
            self.tally.eps = eps
        if type(output) not in BARE:
            output = self._in_one_unit(output)
        if u is None:
            return scalar(output)
        numbers = np.asarray(output, dtype=np.float64)
        if numbers.shape != np.shape(u):
            msg = f"the function returned {described(output)} and its cotangent is {described(u)}: give both one shape"
            raise InputError(msg)
        return numbers * u

    def _in_one_unit(self, output: Any) -> Any:  # noqa: ANN401
        """Return the numbers of a quantity in the unit in which the first one came; anything else as it is."""
        unit = units.unit_of(output)
        if unit is None:
            return output
        self.tally.unit = unit if self.tally.unit is None else self.tally.unit
        return units.in_unit(output, self.tally.unit)

    def settled(self) -> Subject:
        """Return the subject that counts its increments from the value at the present place."""
        output = self.output()
        terms = self.terms(output)
        self._remember(output)
        return self.changed(base=terms if isinstance(terms, float) else terms.copy())

    def _remember(self, output: Any) -> None:  # noqa: ANN401
        """Note how large several outputs are, and how many digits they have, wherever they were settled."""
        digits = self.tally.digits
        if len(digits) < PLACES and getattr(output, "dtype", None) == np.float32:
            digits[float(np.sum(output))] = digits_of(output)
            if len(digits) == PLACES and max(digits.values()) in HALF_PRECISION:
                self.tally.eps = max(self.tally.eps, 2.0 ** (1 - max(digits.values())))
        if self.cotangent is None or not 1 < np.size(output) <= VAST:
            return
        here = np.asarray(output, dtype=np.float64).ravel()
        seen = self.tally.seen
        if np.isfinite(here).all():
            self.tally.seen = Spans(here.copy(), here.copy()) if seen is None else seen.and_at(here)

    def increment(self) -> float:
        """Return f here minus f at the settled point; nan where f raises or is not finite.

        Summing differences of outputs, not outputs, keeps an offset in one output out of the others' digits.
        Raises CallError where time or memory was up.
        """
        with np.errstate(all="ignore"):
            return self._increment()

    @may_be_endless
    def _increment(self) -> float:
        try:
            moved = self.terms(self.output()) - self.base
            if not isinstance(moved, np.ndarray):
                return float(moved)
            # One number costs less than a sum, which is never -0.0.
            return moved.item() + 0.0 if moved.size == 1 else float(np.add.reduce(moved, axis=None))
        except Exception as trouble:  # outside its domain a function may raise anything
            if ends(trouble):
                raise
            self.tally.raised_by(trouble)
            return float("nan")

    @property
    def coarse(self) -> bool:
        """Whether the function returns numbers of half precision or less, whose rounding is no small matter."""
        return self.tally.eps >= HALF

    def rounding(self, which: NDArray[np.bool_] | None = None) -> float:
        """Return a floor of the noise of f: its value, or its outputs (or some of them), are rounded.

        What has the same number wherever it was seen is a constant, whose rounding is the same everywhere.
        """
        which = self._moving if which is None else which
        terms = np.atleast_1d(self.base) if which is None else np.atleast_1d(self.base)[which]
        sizes = np.abs(terms)
        largest = max(float(sizes.max()), NORMAL)
        root = math.sqrt(float(((sizes / largest) ** 2).sum()))
        return max(ROUNDED * self.tally.eps * largest * root, self.jitter, LEAST)

    @property
    def _moving(self) -> NDArray[np.bool_] | None:
        """Which outputs were seen to move; None where that is not known, and where all do."""
        seen = self.tally.seen
        if seen is None or seen.low.size != np.size(self.base):
            return None
        moving = np.asarray(seen.low < seen.high).reshape(np.shape(self.base))
        return moving if moving.any() and not moving.all() else None

    def rounding_of(self, path: str, flat: int, step: float) -> float:
        """Return a floor of the noise of f along one entry: only of those outputs that a step of it moves."""
        move = np.zeros(self.leaves[path].array.size)
        move[flat] = step
        try:
            with self.at([(path, move.reshape(self.leaves[path].array.shape))]) as there, np.errstate(all="ignore"):
                moved = np.atleast_1d(np.not_equal(there.terms(there.output()), self.base))
        except Exception as trouble:  # outside its domain a function may raise anything
            if ends(trouble):
                raise
            self.tally.raised_by(trouble)
            return self.rounding()
        return self.rounding(moved if moved.any() else None)

    def entry(self, leaf: Leaf, flat: int) -> Line:
        """Return the line along one entry."""
        array, index = leaf.array, np.unravel_index(flat, leaf.array.shape)
        here = array[index]
        start, plain = float(here), array.dtype == np.float64 and not leaf.digits

        def line(t: float) -> tuple[float, float]:
            if plain:
                moved = start + float(t)
            else:
                with np.errstate(over="ignore"):
                    moved = leaf.rounded(start + t) if leaf.digits else array.dtype.type(here + t)
            array[index] = moved
            try:
                return float(moved) - start, self._increment()
            finally:
                array[index] = here

        if self.tally.crew is not None:
            self._share(line, (next(path for path, each in self.leaves.items() if each is leaf), flat))
        return line

    def _share(self, line: Line, along: Along) -> None:
        """Let a line be asked for several places at once, as `phi_at` does."""
        crew: Crew = self.tally.crew
        vars(line)["together"] = partial(crew.together, self, line, along)

    def both_ways(self, path: str, flat: NDArray[np.int64], steps: Floats) -> Floats:
        """Evaluate a step up and a step down for each entry: rows of steps taken and of increments, both ways."""
        taken = np.empty((4, len(flat)))
        for n, (k, h) in enumerate(zip(flat, steps, strict=True)):
            line = self.entry(self.leaves[path], int(k))
            taken[:, n] = *line(float(h)), *line(-float(h))
        return taken

    def direction(self, moves: Mapping[str, Stored]) -> Line:
        """Return the line along a direction through several tensors at once."""
        start = {name: self._here(name) for name in moves}

        def line(t: float) -> tuple[float, float]:
            try:
                for name, move in moves.items():
                    self.leaves[name].shift(start[name], move, t)
                return t, self._increment()
            finally:
                for name, here in start.items():
                    self.leaves[name].put(here)

        if self.tally.crew is not None:
            self._share(line, moves)
        return line

    def through(self, paths: Iterable[str], way: int) -> Line:
        """Return a line through whole tensors: random signs, each entry as far as it is large."""
        rng = np.random.default_rng(way)
        some = {path: self.leaves[path] for path in paths}
        return self.direction({path: leaf.drawn(signs(rng), leaf.scale_of) for path, leaf in some.items()})

    def nudge(self, n: int, inside: float = 0.0) -> Iterator[tuple[str, Array]]:
        """Yield a move of every tensor by a few units in the last place: what it changes is rounding.

        `inside` is the relative rounding of a coarser precision, whose last place is meant.
        """
        for path, leaf in self.leaves.items():
            signs = np.random.default_rng(0).choice([-1.0, 1.0], leaf.array.shape)
            eps = max(leaf.eps, inside)
            places = UNITS if eps < COARSE else 1
            yield path, leaf.rounded(places * n * eps * np.abs(leaf.original) * signs)

    def claims_beside(self, n: int) -> dict[str, Array]:
        """Return the claims where every tensor differs in its last digits; they are kept, if they are not many."""
        if n not in self._beside:
            with self.at(self.nudge(n)) as there:
                claims = there.claims()
            if sum(claim.size for claim in claims.values()) > KEPT:
                return claims
            self._beside[n] = {path: claim.copy() for path, claim in claims.items()}
        return self._beside[n]

    @cached_property
    def _beside(self) -> dict[int, dict[str, Array]]:
        return {}

    @property
    def takes_cotangents(self) -> bool:
        """Whether the gradient of another cotangent can be asked for."""
        return self.cotangent is not None and bool(self.oracle.pullback or self.oracle.columns)

    def nudged_above(self, n: int) -> Subject:
        """Return the subject with another cotangent, by a few units in the last place, where it takes one."""
        if not self.takes_cotangents:
            return self
        u = np.asarray(self.cotangent, dtype=np.float64)
        signs = np.random.default_rng(n).choice([-1.0, 1.0], u.shape)
        return replace(self, cotangent=u * (1 + UNITS * n * self.eps * signs))

    def _here(self, name: str) -> Stored:
        """Return the numbers of a tensor where the subject stands: a copy, unless that is the given point."""
        return self.leaves[name].here() if self.away else self.leaves[name].original

    @contextlib.contextmanager
    def at(self, moves: Iterable[tuple[str, Stored]]) -> Iterator[Subject]:
        """Yield the subject at another point, for a while: that many names, with a move for each."""
        start: dict[str, Stored] = {}
        try:
            with np.errstate(over="ignore", invalid="ignore"):
                for name, move in moves:
                    start[name] = self._here(name)
                    self.leaves[name].shift(start[name], move)
                    del move  # it may be as large as all that there is
            yield self.changed(away=True)
        finally:
            for name, here in start.items():
                self.leaves[name].put(here)
