"""How are the gradients of inner layers combined? A use is ignored or counted twice, or a state is not passed on.

Recorders in place of the layers noted the inputs and gradients of each use. The gradient of a parameter
is the sum over the uses of its layer; that of an input is a sum as well; and where one use passes its output
on to the next, the gradient of the next is part of the cotangent of the one before.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradcheck._diagnose.acceptance import NEGLIGIBLE
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.evidence import PLENTY, SEVERAL, Evidence, Floats
from gradcheck._diagnose.laboratory import Laboratory
from gradcheck._model import trees


def uses(evidence: Evidence) -> Cause | None:
    """One use of several, or all but one; a layer that is ignored; a state that is not handed on."""
    lab = evidence.context.lab
    if lab is None or not evidence.whole or evidence.claim.size < SEVERAL:
        return None
    met = list(_last_of_its_kind(lab.uses))
    by_path: dict[str, list[Any]] = {}
    for use in met:
        by_path.setdefault(use.path, []).append(use)
    for path, same in sorted(by_path.items(), key=lambda item: item[0].count(".")):
        found = len(same) > 1 and (_one_of(evidence, path, same) or _order(path, same) or _carried(lab, path, same))
        if found:
            return Cause(Slip.USE_OF_A_LAYER, evidence.name, found)
    return None


def not_added(evidence: Evidence) -> Cause | None:
    """What comes back to an input from one of the layers within is not added, or is added twice."""
    lab = evidence.context.lab
    if lab is None or evidence.kind != "input" or not evidence.whole or evidence.claim.size < PLENTY:
        return None
    for use in _last_of_its_kind(lab.uses):
        for k, back in enumerate(use.returned[:-1] if use.returned and use.path else ()):
            if back is None or np.shape(back) != evidence.claim.shape:
                continue
            by = f", by its argument {k}," if len(use.args) > 1 else ""
            for sign, much in ((1, "is not added"), (-1, "is added twice")):
                if evidence.explained(evidence.estimate - sign * np.asarray(back, dtype=np.float64), least=PLENTY):
                    return Cause(Slip.LAYER_NOT_ADDED, evidence.name, f"what comes back from {use.name}{by} {much}")
    return None


def _last_of_its_kind(met: list[Any]) -> Iterator[Any]:
    """Yield uses with different arguments; of those with the same ones the last, as it is the one that counts."""
    for k, use in enumerate(met):
        if not any(_same_arguments(use, later) for later in met[k + 1 :]):
            yield use


def _same_arguments(a: Any, b: Any) -> bool:  # noqa: ANN401
    return (
        a.path == b.path
        and len(a.args) == len(b.args)
        and all(_equal(x, y) for x, y in zip(a.args, b.args, strict=True))
    )


def _equal(a: Any, b: Any) -> bool:  # noqa: ANN401
    return np.shape(a) == np.shape(b) and bool(np.all(np.asarray(a) == np.asarray(b)))


def _near(a: Floats, b: Floats, scale: Floats | float = 0.0) -> bool:
    size = float(np.max(np.abs(b), initial=0.0)) + float(np.max(np.abs(scale), initial=0.0))
    return np.shape(a) == np.shape(b) and size > 0 and bool((np.abs(a - b) <= NEGLIGIBLE * size).all())


def _one_of(evidence: Evidence, path: str, same: list[Any]) -> str | None:
    """Compare the claim with the gradients of single uses."""
    grads = [g for use in same if (g := _gradient(evidence, path, use)) is not None]
    if len(grads) != len(same):
        return None
    total, n = np.sum(grads, axis=0), len(same)
    if not evidence.measured(total):
        return None
    named = [("the last", n - 1), ("the first", 0), *((f"number {k + 1}", k) for k in range(1, n - 1))]
    supposed = [
        *((grads[k], f"only {w} of {n} uses of {path} counts: the sum over all of them is meant") for w, k in named),
        *((total - grads[k], f"{w} of {n} uses of {path} is ignored") for w, k in named),
        *((total + grads[k], f"{w} of {n} uses of {path} is counted twice") for w, k in named),
        (total / n, f"every entry is 1/{n} of the measured value, with {n} uses of {path}: their mean, not their sum"),
    ]
    return next((words for gradient, words in supposed if _near(evidence.claim, gradient, total)), None)


def _gradient(evidence: Evidence, path: str, use: Any) -> Floats | None:  # noqa: ANN401
    if not evidence.name.startswith(path) or not use.returned:
        return None
    for inner, leaf in trees.leaves(use.returned[-1]):
        whole = trees.join(path, inner if inner.startswith("[") else f".{inner}")
        if whole == evidence.name and np.shape(leaf) == evidence.claim.shape:
            return np.asarray(leaf, dtype=np.float64)
    return None


def _order(path: str, same: list[Any]) -> str | None:
    """Say that the backward visits the uses in forward order, although each depends on the one before."""
    if _link(same) is None or [u.turn for u in same] != sorted(u.turn for u in same):
        return None
    return f"the {len(same)} uses of {path} are visited in forward order by the backward, the first one first"


def _link(same: list[Any]) -> tuple[int, int] | None:
    """Return which output of each use is which argument of the next, if one is."""
    for j in range(len(same[0].outputs)):
        for k in range(len(same[0].args)):
            if all(
                k < len(b.args) and np.size(a.outputs[j]) and _equal(a.outputs[j], b.args[k])
                for a, b in itertools.pairwise(same)
            ):
                return j, k
    return None


def _carried(lab: Laboratory, path: str, same: list[Any]) -> str | None:
    """Say that the gradient of a use does not reach the one before, or that its own output is ignored."""
    link = _link(same)
    if link is None or len(lab.outputs) < 1:
        return None
    j, k = link
    asked = _asked(lab.outputs[0], lab.cotangent[0], [u.outputs[j] for u in same])
    if asked is None:
        return None
    given = [np.asarray(u.back[j], dtype=np.float64) for u in same[:-1]]
    later = [np.asarray(u.returned[k], dtype=np.float64) for u in same[1:]]
    if all(_near(a + b, g) for a, b, g in zip(asked, later, given, strict=False)):
        return None
    if all(_near(a, g) for a, g in zip(asked, given, strict=False)):
        return (
            f"what comes back from a use of {path} is not passed on to the use before it: each is taken for the first"
        )
    if all(_near(b, g) for b, g in zip(later, given, strict=True)):
        return f"the cotangent of the output of each use of {path} is ignored, and only the next use counts"
    return None


def _asked(y: Floats, c: Floats, outputs: list[Any]) -> list[Floats] | None:
    """Return the cotangent to the output of each use, if all are found among the outputs of the whole."""
    for axis in range(y.ndim):
        places = [[i for i in range(y.shape[axis]) if _equal(np.take(y, i, axis), o)] for o in outputs]
        if all(len(p) == 1 for p in places):
            return [np.take(c, p[0], axis) for p in places]
    return None
