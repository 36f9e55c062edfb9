"""Which layer is at fault? Each is checked alone, until one is found that is wrong by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from gradcheck._adapters.recorder import OUTER, SHOWN
from gradcheck._diagnose.budget import Budget, Exhausted
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._model import trees
from gradcheck._model.ending import ends
from gradcheck._model.oracle import Oracle
from gradcheck._results.report import Report, Stage
from gradcheck._results.verdict import Verdict

SAMPLE = 64  # entries of each tensor, if it has so many, that are measured at the least
BOTH_WAYS = 2  # calls, for each
NEARLY = 1 / 4  # of what disagrees: if the other entries are no more, they are measured along with it, not after it
MANY, FEW = 1000, 0.01  # entries of a tensor of which so small a part is wrong that its layer is not what is wrong
FAR = 0.01  # of the largest slope of a tensor: a layer that makes an entry so wrong is wrong by far itself

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Alone(Oracle):
    """A layer to be checked by itself: its calls are counted, and its check leaves the causes here.

    A report holds sentences only, and other experiments share the same budget.
    """

    budget: Budget
    only: tuple[str, ...] = ()  # tensors that are measured, as all others agree along directions; all where empty
    causes: list[Cause] = field(default_factory=list)

    @classmethod
    def of(cls, oracle: Oracle, budget: Budget, only: tuple[str, ...] = ()) -> Alone:
        """Return the same oracle, its calls counted."""
        same = {f.name: getattr(oracle, f.name) for f in fields(oracle)}
        return cls(**same | {"value": budget.counted(oracle.value)}, budget=budget, only=only)


@dataclass(frozen=True)
class LayerAlone:
    """A layer that was met in a network."""

    name: str  # as a path, and its kind
    oracle: Oracle
    outer: bool  # whether it holds others


@dataclass(frozen=True)
class Examined:
    """What became of the layers that were taken alone."""

    guilty: tuple[Cause, ...]  # of those that are wrong
    stages: tuple[Stage, ...]  # all that hold no other, in the order in which they are called, and whatever is wrong


@dataclass(frozen=True)
class Asking:
    """How a layer is asked."""

    check: Callable[[Alone], Report]  # in full, or some of its tensors
    disagreeing: Callable[[Oracle], tuple[str, ...] | None] = lambda _: None  # along a few directions, if that is known


def examine(report: Report, parts: Mapping[str, Oracle], ask: Asking, budget: Budget) -> Examined:
    """Check each layer alone until the guilty are found, or there are no calls left for it.

    Where something is wrong by far, only what disagrees with its gradient along a few directions is measured: a layer
    that makes it so wrong would show there. Of a few entries among very many their places say where they are.
    """
    found = _Examination(list(_met(parts)), ask.check, budget)
    left = list(range(len(found.met)))
    lone, by_far = _lone(report), _by_far(report)
    if lone or by_far:
        left = [k for k in left if not found.agrees(k, ask.disagreeing)]
    found.check_in_full(left)
    if not found.guilty and found.sure and parts and _here(report) and not lone:
        found.guilty.append(_joined(report, "agrees with its gradient along directions" if by_far else "is right"))
    return found.examined


@dataclass
class _Examination:
    """What is found out about layers, one by one."""

    met: list[LayerAlone]
    check: Callable[[Alone], Report]
    budget: Budget
    off: dict[int, tuple[str, ...]] = field(default_factory=dict)  # the tensors that disagree along directions
    guilty: list[Cause] = field(default_factory=list)
    sure: bool = True  # whether nothing is wrong with those that are not guilty
    stages: list[Stage] = field(init=False)

    def __post_init__(self) -> None:
        """Know nothing of any."""
        self.stages = [Stage(one.name) for one in self.met]

    def agrees(self, k: int, disagreeing: Callable[[Oracle], tuple[str, ...] | None]) -> bool:
        """Return whether all tensors of a layer agree along a few directions; those that do not are remembered."""
        off = _asked(self.met[k], Alone.of(self.met[k].oracle, self.budget), disagreeing)
        if off == ():
            self.stages[k] = replace(self.stages[k], verdict=Verdict.CORRECT)
        self.off[k] = off or ()
        return off == ()

    def check_in_full(self, which: Iterable[int]) -> None:
        """Check some of the layers, until several are guilty, or one that is held by those that are left."""
        for k in which:
            one = self.met[k]
            if len(self.guilty) == SHOWN or (one.outer and self.guilty):
                break
            oracle, alone = self._checked(k)
            if alone is None:
                self.sure = False
                continue
            self.sure &= alone.verdict in (Verdict.CORRECT, Verdict.KINK, Verdict.UNTESTED)
            self.stages[k] = replace(self.stages[k], verdict=alone.verdict)
            if oracle.causes and any(t.wrong for t in alone.tensors.values()):
                self.guilty.append(_said(one, *oracle.causes))
                self.stages[k] = replace(self.stages[k], sentence=self.guilty[-1].sentence)

    def _checked(self, k: int) -> tuple[Alone, Report | None]:
        """Check what disagrees in a layer; all of it where that shows no cause, as the others may tell more."""
        off = self.off.get(k, ())
        for only in dict.fromkeys([() if _nearly_all(self.met[k].oracle, off) else off, ()]):
            oracle = Alone.of(self.met[k].oracle, self.budget, only)
            alone = _asked(self.met[k], oracle, self.check)
            if oracle.causes and oracle.causes[0].kind not in (Slip.NOT_RECOGNISED, Slip.PLACE):
                break
        return oracle, alone

    @property
    def examined(self) -> Examined:
        """What became of them."""
        kept = [k for k, one in enumerate(self.met) if not one.outer or self.stages[k].sentence]
        kept.sort(key=lambda k: (self.met[k].oracle.turn, -k))
        return Examined(tuple(self.guilty), tuple(self.stages[k] for k in kept))


def _met(parts: Mapping[str, Oracle]) -> Iterator[LayerAlone]:
    """Yield the layers: the only place where a name tells whether a layer holds others."""
    for name, oracle in parts.items():
        yield LayerAlone(name.removesuffix(OUTER), oracle, name.endswith(OUTER))


def _asked(met: LayerAlone, oracle: Alone, ask: Callable[[Alone], T]) -> T | None:
    """Return what is found of a layer, None where it cannot be taken alone, or there are not calls enough for it."""
    taken = f"{met.name} taken alone"
    if not oracle.budget.affords(_least(oracle), taken):
        return None
    try:
        return ask(oracle)
    except Exhausted:
        oracle.budget.leave(taken)
    except Exception as error:  # a layer that cannot be run alone is left out
        if ends(error):
            raise
    return None


def _least(oracle: Oracle) -> int:
    """Return how many calls the check of a layer takes at the least."""
    floats = [np.size(leaf) for _, leaf in trees.leaves(oracle.point) if np.asarray(leaf).dtype.kind == "f"]
    return BOTH_WAYS * sum(min(size, SAMPLE) for size in floats)


def _nearly_all(oracle: Oracle, names: tuple[str, ...]) -> bool:
    """Return whether some tensors of a layer are nearly all of its entries."""
    sizes = {name: np.size(leaf) for name, leaf in trees.leaves(oracle.point)}
    some = sum(sizes.get(name, 0) for name in names)
    return sum(sizes.values()) - some < NEARLY * some


def _said(met: LayerAlone, first: Cause, *others: Cause) -> Cause:
    """Say that a layer is wrong when it is taken alone, for a reason of that kind."""
    though = ", though each layer in it is right" if met.outer else ""
    more = "".join(f"; {cause.sentence}" for cause in others[:1] if cause.as_well)
    return Cause(first.kind, "", f"{met.name} taken alone is wrong{though}: {first.said}{more}")


def _joined(report: Report, right: str) -> Cause:
    name = report.name.lstrip("_")
    said = f"each layer of {name}, taken alone, {right}: what is wrong happens between them, or in how one is called"
    return Cause(Slip.JOINED, "", said)


def _by_far(report: Report) -> bool:
    """Whether a wrong entry is off by so much, relative to its tensor, that a direction shows the cause."""
    wrong = [(t, t.codes == Verdict.WRONG) for t in report.tensors.values()]
    return any(_largest((t.claims - t.estimates)[k]) > FAR * _largest(t.estimates) for t, k in wrong if k.any())


def _lone(report: Report) -> bool:
    """Whether the entries that are wrong are a few among very many of their tensors."""
    wrong = [t for t in report.tensors.values() if t.wrong]
    return all(t.checked >= MANY and t.wrong <= FEW * t.checked for t in wrong)


def _largest(numbers: NDArray[np.float64]) -> float:
    return float(np.max(np.abs(numbers), where=np.isfinite(numbers), initial=0.0))


def _here(report: Report) -> bool:
    """Whether something is wrong at the point at which the layers were recorded."""
    wrong = ((t.places, t.flat[t.codes == Verdict.WRONG].tolist()) for t in report.tensors.values())
    return any(flat not in places for places, which in wrong for flat in which)
