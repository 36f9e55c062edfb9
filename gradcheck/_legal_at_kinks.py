"""Is a claim at kinks legal where f has no slope? Where the rules of single steps make it, each with a legal choice.

As PyTorch's by an input of zeros to a layer of ReLUs, that f has nowhere nearby. It must be right at other points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gradcheck._diagnose.budget import Budget
from gradcheck._diagnose.experiments import Lab
from gradcheck._diagnose.steps import kinks
from gradcheck._entries import neighbours
from gradcheck._model.ending import forgiven
from gradcheck._model.oracle import Array
from gradcheck._model.subject import Subject
from gradcheck._results.names import few_of
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

MADE = 1e-5  # of the largest entry: a gradient that is the claim, or what was measured
FINE = 2.0**-20  # of the scale, a step that crosses no kink but by chance
ALIKE = 2.0**-8  # of the sum of sizes, by which a slope may differ from what is claimed of it: rounding and curvature
NEARBY = 3  # points at which a claim that is legal at kinks has to be right
LEFT_OVER = 1e-3  # of what a claim is wrong by: what a gradient that explains it may differ from it
RIGHT_ONES = (Verdict.CORRECT, Verdict.UNTESTED)
BY_RULES = (
    "{names}: at kinks of {steps} the claim is what the rules of the single steps make of it: each is a legal choice, "
    "and the function as a whole has no derivative there"
)


def legal_at_kinks(results: dict[str, TensorResult], subject: Subject) -> dict[str, TensorResult]:
    """Return results in which claims are legal that the rules of single steps make at their kinks."""
    wrong = [result for result in results.values() if result.wrong]
    if not all(_at_kinks(result) for result in wrong):
        return results
    lab = Lab(subject, Budget.after(subject.tally))
    alternatives = lab.alternatives
    subject.tally.evaluations += lab.budget.spent
    if alternatives is None or not all(_measured(r, alternatives.right[r.name]) for r in wrong):
        return results
    with np.errstate(all="ignore"), forgiven():
        met = kinks.kinks(alternatives.way)
        every = [alternatives.right, *(kinks.gradients(alternatives.way, met) if met else ())]
        if any(all(_claimed(r, gradients[r.name]) for r in wrong) for gradients in every):
            legal = {path: _legal(r, [g[r.name] for g in every]) if r.wrong else r for path, r in results.items()}
            if not any(result.wrong for result in legal.values()) and _right_nearby(subject, results):
                steps = few_of(list(dict.fromkeys(kink.name for kink in met))) or "conditions"
                subject.say(BY_RULES.format(names=few_of([r.name for r in wrong]), steps=steps))
                return legal
    return results


def _right_nearby(subject: Subject, results: Mapping[str, TensorResult]) -> bool:
    """Whether the claims of tensors that are wrong at the given point are right at others, where there are no kinks."""
    wrong, rng = [path for path, result in results.items() if result.wrong], np.random.default_rng(0)
    for _ in range(NEARBY):
        with neighbours.somewhere_near(subject, rng, sets=neighbours.sets_of(subject)) as place:
            for path in wrong:
                signs = rng.choice([-1.0, 1.0], results[path].shape)
                along = subject.leaves[path].spread.reshape(signs.shape) * signs
                claim = place.claims.get(path)
                line = place.subject.direction({path: along})
                slope = (line(FINE)[1] - line(-FINE)[1]) / (2 * FINE)
                if claim is None or not abs(slope - np.sum(along * claim)) <= ALIKE * np.sum(np.abs(along * claim)):
                    return False
    return True


def _at_kinks(result: TensorResult) -> bool:
    """Whether what is wrong is so at the given point, where some slopes on the left are others than on the right."""
    wrong = result.codes == Verdict.WRONG
    if result.places.keys() & set(result.flat[wrong].tolist()):
        return False
    with np.errstate(invalid="ignore"):
        return bool(kinks.apart(result.lefts, result.rights).any())


def _measured(result: TensorResult, gradient: Array) -> bool:
    """Whether a gradient is what was measured of the entries that are right."""
    right = np.isin(result.codes, RIGHT_ONES)
    return bool((np.abs(gradient.ravel()[result.flat] - result.estimates) <= _room(gradient))[right].all())


def _claimed(result: TensorResult, gradient: Array) -> bool:
    """Whether a gradient is what is claimed; of what a claim is wrong by next to nothing may be left."""
    lacking = np.abs(result.estimates - result.claims)
    most = np.where(result.codes == Verdict.WRONG, LEFT_OVER * lacking, np.inf)
    off = np.abs(gradient.ravel()[result.flat] - result.claims)
    return bool((off <= np.minimum(_room(gradient), most)).all())


def _room(gradient: Array) -> float:
    return MADE * float(np.max(np.abs(gradient), initial=0.0))


def _legal(result: TensorResult, gradients: list[Array]) -> TensorResult:
    """Return a result whose wrong entries are kinks, where its sides, or the rules of single steps, differ."""
    several = np.stack([result.lefts, result.rights, *(gradient.ravel()[result.flat] for gradient in gradients)])
    low, high = several.min(axis=0), several.max(axis=0)
    which = (result.codes == Verdict.WRONG) & (high > low)
    codes = np.where(which, Verdict.KINK, result.codes).astype(np.int8)
    lefts, rights = np.where(which, low, result.lefts), np.where(which, high, result.rights)
    return replace(result, codes=codes, lefts=lefts, rights=rights)
