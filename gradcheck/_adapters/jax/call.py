"""What is a call to JAX, as a function of a flat dict of arrays of NumPy?"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MethodType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gradcheck._adapters.cotangent import random_cotangent, with_cotangent
from gradcheck._adapters.introspect import sizes
from gradcheck._adapters.jax import symbolic, undone
from gradcheck._adapters.jax.constants import SeenArrays
from gradcheck._adapters.jax.derivatives import Derivatives
from gradcheck._adapters.jax.keys import Keys
from gradcheck._adapters.jax.leaves import ARRAYS, Arguments, JaxCall, is_float, is_integer, path_name, real
from gradcheck._adapters.jax.run_steps import JaxSteps
from gradcheck._adapters.jax.sites import JaxSites
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Array, Oracle, Tree, kind_among
from gradcheck._model.point import described, matching
from gradcheck._model.restore import Kept, preserved
from gradcheck._model.rng import Pins
from gradcheck._options import Options
from gradcheck._results.errors import InputError
from gradcheck._results.floating import DOUBLE
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

SECOND = "cotangent"  # its name among the arrays of a gradient's own gradient
SHOWN = 5  # names that a note lists
FEW = 32  # entries, for which a few hundred values are enough
ROUNDINGS = 2.0**12  # relative to the largest gradient: how far the batched one may differ


class CalledWith:
    """A call, as a function of a flat dict of arrays of NumPy."""

    def __init__(self, name: str, call: JaxCall, given: Arguments, options: Options) -> None:
        self.name, self.call, self.given, self.options = name, call, given, options
        self.outputs: list[str] = []  # names of what it returned last, "" for a lone array
        self.ignored: list[str] = []
        self.depth = 0  # guards within one another
        self.coarsest = max(float(jnp.finfo(slot.dtype).eps) for slot in given.slots)
        self.told = symbolic.is_told(call.function)
        self.about: dict[str, Any] = {
            "pure": call.model,
            "few": sum(np.size(slot.value) for slot in given.slots) <= FEW,
            "glanced": self.coarsest > DOUBLE and options.precision == "double",
        }
        self.keys = Keys((call.args, dict(call.inputs)))
        self.derivatives = self._of(self._real)

    def _of(self, f: Callable[[list[Any]], list[Any]], *, derived: bool = False) -> Derivatives:
        frozen, seen = (lambda: self.keys.number == 0), SeenArrays(self.call.function)
        return Derivatives(f, self.coarsest, **self.about, derived=derived, frozen=frozen, constants=seen)

    def _real(self, arrays: list[Any]) -> list[Any]:
        """Call the user's function; return its floats, and remember what they are called."""
        args, inputs = self.keys.all_now(self.given.restored(arrays))
        result = self.call.function(*args, **inputs)
        found = jax.tree_util.tree_flatten_with_path(result)[0]
        kept = [(path_name(path), leaf) for path, leaf in found if is_float(leaf)]
        if not kept:
            what = f"an array of {result.dtype}" if isinstance(result, ARRAYS) else described(result)
            msg = f"{self.name} returned {what} where an array of floats is needed, or a pytree of them"
            raise InputError(msg)
        self.outputs = [name for name, _ in kept]
        arrays_only = [(path_name(path), leaf) for path, leaf in found if isinstance(leaf, ARRAYS)]
        self.ignored = [name or "the output" for name, leaf in arrays_only if not is_float(leaf) and leaf.size]
        return [real(leaf) for _, leaf in kept]

    def first(self) -> Oracle:
        """Return the oracle of the function itself."""
        run, taken = self.derivatives, self.given.taken
        made = with_cotangent(
            forward=lambda p: self._named(run.values(taken(p))),
            pullback=lambda p, u: self._per_entry(self.derivatives.pulled(taken(p), _listed(u))),
            push=(lambda p, v: self._named(run.pushed(taken(p), self._tangents(v)))) if self._forward_too else None,
            point=self.given.point(),
            kinds=self._kinds(),
            **self._common(),
        )
        made = replace(
            made,
            notes=self._notes(),
            aside=True,
            sites=self._sites(),
            steps=JaxSteps(self),
            rounds=lambda p: run.rounds(taken(p)),
        )
        if made.pullback is not None:
            made = replace(made, undone=functools.partial(undone.undone, self, made.pullback))
        if self.options.batched or self.told:
            made = replace(made, examine=self._examined)
        return self._with_forward_mode(made)

    def second(self) -> Oracle:
        """Return the oracle of the gradient, which is linear in the cotangent and so has a gradient in that as well."""
        first = self.first()
        run, names = self._of(self.derivatives.gradient, derived=True), self.given.entries

        def taken(p: Tree) -> list[Any]:
            return [*self.given.taken(p), p[SECOND]]

        def push(p: Tree, v: Tree) -> Tree:
            return self._per_entry(run.pushed(taken(p), [*self._tangents(v), v[SECOND]]))

        size = np.asarray(first.cotangent).size
        dtype = np.result_type(*(leaf.dtype for leaf in first.point.values()))
        u = random_cotangent(size, self.options.seed)
        made = with_cotangent(
            forward=lambda p: self._per_entry(run.values(taken(p))),
            pullback=lambda p, w: dict(zip([*names, SECOND], run.pulled(taken(p), _listed(w)), strict=True)),
            push=push if self._forward_too else None,
            point={**first.point, SECOND: u.astype(dtype)},
            kinds={**self._kinds(), SECOND: SECOND},
            **self._common(),
        )
        return self._with_forward_mode(replace(made, notes=first.notes))

    @property
    def _forward_too(self) -> bool:
        return self.options.jvp is True

    def _common(self) -> dict[str, Any]:
        call, given = self.call, self.given
        first = 1 if call.model else 0
        arrays = {
            n: np.asarray(a)
            for n, a in zip(call.names[first:], call.args[first:], strict=True)
            if isinstance(a, ARRAYS) and (is_float(a) or is_integer(a))
        }
        data = {name: array for name, array in given.others().items() if array.ndim}
        held = [leaf for leaf in given.leaves if isinstance(leaf, np.ndarray)]
        return {
            "seed": self.options.seed,
            "name": self.name,
            "coarse": {slot.name: str(slot.dtype) for slot in given.slots if slot.coarse},
            "sizes": sizes(arrays, data),
            "data": data,
            "reach": self._reach,
            "sources": self.keys.sources,
            "pins": self._pins.afresh,
            "guard": functools.partial(self._guarded, held, *_owner(call.function)),
        }

    @property
    def _reach(self) -> tuple[object, ...]:
        return () if self.call.model else (self.call.function,)

    @functools.cached_property
    def _pins(self) -> Pins:
        """The random generators that are in reach, which are looked for once."""
        return Pins(self, *self._reach, sources=self.keys.sources)

    @contextlib.contextmanager
    def _guarded(self, *things: object) -> Iterator[Kept]:
        """Put back what the function may change, and make JAX forget what was traced in another precision.

        Within another guard the check goes on, and what was traced for it is of use.
        """
        self.depth += 1
        try:
            with preserved(*things) as kept:
                yield kept
        finally:
            self.depth -= 1
            if not self.depth:
                self.derivatives.end()

    def _kinds(self) -> dict[str, str]:
        """Say what each array is: an argument by itself is an input, one in a container what its name says."""
        kinds: dict[str, str] = {}
        inputs = {*self.call.names[1 if self.call.model else 0 :], *self.call.inputs} - {""}
        names = [slot.name for slot in self.given.slots]
        for slot in self.given.slots:
            kind = kind_among(slot.name, names)
            argument = slot.name.partition(".")[0].partition("[")[0] if self.call.model else slot.name
            if argument in inputs and (kind == "parameter" or self.call.model):
                kind = "input"
            kinds |= dict.fromkeys(slot.entries, kind)
        return kinds

    def _sites(self) -> JaxSites:
        """Return what finds the sites of the tensors that are checked."""
        names, patterns = self.given.entries, self.options.wrt
        wanted = names if patterns is None else matching(patterns, names, "wrt")
        kinds = self._kinds()
        return JaxSites(self, frozenset(wanted), frozenset(name for name in names if kinds[name] == "input"))

    def _named(self, arrays: list[Array]) -> Tree:
        return arrays[0] if self.outputs == [""] else dict(zip(self.outputs, arrays, strict=True))

    def _per_entry(self, arrays: list[Array]) -> dict[str, Array]:
        return dict(zip(self.given.entries, arrays, strict=True))

    def _tangents(self, v: Mapping[str, Array]) -> list[Array]:
        return [v[entry] for entry in self.given.entries]

    def _notes(self) -> tuple[str, ...]:
        why = self.derivatives.why
        notes = []
        held = [self.given.names[at] for at in self.given.still]
        if held:
            more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
            notes.append(f"no parameters, or not finite, and held fixed: {', '.join(held[:SHOWN])}{more}")
        if self.given.empty:
            notes.append(f"empty, so there is nothing to differentiate: {', '.join(self.given.empty[:SHOWN])}")
        if self.ignored:
            notes.append(f"integers have no gradient, and were left out of the outputs: {', '.join(self.ignored)}")
        if why:
            notes.append(f"run without jax.jit, which is slower: {why}")
        return tuple(notes)

    def _with_forward_mode(self, made: Oracle) -> Oracle:
        """Refuse jvp=True where JAX has no forward mode of the function."""
        if made.push is None:
            return made
        try:
            with made.guard():
                made.push(made.point, {name: np.zeros_like(array) for name, array in made.point.items()})
        except Exception as error:
            if ends(error):
                raise
            msg = f"jvp=True: {self.name} has no forward mode, JAX says {type(error).__name__}: {error}; leave out jvp="
            raise InputError(msg) from error
        return made

    def _examined(self, p: Tree, cotangent: Array, asked: Callable[[int], object]) -> list[Problem]:
        """Test what else a rule must support: being told what is differentiated, and several cotangents at once."""
        run, arrays = self.derivatives, self.given.taken(p)
        shapes = run.values(arrays)
        problems: list[Problem] = []
        if self.told:
            pieces = np.split(cotangent, np.cumsum([y.size for y in shapes])[:-1])
            us = [u.reshape(y.shape).astype(y.dtype) for u, y in zip(pieces, shapes, strict=True)]
            problems += symbolic.examine(symbolic.RuleCall(run, self.given.entries, arrays, us, asked))
        return problems + (self._at_once(arrays, shapes, asked) if self.options.batched else [])

    def _at_once(self, arrays: list[Any], shapes: list[Array], asked: Callable[[int], object]) -> list[Problem]:
        """Compare the gradients of two cotangents at once (jax.vmap) with each by itself."""
        run = self.derivatives
        rng = np.random.default_rng(self.options.seed)
        pair = [[rng.normal(size=y.shape).astype(y.dtype) for y in shapes] for _ in range(2)]
        try:
            both = run.pulled_many(arrays, [np.stack(each) for each in zip(*pair, strict=True)])
        except Exception as error:  # the user's backward may raise anything
            if ends(error):
                raise
            text = f"under jax.vmap the backward raised {type(error).__name__}: {error}; leave out batched="
            return [Problem(Verdict.BROKEN, text)]
        asked(2 * len(pair))
        for k, u in enumerate(pair):
            for entry, one, many in zip(self.given.entries, run.pulled(arrays, u), both, strict=True):
                if not np.abs(one - many[k]).max() <= ROUNDINGS * np.finfo(one.dtype).eps * np.abs(one).max():
                    text = f"the gradient of {entry} under jax.vmap differs from that of each cotangent alone"
                    return [Problem(Verdict.WRONG, text, entry)]
        return []


def _listed(cotangent: Tree) -> list[Array]:
    return list(cotangent.values()) if isinstance(cotangent, dict) else [cotangent]


def _owner(f: object) -> list[object]:
    """Return the object whose method is called, or that is called: its attributes are put back afterwards."""
    owner = f.__self__ if isinstance(f, MethodType) else f
    return [] if callable(owner) and hasattr(owner, "__name__") else [owner]
