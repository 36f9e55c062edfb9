"""Which classic mistakes would this very check have missed? Pure: results in, sentences out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck._patterns import Case, Context
from gradcheck._report import Report, TensorResult, Verdict


def power(report: Report, context: Context) -> tuple[str, ...]:
    """Return the classic mistakes that this very check would have missed, and why; costs no evaluation."""
    missed: dict[str, list[str]] = {}
    for tensor in report.tensors.values():
        if tensor.wrong or not tensor.checked:
            continue
        for mistake in _missed(Case.of(tensor, context), tensor):
            missed.setdefault(mistake, []).append(tensor.name)
    sentences = [f"{', '.join(names)}: {mistake}" for mistake, names in missed.items()]
    if any("batch" in name and n == 1 for name, n in context.sizes.items()):
        sentences.insert(
            0, "the batch holds one example, so a forgotten 1/N or a forgotten sum over the batch cannot be seen"
        )
    return tuple(sentences)


def _missed(case: Case, tensor: TensorResult) -> Iterator[str]:
    """Apply the mistakes to the claim and yield those that the estimates would not have contradicted."""
    if tensor.verdict is Verdict.UNTESTED:
        yield "any mistake that leaves zero zero would have been missed: nothing here moves the function"
        return
    if case.explained(-case.claim):
        yield "a wrong sign would have been missed: the gradient is not known well enough"
    elif case.explained(2 * case.claim):
        yield "a factor 2 would have been missed: the gradient is not known well enough"
    claim = case.claim
    if claim.ndim == 2 and claim.shape[0] == claim.shape[1] > 1 and case.explained(claim.T):
        yield "a transposed gradient would have been missed: it is symmetric"
    if claim.ndim and claim.shape[0] > 1 and case.explained(np.roll(claim, 1, 0)):
        yield "rows shifted by one would have been missed: they are all alike"
    untested = tensor.counts[Verdict.UNTESTED]
    if untested:
        yield f"{untested} of {tensor.checked} entries are zero on both sides and were not tested"
