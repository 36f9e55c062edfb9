"""Is the gradient of the outputs right that are too small to be seen beside the others?

The cotangent gives every output a weight of order one: a wrong derivative of a small output is lost in the right one of
a large output. So outputs of another order of magnitude are looked at once more, by a cotangent that holds them alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from gradcheck._entries.direction import agrees
from gradcheck._entries.groups import Group, alone, groups
from gradcheck._entries.joint import FEW
from gradcheck._entries.located import locate
from gradcheck._entries.measure import Extent, measured, standards
from gradcheck._entries.one_by_one import measure
from gradcheck._entries.under_test import UnderTest
from gradcheck._model.ending import ends
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.estimate import SMALLEST
from gradcheck._results.report import TensorResult
from gradcheck._results.verdict import Verdict

Results = dict[str, TensorResult]


def one_by_one(subject: Subject, results: Results, extent: Extent) -> tuple[Subject, Results]:
    """Look at each group of small outputs alone; return the first that is wrong, measured, in the place of the whole.

    What would have been seen of each is noted in the tally.
    """
    found = groups(subject)
    least = {group.name: max((t.resolution for t in results.values()), default=math.inf) for group in found[:1]}
    for group in found[1:]:
        try:
            look = _look(subject, group, extent) if group.known else Glance(wrong=False, seen=math.inf)
        except (CallError, InputError) as error:  # no pullback, or one that takes no other cotangent
            if ends(error):
                raise
            look = Glance(wrong=False, seen=SMALLEST * group.smaller)
        least[group.name] = look.seen
        if look.wrong:
            there = alone(subject, group)
            again = measured(there, there.claims(), replace(extent, neighbours=0), there)
            if any(result.wrong for result in again.values()):
                return _noted(there, group), _worse(results, again, group)
    subject.tally.least = {name: max(seen, SMALLEST) for name, seen in least.items()}
    return subject, results


@dataclass(frozen=True)
class Glance:
    """What the outputs of a group alone say of all tensors."""

    wrong: bool
    seen: float  # the smallest error that would have been seen, relative to the largest slope of a tensor


def _look(subject: Subject, group: Group, extent: Extent) -> Glance:
    """Screen every tensor by the outputs of a group alone; raises what the user's gradient raises of them."""
    there = alone(subject, group)
    claims = there.claims()
    held = standards(there, claims, extent)
    rng = np.random.default_rng(extent.seed)
    found, worst = False, 0.0
    for path, claim in claims.items():
        tested = UnderTest.of(there, path, claim.astype(np.float64, copy=False).ravel(), held[path], rng)
        wrong, seen = _screened(tested)
        found |= wrong
        if tested.standard.largest:
            worst = max(worst, seen / tested.standard.largest)
    return Glance(found, worst)


def _screened(tested: UnderTest) -> tuple[bool, float]:
    """Return whether an entry is wrong, and the smallest error that would have been seen in one."""
    fine, seen = agrees(tested, None, directions=1)
    few = len(tested.columns.claims) <= FEW
    if fine and (math.isfinite(seen) or not few):
        return False, seen
    which = np.arange(len(tested.columns.claims)) if few else locate(tested)
    if few:
        measure(tested, which, tested.subject)
    wrong = bool((tested.columns.codes[which] == Verdict.WRONG).any())
    return wrong, float(np.max(np.nan_to_num(tested.columns.uncertainties[which], nan=math.inf), initial=0.0))


def _noted(there: Subject, group: Group) -> Subject:
    """Return the subject of a wrong group, with a note why it replaces the whole."""
    times = np.format_float_scientific(group.smaller, precision=0, trim="-", exp_digits=1).replace("e+", "e")
    note = f"measured by {group.name} alone, which the other outputs hide: it moves {times} times less than they do"
    return replace(there, notes=(*there.notes, note))


def _worse(
    results: Mapping[str, TensorResult], again: Mapping[str, TensorResult], group: Group
) -> dict[str, TensorResult]:
    """Return the results of the whole, and those of a group in the places of tensors that are wrong by it."""
    at = f"{group.name} alone"
    placed = {path: replace(t, places=dict.fromkeys(map(int, t.flat), at)) for path, t in again.items() if t.wrong}
    return {**results, **placed}
