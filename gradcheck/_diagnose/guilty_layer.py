"""Which layer is at fault? Each is taken alone, until one is found that is wrong by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

import numpy as np

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


@dataclass(frozen=True, kw_only=True)
class Alone(Oracle):
    """A layer to be checked by itself: its calls are counted, and its check leaves the causes here.

    For a report has sentences alone, and the layer is one of several things that the same budget is for.
    """

    budget: Budget
    causes: list[Cause] = field(default_factory=list)

    @classmethod
    def of(cls, oracle: Oracle, budget: Budget) -> Alone:
        """Return the same oracle, its calls counted."""
        same = {f.name: getattr(oracle, f.name) for f in fields(oracle)}
        return cls(**same | {"value": budget.counted(oracle.value)}, budget=budget)


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


def examine(report: Report, parts: Mapping[str, Oracle], check: Callable[[Oracle], Report], budget: Budget) -> Examined:
    """Check each layer alone until the guilty are found, or there are no calls left for it."""
    guilty: list[Cause] = []
    met = list(_met(parts))
    stages = [Stage(one.name) for one in met]
    sure = bool(parts)
    for k, one in enumerate(met):
        if len(guilty) == SHOWN or (one.outer and guilty):
            break
        oracle = Alone.of(one.oracle, budget)
        alone = _checked(one, oracle, check)
        if alone is None:
            sure = False
            continue
        sure &= alone.verdict in (Verdict.CORRECT, Verdict.KINK, Verdict.UNTESTED)
        stages[k] = replace(stages[k], verdict=alone.verdict)
        if oracle.causes and any(t.wrong for t in alone.tensors.values()):
            guilty.append(_said(one, *oracle.causes))
            stages[k] = replace(stages[k], sentence=guilty[-1].sentence)
    if not guilty and sure and _here(report):
        guilty.append(_joined(report))
    kept = [k for k, one in enumerate(met) if not one.outer or stages[k].sentence]
    kept.sort(key=lambda k: (met[k].oracle.turn, -k))
    return Examined(tuple(guilty), tuple(stages[k] for k in kept))


def _met(parts: Mapping[str, Oracle]) -> Iterator[LayerAlone]:
    """Yield the layers: the one place where it is read in a name whether a layer holds others."""
    for name, oracle in parts.items():
        yield LayerAlone(name.removesuffix(OUTER), oracle, name.endswith(OUTER))


def _checked(met: LayerAlone, oracle: Alone, check: Callable[[Oracle], Report]) -> Report | None:
    """Return the report on a layer, None where it cannot be taken alone, or there are not calls enough for it."""
    taken = f"{met.name} taken alone"
    if not oracle.budget.affords(_least(oracle), taken):
        return None
    try:
        return check(oracle)
    except Exhausted:
        oracle.budget.leave(taken)
    except Exception as error:  # what cannot be taken alone says nothing of itself
        if ends(error):
            raise
    return None


def _least(oracle: Oracle) -> int:
    """Return how many calls the check of a layer takes at the least."""
    floats = [np.size(leaf) for _, leaf in trees.leaves(oracle.point) if np.asarray(leaf).dtype.kind == "f"]
    return BOTH_WAYS * sum(min(size, SAMPLE) for size in floats)


def _said(met: LayerAlone, first: Cause, *others: Cause) -> Cause:
    """Say that a layer is wrong when it is taken alone, for a reason of that kind."""
    though = ", though each layer in it is right" if met.outer else ""
    more = "".join(f"; {cause.sentence}" for cause in others[:1] if cause.as_well)
    return Cause(first.kind, "", f"{met.name} taken alone is wrong{though}: {first.said}{more}")


def _joined(report: Report) -> Cause:
    name = report.name.lstrip("_")
    said = f"each layer of {name}, taken alone, is right: what is wrong happens between them, or in how one is called"
    return Cause(Slip.JOINED, "", said)


def _here(report: Report) -> bool:
    """Whether something is wrong at the very point at which the layers were met."""
    return any(e.where == "the given point" for e in report.wrong)
