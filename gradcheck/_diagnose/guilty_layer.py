"""Which layer is at fault? Each is taken alone, until one is found that is wrong by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace

from gradcheck._adapters.recorder import OUTER, SHOWN
from gradcheck._diagnose.cause import Cause, Kind
from gradcheck._model.oracle import Oracle
from gradcheck._results.report import Report, Stage
from gradcheck._results.verdict import Verdict


@dataclass(frozen=True)
class Alone(Oracle):
    """A layer to be checked by itself: its check leaves the causes here, since a report has sentences alone."""

    causes: list[Cause] = field(default_factory=list)

    @classmethod
    def of(cls, oracle: Oracle) -> Alone:
        """Return the same oracle, with a place for causes."""
        return cls(**{f.name: getattr(oracle, f.name) for f in fields(oracle)})


@dataclass(frozen=True)
class Met:
    """A layer that was met in a network."""

    name: str  # as a path, and its kind
    oracle: Oracle
    outer: bool  # whether it holds others


@dataclass(frozen=True)
class Examined:
    """What became of the layers that were taken alone."""

    guilty: tuple[Cause, ...]  # of those that are wrong
    stages: tuple[Stage, ...]  # all that hold no other, in the order in which they are called, and whatever is wrong
    evaluations: int


def examine(report: Report, parts: Mapping[str, Oracle], check: Callable[[Oracle], Report]) -> Examined:
    """Check each layer alone until the guilty are found."""
    guilty: list[Cause] = []
    met = list(_met(parts))
    stages = [Stage(one.name) for one in met]
    spent, sure = 0, bool(parts)
    for k, one in enumerate(met):
        if len(guilty) == SHOWN or (one.outer and guilty):
            break
        oracle = Alone.of(one.oracle)
        try:
            alone = check(oracle)
        except Exception:  # noqa: BLE001  what cannot be taken alone says nothing of itself
            sure = False
            continue
        spent += alone.evaluations
        sure &= alone.verdict in (Verdict.CORRECT, Verdict.KINK, Verdict.UNTESTED)
        stages[k] = replace(stages[k], verdict=alone.verdict)
        if oracle.causes and any(t.wrong for t in alone.tensors.values()):
            guilty.append(_said(one, oracle.causes[0]))
            stages[k] = replace(stages[k], sentence=guilty[-1].sentence)
    if not guilty and sure and _here(report):
        guilty.append(_joined(report))
    kept = [k for k, one in enumerate(met) if not one.outer or stages[k].sentence]
    kept.sort(key=lambda k: (met[k].oracle.turn, -k))
    return Examined(tuple(guilty), tuple(stages[k] for k in kept), spent)


def _met(parts: Mapping[str, Oracle]) -> Iterator[Met]:
    """Yield the layers: the one place where it is read in a name whether a layer holds others."""
    for name, oracle in parts.items():
        yield Met(name.removesuffix(OUTER), oracle, name.endswith(OUTER))


def _said(met: Met, first: Cause) -> Cause:
    """Say that a layer is wrong when it is taken alone, for a reason of that kind."""
    though = ", though each layer in it is right" if met.outer else ""
    return Cause(first.kind, "", f"{met.name} taken alone is wrong{though}: {first.said}")


def _joined(report: Report) -> Cause:
    name = report.name.lstrip("_")
    return Cause(Kind.JOINED, "", f"each layer of {name}, taken alone, is right: the fault lies in how they are joined")


def _here(report: Report) -> bool:
    """Whether something is wrong at the very point at which the layers were met."""
    return any(e.where == "the given point" for e in report.wrong)
