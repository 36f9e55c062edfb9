"""How do several reports become one? The answers to several questions, and to several orders, of one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from gradcheck._results.report import Report, TensorResult
from gradcheck._results.verdict import Verdict


def together(reports: Sequence[Report]) -> Report:
    """Put the answers to several questions of one call together."""
    order = sorted(_of_several(reports), key=lambda t: -t.verdict)

    def said(sentences: Callable[[Report], tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(sentence for report in reports for sentence in sentences(report)))

    return replace(
        reports[0],
        tensors={t.name: t for t in order},
        problems=tuple(problem for report in reports for problem in report.problems),
        evaluations=sum(report.evaluations for report in reports),
        gradients=sum(report.gradients for report in reports),
        spent=sum((Counter(report.spent) for report in reports), Counter[str]()),
        diagnosis=said(lambda report: report.diagnosis),
        power=said(lambda report: report.power),
        notes=said(lambda report: report.notes),
    )


def joined(first: Report, second: Report) -> Report:
    """Put the report on the gradient and that on its own gradient together."""
    straight = [name for name, t in second.tensors.items() if t.verdict is Verdict.UNTESTED]
    further = [replace(t, name=f"order 2: {t.name}") for t in second.tensors.values() if t.name not in straight]
    note = f"order 2: the gradient does not depend on {', '.join(straight)}"
    problems = tuple(replace(p, sentence=f"order 2: {p.sentence}") for p in second.problems)

    def both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
        return (*one, *(f"order 2: {sentence}" for sentence in other if sentence not in one))

    order = sorted([*first.tensors.values(), *further], key=lambda t: -t.verdict)
    return replace(
        first,
        tensors={t.name: t for t in order},
        problems=first.problems + problems,
        evaluations=first.evaluations + second.evaluations,
        gradients=first.gradients + second.gradients,
        spent=Counter(first.spent) + Counter(second.spent),
        diagnosis=both(first.diagnosis, second.diagnosis),
        power=both(first.power, second.power),
        notes=both(first.notes, second.notes) + (note,) * bool(straight),
    )


def _of_several(reports: Sequence[Report]) -> list[TensorResult]:
    """Return the tensors of some reports; equal names are told apart by the function's name, or by a number."""
    known: dict[str, TensorResult] = {}
    for report in reports:
        for tensor in report.tensors.values():
            names = [tensor.name, f"{report.name}: {tensor.name}"]
            names += [f"{tensor.name} ({n})" for n in range(2, len(known) + 3)]
            name = next(name for name in names if name not in known)
            known[name] = tensor if name == tensor.name else replace(tensor, name=name)
    return [*known.values()]
