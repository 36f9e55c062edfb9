"""Which layer is at fault? Each is taken alone, until one is found that is wrong by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gradcheck._adapters.recorder import OUTER, SHOWN
from gradcheck._model.oracle import Oracle
from gradcheck._results.report import Report, Stage
from gradcheck._results.verdict import Verdict


@dataclass
class Examined:
    """What became of the layers that were taken alone."""

    guilty: list[str]  # what to say of those that are wrong
    stages: tuple[Stage, ...]  # all that hold no other, in the order in which they are called, and whatever is wrong
    evaluations: int


def examine(report: Report, parts: Mapping[str, Oracle], check: Callable[[Oracle], Report]) -> Examined:
    """Check each layer alone until the guilty are found."""
    guilty: list[str] = []
    stages = {name: Stage(name) for name in parts if not name.endswith(OUTER)}
    spent, sure = 0, bool(parts)
    for name, oracle in parts.items():
        outer = name.endswith(OUTER)
        if len(guilty) == SHOWN or (outer and guilty):
            break
        try:
            alone = check(oracle)
        except Exception:  # noqa: BLE001  what cannot be taken alone says nothing of itself
            sure = False
            continue
        spent += alone.evaluations
        where, said = name.removesuffix(OUTER), ""
        sure &= alone.verdict in (Verdict.CORRECT, Verdict.KINK, Verdict.UNTESTED)
        if alone.diagnosis and any(t.wrong for t in alone.tensors.values()):
            though = ", though each layer in it is right" if outer else ""
            said = f"{where} taken alone is wrong{though}: {alone.diagnosis[0]}"
            guilty.append(said)
        if said or not outer:
            stages[name] = Stage(where, alone.verdict, said)
    if not guilty and sure and _here(report):
        guilty.append(
            f"each layer of {report.name.lstrip('_')}, taken alone, is right: the fault lies in how they are joined"
        )
    order = list(reversed(stages))
    order.sort(key=lambda name: parts[name].turn)
    return Examined(guilty, tuple(stages[name] for name in order), spent)


def _here(report: Report) -> bool:
    """Whether something is wrong at the very point at which the layers were met."""
    return any(e.where == "the given point" for e in report.wrong)
