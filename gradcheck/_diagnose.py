"""Why is it wrong? Patterns of single tensors, put together; and the layer since which a chain is wrong. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradcheck._patterns import PATTERNS, Case, Context
from gradcheck._report import Report, TensorResult

NOT_RECOGNISED = "cause not recognised: the discrepancies follow none of the known patterns"
SHOWN = 3  # tensors that are diagnosed one by one


def diagnose(report: Report, context: Context) -> tuple[str, ...]:
    """Return the probable causes of what is wrong, the most probable first."""
    cases = [Case.of(t, context) for t in report.tensors.values() if t.wrong]
    if not cases:
        return ()
    patterns = [_pattern(case) for case in cases]
    sentences = list(_common(cases, patterns, report))
    if not sentences:
        sentences = [f"{c.name}: {p}" for c, p in zip(cases[:SHOWN], patterns, strict=False) if p]
    chain = _since(report)
    if chain:
        sentences.append(chain)
    return tuple(sentences) or (NOT_RECOGNISED,)


def _pattern(case: Case) -> str | None:
    return next((found for p in PATTERNS if (found := p(case))), None)


def _common(cases: list[Case], patterns: list[str | None], report: Report) -> Iterator[str]:
    """Say once what is true of every wrong tensor."""
    first = patterns[0]
    if first is None or len(cases) == 1 or any(p != first for p in patterns):
        return
    tensors = "every tensor" if len(cases) == len(report.tensors) else ", ".join(c.name for c in cases)
    yield f"{tensors}: {first}"


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
