"""In which layer does it go wrong? The layers in the order in which they are called, the guilty ones among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck._render.figures import count, plural
from gradcheck._results.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradcheck._results.report import Report, Stage

WHOLE = 24  # so many layers are shown all
AROUND = 2  # of more, those at either end and so many on either side of a guilty one


@dataclass(frozen=True)
class Link:
    """A layer of the picture; or, with a gap, so many layers that are left out."""

    kind: str = ""
    path: str = ""
    verdict: str = ""  # on the layer alone
    guilty: bool = False
    sentence: str = ""
    wrong: str = ""  # what of its tensors is wrong in the network
    gap: str = ""


def chain(report: Report) -> tuple[Link, ...]:
    """Return the layers, and what stands for those that are left out."""
    return tuple(_links(report))


def _links(report: Report) -> Iterator[Link]:
    kept = _kept(report.stages)
    before = -1
    for number in kept:
        if number > before + 1:
            yield Link(gap=plural(number - before - 1, "layer") + " not shown")
        yield _link(report.stages[number], report)
        before = number


def _kept(stages: tuple[Stage, ...]) -> list[int]:
    if len(stages) <= WHOLE:
        return list(range(len(stages)))
    guilty = [k for k, stage in enumerate(stages) if _is_guilty(stage)][:WHOLE]
    wanted = [0, len(stages) - 1, *guilty]
    return [k for k in range(len(stages)) if any(abs(k - w) <= AROUND for w in wanted)]


def _is_guilty(stage: Stage) -> bool:
    return stage.verdict in {Verdict.WRONG, Verdict.BROKEN}


def _link(stage: Stage, report: Report) -> Link:
    _, _, kind = stage.name.partition(" (")
    mine = [t for t in report.tensors.values() if t.name.startswith((f"{stage.path}.", f"{stage.path}["))]
    wrong = sum(t.wrong for t in mine)
    return Link(
        kind=kind.removesuffix(")") or stage.name,
        path=stage.path if kind else "",
        verdict="" if stage.verdict is None else str(stage.verdict),
        guilty=_is_guilty(stage),
        sentence="" if stage.sentence in report.diagnosis else stage.sentence,  # that has been said
        wrong=f"{count(wrong)} of {count(sum(t.checked for t in mine))} entries wrong" if wrong else "",
    )
