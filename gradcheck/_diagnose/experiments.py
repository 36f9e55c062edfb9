"""What would be measured if something were different? Slopes of the same function, as it is or with one change.

Nothing here knows the claim. Experiments are made only where something is wrong, and cost calls of the function, which
are counted, and refused in advance where the budget does not allow them.
"""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gradcheck._adapters import recorder
from gradcheck._diagnose.budget import Budget
from gradcheck._diagnose.evidence import Floats
from gradcheck._diagnose.laboratory import Variant
from gradcheck._diagnose.one_step import Alternatives
from gradcheck._diagnose.steps.run_record import RunRecord, listened, recorded
from gradcheck._model import trees
from gradcheck._model.ending import ends, forgiven
from gradcheck._model.in_sight import in_sight
from gradcheck._model.oracle import Array, Tree, calling
from gradcheck._model.subject import Subject

OUTPUTS = 1  # calls: for the outputs
COMPARING = 2  # calls: of the layer and of the function, to see whether they are one
RUN = 1  # call: step by step
RECORDING = 2  # calls: for the outputs, and with recorders in the places of the layers
COPIES = 2  # calls: at the same point, while the array that was given for it holds other numbers
BOTH_WAYS = 2  # calls: of a difference
ENTRY = 6  # calls: three differences
MOVED = 1_500  # of a tensor that is moved one by one
DERIVATIVES = 400_000  # of a matrix of derivatives
WIDE_STEP, NARROW_STEP = 1e-3, 1e-5  # steps, relative to the size of an entry; the narrow one where a kink is near
STEPS_AGREE = 1e-6  # of two steps, relative to the largest slope
DIRECTION = 1e-6  # step along a direction, relative to the size of the move

Run = Callable[[Tree], list[Array]]


@dataclass
class Lab:
    """A subject to make experiments with: at its point, with any of its settings and arrays changed."""

    subject: Subject
    budget: Budget

    @property
    def point(self) -> Tree:
        """The point, in the precision in which it is measured."""
        return self._point({})

    @property
    def model(self) -> Any:  # noqa: ANN401  any layer
        """The layer that is checked, if it is one."""
        point = self.subject.oracle.point
        model = point.get("") if isinstance(point, Mapping) else None
        return model if _is_layer(model) else None

    @property
    def inputs(self) -> dict[str, Any]:
        """The inputs of a layer, by name."""
        return {name: value for name, value in self.point.items() if name} if self.model is not None else {}

    @cached_property
    def outputs(self) -> list[Floats]:
        """The outputs of a layer that are floating-point arrays, else the one output that there is."""
        if not self._affords(0, "outputs"):
            return []
        try:
            with np.errstate(all="ignore"), calling("the function"):
                found = self._outputs(self.point)
        except Exception as error:  # what cannot be called has no outputs
            if ends(error):
                raise
            return []
        return found

    def split(self, flat: Array) -> list[Floats]:
        """Cut something flat into the shapes of the outputs."""
        shapes = [y.shape for y in self.outputs]
        ends = np.cumsum([int(np.prod(s)) for s in shapes])
        if not shapes or ends[-1] != np.size(flat):
            return []
        pieces = np.split(np.ravel(flat).astype(np.float64), ends[:-1])
        return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]

    @cached_property
    def cotangent(self) -> list[Floats]:
        """The cotangent, in the shapes of the outputs; one for a cost."""
        u = self.subject.cotangent
        return self.split(np.ones(1) if u is None else u)

    @cached_property
    def uses(self) -> list[Any]:
        """The uses of the layers within the layer, in the order of the way there, each with what it was given."""
        if self.model is None or not self._affords(RECORDING, "layers") or not self._bare:
            return []
        self.budget.spend(RECORDING)
        point, above = self.point, iter(self.cotangent)
        *outputs, _ = point[""].forward(*(value for name, value in point.items() if name))
        given = tuple(
            next(above).astype(np.asarray(y).dtype) if np.asarray(y).dtype.kind == "f" else None for y in outputs
        )
        return recorder.recorded(self.model, tuple(self.inputs.values()), None, _is_layer, given)

    @cached_property
    def alternatives(self) -> Alternatives | None:
        """The gradients with one step of the function changed, if every step of a run is seen."""
        subject = self.subject
        steps = subject.oracle.steps
        if subject.oracle.versions and steps is None:
            return None  # the steps of a framework are not NumPy's, and it keeps what NumPy makes for it
        if not self._affords(RUN, "a run step by step"):
            return None
        self.budget.spend(RUN)
        record, u = RunRecord(), subject.cotangent
        subject.pins.pin()
        # What cannot be called with arrays of another class has no record.
        with forgiven(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if steps is None:
                y = recorded(subject.oracle.value, self._rebuilt(record.given), record)
            else:
                y = listened(steps, self._rebuilt(record.taken), record)
            if record.returned(y, subject.oracle.outputs.values()):
                return Alternatives.of(record, np.ones(1) if u is None else u)
        return None

    def read_itself(self, name: str) -> str:
        """Return under which name the function reads the array that was given, and not what it is called with."""
        path, _ = self._leaf(name)
        leaf = self.subject.leaves[path]
        given = dict(trees.leaves(self.subject.oracle.point)).get(path)
        names = [held for held, holder in in_sight(self.subject.oracle.reach).items() if holder.read() is given]
        if type(given) is not np.ndarray or not given.flags.writeable or not names or not self._affords(COPIES, name):
            return ""
        numbers, follows = given.copy(), False
        try:
            with np.errstate(all="ignore"), forgiven():
                before = self._flat(self.point)
                given += WIDE_STEP * leaf.scale.reshape(given.shape) * np.random.default_rng(0).normal(size=given.shape)
                follows = not np.array_equal(before, self._flat(self.point), equal_nan=True)
        finally:
            given[...] = numbers
        return names[0] if follows else ""

    def movable(self, name: str) -> bool:
        """Return whether there are so few entries in a tensor that each is moved by itself."""
        return self._leaf(name)[1].size <= MOVED

    def jacobian(self, name: str) -> Floats | None:
        """Return the derivative of every output (rows) by every entry of a tensor (columns); None if too large."""
        path, array = self._leaf(name)
        rows = sum(y.size for y in self.outputs)
        if not (rows and self.movable(name)) or rows * array.size > DERIVATIVES:
            return None
        if not self._affords(ENTRY * array.size, name):
            return None
        columns = [self._slope(path, k, self._all) for k in range(array.size)]
        if any(c is None for c in columns):
            return None
        return np.stack([c for c in columns if c is not None], axis=1)

    def pushed(self, name: str, move: Floats) -> Floats | None:
        """Return the derivative of every output along a move, of the size of the entries of the tensor."""
        path, array = self._leaf(name)
        if not self._affords(BOTH_WAYS, name):
            return None
        y = self._difference(path, DIRECTION * move.reshape(array.shape), self._all)
        return None if y is None else y / DIRECTION

    def slopes(self, name: str, variant: Variant) -> Floats | None:
        """Return the gradient by a tensor, the function being changed; None where it does not run, or not so far."""
        path, array = self._leaf(name)
        if not (self.movable(name) and self._affords(ENTRY * array.size * variant.calls, name)):
            return None
        found = [self._slope(path, k, lambda p: self._value(p, variant)) for k in range(array.size)]
        if any(s is None for s in found):
            return None
        return variant.sign * np.array([float(np.sum(s)) for s in found if s is not None]).reshape(array.shape)

    def along(self, name: str, move: Floats, variant: Variant) -> float | None:
        """Return the slope along one direction, the function being changed."""
        path, array = self._leaf(name)
        if not self._affords(BOTH_WAYS * variant.calls, name):
            return None
        y = self._difference(path, DIRECTION * move.reshape(array.shape), lambda p: self._value(p, variant))
        return None if y is None else variant.sign * float(np.sum(y)) / DIRECTION

    def _affords(self, calls: int, what: str) -> bool:
        """Return whether so many calls can be made, and before them those that open the laboratory."""
        opening = OUTPUTS * ("outputs" not in vars(self))
        opening += COMPARING * (self.model is not None and "_bare" not in vars(self))
        return self.budget.affords(calls + opening, f"experiments with {what} of {self.subject.oracle.name}")

    def _leaf(self, name: str) -> tuple[str, Array]:
        return next((path, leaf.original) for path, leaf in self.subject.leaves.items() if leaf.name == name)

    def _slope(self, path: str, k: int, value: Callable[[Tree], Array]) -> Array | None:
        leaf = self.subject.leaves[path]
        unit = np.zeros(leaf.original.size)
        unit[k] = leaf.scale[k]
        step = unit.reshape(leaf.original.shape)
        near, far, narrow = (self._difference(path, h * step, value) for h in (WIDE_STEP, 2 * WIDE_STEP, NARROW_STEP))
        if near is None or far is None or narrow is None:
            return None
        # d(h) = h f' + c h^3 + O(h^5), so that 8 d(h) - d(2 h) = 6 h f' + O(h^5)
        wide, narrow = (8 * near - far) / (6 * WIDE_STEP), narrow / NARROW_STEP
        size = max(float(np.max(np.abs(narrow), initial=0.0)), float(np.max(np.abs(wide), initial=0.0)))
        smooth = np.abs(wide - narrow) <= STEPS_AGREE * size
        slope: Floats = np.where(smooth, wide, narrow) / leaf.scale[k]
        return slope

    def _difference(self, path: str, step: Array, value: Callable[[Tree], Array]) -> Array | None:
        """Return half of what the outputs differ by on both sides of the point; None where they do not exist."""
        here = self.subject.leaves[path].original
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(), calling("the function"):
                warnings.simplefilter("ignore")
                up, down = (value(self._point({path: here + s * step})) for s in (1, -1))
                half = (up - down) / 2
        except Exception as error:  # a layer may refuse a setting with any exception
            if ends(error):
                raise
            return None
        return half if np.isfinite(half).all() else None

    def _point(self, moved: Mapping[str, Array]) -> Tree:
        kinds = {leaf.name: leaf.array.dtype for leaf in self.subject.leaves.values()}
        return self._rebuilt(lambda name, array: np.array(array, dtype=kinds[name]), moved)

    def _rebuilt(self, made: Callable[[str, Array], Array], moved: Mapping[str, Array] | None = None) -> Tree:
        def leaf(path: str, old: Any) -> Any:  # noqa: ANN401
            known = self.subject.leaves.get(path)
            if known is None:
                return old
            return known.handed(made(known.name, (moved or {}).get(path, known.original)))

        return trees.rebuild(self.subject.oracle.point, leaf, numbers=True)

    def _all(self, point: Tree) -> Array:
        """Return every output, flat."""
        return np.concatenate([np.ravel(y) for y in self._outputs(point)])

    def _value(self, point: Tree, variant: Variant) -> Array:
        """Return the parts of the scalar whose slope is taken, of a changed function."""
        made = [self._outputs(p) for p in variant.points(point)]
        u = self.cotangent
        if len(u) != 1:
            joined = np.concatenate([np.ravel(y) for y in made[0]])
            whole: Array = joined * np.concatenate([np.ravel(c) for c in u])
            return whole
        single = variant.join([ys[0] for ys in made])
        if single.shape != u[0].shape and single.ndim == u[0].ndim:  # with more places, as many as before
            single = single[tuple(slice(0, n) for n in u[0].shape)]
        return np.ravel(single * u[0]) if single.shape == u[0].shape else np.full(1, np.nan)

    @cached_property
    def _bare(self) -> bool:
        """Whether the function is a layer with nothing on top of it."""
        if self.model is None:
            return False
        direct = self._forward(self.point)
        flat = np.concatenate([np.ravel(y) for y in direct]) if direct else np.zeros(0)
        return np.array_equal(flat, self._flat(self.point), equal_nan=True)

    def _flat(self, point: Tree) -> Floats:
        self.subject.pins.pin()
        return np.ravel(np.asarray(self.budget.counted(self.subject.oracle.value)(point), dtype=np.float64))

    def _forward(self, point: Tree) -> list[Floats]:
        self.budget.spend()
        self.subject.pins.pin()
        *outputs, _ = point[""].forward(*(value for name, value in point.items() if name))
        return [np.asarray(y, dtype=np.float64) for y in outputs if np.asarray(y).dtype.kind == "f"]

    def _outputs(self, point: Tree) -> list[Floats]:
        if self._bare:
            return self._forward(point)
        y, like = self._flat(point), self.subject.oracle.output
        return [y.reshape(like.shape) if like is not None and like.size == y.size else y]


def _is_layer(thing: object) -> bool:
    return dataclasses.is_dataclass(thing) and not isinstance(thing, type) and callable(getattr(thing, "forward", None))
