"""Why is it wrong? Patterns of single tensors, put together; and the layer since which a chain is wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from gradcheck._diagnose.catalogue import recognised
from gradcheck._diagnose.evidence import Case, Context, spread
from gradcheck._diagnose.location import located
from gradcheck._diagnose.single_precision import float32
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict

NOT_RECOGNISED = "cause not recognised: the discrepancies follow none of the known patterns"
ESTIMATES, CLAIMS = attrgetter("estimates"), attrgetter("claims")
SHOWN = 3  # tensors that are diagnosed one by one


def diagnose(report: Report, context: Context) -> tuple[str, ...]:
    """Return the probable causes of what is wrong, the most probable first."""
    tensors = report.tensors.values()
    if not any(t.wrong for t in tensors):
        return tuple(_rounded(report, context))
    estimates, claims = ({t.name: spread(t, column(t)) for t in tensors} for column in (ESTIMATES, CLAIMS))
    context = replace(context, estimates=estimates, claims=claims)
    cases = [Case.of(t, context) for t in report.tensors.values() if t.wrong]
    found = _recognised(cases)
    sentences = list(_common(cases, found, report))
    if not sentences:
        sentences = [f"{c.name}: {p}" for c, p in zip(cases, found, strict=True) if p][:SHOWN]
    places = [] if sentences else [f"{c.name}: {p}" for c in cases[:SHOWN] if (p := located(c))]
    chain = _since(report)
    sentences += places
    if chain:
        sentences.append(chain)
    return tuple(sentences) or (NOT_RECOGNISED + _extent(cases, report),)


def _recognised(cases: list[Case]) -> list[str | None]:
    """Return the pattern of each, the first few with experiments; the rest too, if those tell anything."""
    found: list[str | None] = []
    for case in cases:
        barren = len(found) >= SHOWN and not any(found)
        found.append(recognised(replace(case, context=replace(case.context, lab=None)) if barren else case))
    return found


def settled(guilty: list[str]) -> bool:
    """Whether a layer was found, by itself, to be wrong for a reason that is known."""
    return bool(guilty) and "taken alone is wrong" in guilty[0] and NOT_RECOGNISED not in guilty[0]


def joined(whole: tuple[str, ...], guilty: list[str]) -> tuple[str, ...]:
    """Put what is true of layers taken alone before what the whole shows, in which it has consequences."""
    if not guilty:
        return whole
    since = tuple(s for s in whole if s.startswith("since "))
    if not settled(guilty):
        known = tuple(s for s in whole if not s.startswith("since ") and NOT_RECOGNISED not in s)
        return (*known, *guilty, *since)
    return (*guilty, *since)


def _common(cases: list[Case], found: list[str | None], report: Report) -> Iterator[str]:
    """Say once what is true of every wrong tensor."""
    first = found[0]
    if first is None or len(cases) == 1 or any(p != first for p in found):
        return
    tensors = "every tensor" if len(cases) == len(report.tensors) else ", ".join(c.name for c in cases)
    yield f"{tensors}: {first}"


def _rounded(report: Report, context: Context) -> Iterator[str]:
    """Say that a backward which is not linear only rounds to single precision."""
    for problem in report.problems:
        tensor = report.tensors.get(problem.tensor)
        if problem.verdict is Verdict.WRONG and tensor is not None and tensor.dtype == "float64":
            sentence = float32(Case.of(tensor, context))
            if sentence:
                yield f"{tensor.name}: {sentence}"


def _extent(cases: list[Case], report: Report) -> str:
    wrong = [case.name for case in cases]
    right = [name for name in report.tensors if name not in wrong]
    return f"; wrong in {_listed(wrong)}, right in {_listed(right)}" if right else ""


def _listed(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _since(report: Report) -> str | None:
    """Name the layer since which a chain is wrong: all gradients above it agree, all below it do not."""
    layers: dict[int, list[TensorResult]] = {}
    prefix = ""
    for tensor in report.tensors.values():
        match = re.match(r"(.*?\blayers)\[(\d+)\]", tensor.name)
        if match:
            prefix = match[1]
            layers.setdefault(int(match[2]), []).append(tensor)
    order = sorted(layers)
    guilty = [k for k in order if any(t.wrong for t in layers[k])]
    if not guilty or len(order) < 2 or guilty[-1] == order[-1]:
        return None
    below = [k for k in order if k <= guilty[-1]]
    if guilty != below or (len(guilty) == 1 and order[0] == guilty[0] and not _inputs_wrong(report)):
        return None
    above = order[order.index(guilty[-1]) + 1]
    return (
        f"since {prefix}[{above}]: every gradient from {prefix}[{above}] up agrees, every one below does not, so the "
        f"backward to its input is at fault in a layer from {prefix}[{above}] down to {prefix}[{guilty[-1]}]"
    )


def _inputs_wrong(report: Report) -> bool:
    return any(t.wrong for t in report.tensors.values() if t.kind == "input")
