"""Is something left out of the gradient, by what a framework has for it: a detach, a no_grad, a padding index?

Each is undone in turn, and the gradient computed again. If it then equals what was measured, in every entry, that is
the cause, whether or not it was on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import Array, Context, Evidence
from gradcheck._model.undone import Undone
from gradcheck._results.report import TensorResult

Ask = Callable[[Undone], Mapping[str, Array] | None]  # the gradient without something, by name; None if it fails


def left_out(
    results: Iterable[TensorResult],
    undone: Iterable[Undone],
    ask: Ask,
    holds: Callable[[Undone, frozenset[str]], bool] = lambda *_: False,
) -> Cause | None:
    """Return what is left out of the gradients of tensors in which something is wrong.

    `holds` says whether the claims of some tensors are right while something is held constant.
    """
    tensors = [Evidence.of(result, Context()) for result in results]
    wrong = [evidence for evidence in tensors if evidence.wrong.any()]
    names = wrong[0].name if len(wrong) == 1 else ""
    if not all(evidence.known[evidence.wrong].all() for evidence in wrong):
        return None  # no gradient is right where the slope is infinite
    for one in undone:
        if one.held is not None:
            if wrong and holds(one, frozenset(evidence.name for evidence in wrong)):
                return Cause(Slip.LEFT_OUT, names, one.sentence)
            continue
        if one.gradient is None:
            if wrong and all(evidence.name in one.tensors for evidence in wrong):
                return Cause(Slip.LEFT_OUT, names, one.sentence)
            continue
        gradient = ask(one)
        if gradient is not None and all(_right(evidence, gradient) for evidence in tensors):
            still = one.flat and all(not (np.abs(e.estimate) > e.slack)[e.wrong].any() for e in wrong)
            return Cause(Slip.LEFT_OUT, names, one.flat if still else one.sentence)
    return None


def _right(evidence: Evidence, gradient: Mapping[str, Array]) -> bool:
    claim = gradient.get(evidence.name)
    if claim is None or np.shape(claim) != evidence.claim.shape:
        return False
    return evidence.reproduced(np.asarray(claim, dtype=np.float64))
