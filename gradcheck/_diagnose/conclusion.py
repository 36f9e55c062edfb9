"""Why is it wrong? Causes of single tensors, combined; and the layer from which on a chain is wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from operator import attrgetter

from gradcheck._diagnose.catalogue import recognised, rivals
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import AGREE, SEVERAL, Context, Evidence, spread
from gradcheck._diagnose.location import located
from gradcheck._diagnose.single_precision import single_precision
from gradcheck._diagnose.zero_or_clipped import TRAINED
from gradcheck._results.names import LISTED, few_of
from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict

NOT_RECOGNISED = "cause not recognised: the discrepancies follow none of the known patterns"
ALIKE = "where all entries are alike any mistake looks like a factor; give numbers that differ"
AS_WELL = "or, which explains it as well: "
ESTIMATES, CLAIMS = attrgetter("estimates"), attrgetter("claims")
OPEN = (Verdict.UNDECIDED, Verdict.BROKEN)  # verdicts that leave open whether a tensor agrees
TENSORS = 3  # that are diagnosed one by one, and named


def diagnose(report: Report, context: Context) -> tuple[Cause, ...]:
    """Return the probable causes of what is wrong, the most probable first."""
    tensors = report.tensors.values()
    if not any(t.wrong for t in tensors):
        return tuple(_rounded(report, context))
    estimates, claims = ({t.name: spread(t, column(t)) for t in tensors} for column in (ESTIMATES, CLAIMS))
    context = replace(context, estimates=estimates, claims=claims)
    wrong = [Evidence.of(t, context) for t in tensors if t.wrong]
    found = _recognised(wrong)
    causes = _common(wrong, found, report) or list(_one_by_one(wrong, found))
    causes = causes or [place for evidence in wrong[:TENSORS] if (place := located(evidence))]
    causes += since(report)
    unknown = f"cause not recognised: {ALIKE}" if all(evidence.alike for evidence in wrong) else NOT_RECOGNISED
    return tuple(causes) or (Cause(Slip.NOT_RECOGNISED, "", unknown + _extent(wrong, report)),)


def _recognised(wrong: list[Evidence]) -> list[Cause | None]:
    """Return the cause of each: of the first few with experiments, of the rest too if only those told anything."""
    first, rest = wrong[:TENSORS], wrong[TENSORS:]
    found = [recognised(evidence) for evidence in first]
    telling = rest and any(c is not None and c != recognised(_plain(e)) for e, c in zip(first, found, strict=True))
    return found + [recognised(evidence if telling else _plain(evidence)) for evidence in rest]


def _plain(evidence: Evidence) -> Evidence:
    """Return the same evidence without a laboratory to make experiments in."""
    return replace(evidence, context=replace(evidence.context, lab=None))


def _one_by_one(wrong: list[Evidence], found: list[Cause | None]) -> Iterator[Cause]:
    """Yield the causes of the first tensors that have one, those last that may be held fixed on purpose."""
    known = [(evidence, cause) for evidence, cause in zip(wrong, found, strict=True) if cause]
    known.sort(key=lambda pair: _may_be_fixed(*pair))
    if known and _may_be_fixed(*known[0]) and len(known) < len(wrong):
        unknown = [e for e, cause in zip(wrong, found, strict=True) if cause is None]
        places = [place for evidence in unknown[:1] if (place := located(evidence))]
        yield from places or [Cause(Slip.NOT_RECOGNISED, unknown[0].name, NOT_RECOGNISED)]
    for evidence, cause in known[:TENSORS]:
        yield cause
        yield from (replace(c, sentence=f"{AS_WELL}{c.sentence}", as_well=True) for c in rivals(evidence, cause))
        if evidence.alike and cause.kind is Slip.FACTOR:
            yield replace(cause, sentence=f"or another mistake: {ALIKE}", as_well=True)


def _may_be_fixed(evidence: Evidence, cause: Cause) -> bool:
    """Whether a claim of zero may be meant: of what is trained it is not."""
    return cause.kind is Slip.ZERO and evidence.kind not in TRAINED


def settled(guilty: tuple[Cause, ...]) -> bool:
    """Whether a layer was found, by itself, to be wrong for a reason that is known."""
    return bool(guilty) and guilty[0].kind not in (Slip.JOINED, Slip.NOT_RECOGNISED)


def joined(whole: tuple[Cause, ...], guilty: tuple[Cause, ...], wrong: Collection[str]) -> tuple[Cause, ...]:
    """Insert the findings on single layers between those on the whole and the layer from which on it is wrong.

    That each layer is right is news where no cause is known of some of the tensors that are `wrong`: those that are
    known of the others may be but consequences.
    """
    if not guilty:
        return whole
    known = tuple(cause for cause in whole if cause.kind not in (Slip.SINCE, Slip.NOT_RECOGNISED))
    causes = {cause.tensor for cause in known if cause.kind is not Slip.PLACE}
    explained = "" in causes or causes.issuperset(wrong)
    guilty = tuple(cause for cause in guilty if not (explained and cause.kind is Slip.JOINED))
    return (*known, *guilty, *(cause for cause in whole if cause.kind is Slip.SINCE))


def _common(wrong: list[Evidence], found: list[Cause | None], report: Report) -> list[Cause]:
    """Say once what is true of every wrong tensor."""
    first, *others = found
    if first is None or not others or any(c is None or replace(c, tensor=first.tensor) != first for c in others):
        return []
    every = len(wrong) == len(report.tensors)
    tensors = "every tensor" if every else few_of([evidence.name for evidence in wrong], LISTED)
    each = [{(c.kind, c.sentence) for c in rivals(evidence, first)} for evidence in wrong[:TENSORS]]
    as_well = [Cause(kind, "", f"{tensors}: {AS_WELL}{said}", as_well=True) for kind, said in set.intersection(*each)]
    return [Cause(first.kind, "", f"{tensors}: {first.sentence}"), *as_well]


def _rounded(report: Report, context: Context) -> Iterator[Cause]:
    """Say that a backward which is not linear only rounds to single precision."""
    for problem in report.problems:
        tensor = report.tensors.get(problem.tensor)
        if problem.verdict is Verdict.WRONG and tensor is not None and tensor.dtype == "float64":
            cause = single_precision(Evidence.of(tensor, context))
            if cause:
                yield cause


def _extent(tensors: list[Evidence], report: Report) -> str:
    wrong = [evidence.name for evidence in tensors]
    right = [name for name, tensor in report.tensors.items() if tensor.verdict in AGREE]
    return f"; wrong in {few_of(wrong, TENSORS)}, right in {few_of(right, TENSORS)}" if right else ""


def since(report: Report) -> tuple[Cause, ...]:
    """Name the layer since which a chain is wrong: all gradients above it agree, all below it do not."""
    chains: dict[str, dict[int, list[TensorResult]]] = {}
    for tensor in report.tensors.values():
        match = re.match(r"(.*?\blayers)\[(\d+)\]", tensor.name)
        if match:
            chains.setdefault(match[1], {}).setdefault(int(match[2]), []).append(tensor)
    found = (_since(prefix, chains[prefix], report) for prefix in chains)
    return tuple(cause for cause in found if cause)[:1]


def _since(prefix: str, layers: dict[int, list[TensorResult]], report: Report) -> Cause | None:
    """Say it of one chain, whose tensors are given by the number of their layer."""
    order = sorted(layers)
    guilty = [k for k in order if any(t.wrong for t in layers[k])]
    if not guilty or len(order) < SEVERAL or guilty[-1] == order[-1]:
        return None
    below = [k for k in order if k <= guilty[-1]]
    if any(t.verdict in OPEN for k in order if k > guilty[-1] for t in layers[k]):
        return None
    if guilty != below or (len(guilty) == 1 and order[0] == guilty[0] and not _inputs_wrong(report)):
        return None
    above = order[order.index(guilty[-1]) + 1]
    return Cause(
        Slip.SINCE,
        "",
        f"since {prefix}[{above}]: every gradient from {prefix}[{above}] up agrees, every one below does not, so the "
        f"backward to its input is at fault in a layer from {prefix}[{above}] down to {prefix}[{guilty[-1]}]",
    )


def _inputs_wrong(report: Report) -> bool:
    return any(t.wrong for t in report.tensors.values() if t.kind == "input")
