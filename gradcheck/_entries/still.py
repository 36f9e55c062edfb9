"""Is zero claimed of an entry because f stands still there, on a stair of a solver that stops early?

Where nothing but zero is claimed, that is the slope of every stair. But where others are claimed to have the slope of
the whole flight, and have it, so has this one: the steps that show theirs are taken for it as well.
"""

from __future__ import annotations

import numpy as np

from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._judge.verdict import DROWNED
from gradcheck._measure import derivative
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

OPEN = (Verdict.UNTESTED, Verdict.UNDECIDED)


def learn(tested: UnderTest, k: int, estimate: Estimate) -> None:
    """Remember the noise, if it is more than rounding, with which an entry has the slope that is claimed."""
    claim, sigma = float(tested.columns.claims[k]), max((rung.sigma for rung in estimate.rungs[:1]), default=0.0)
    meant = claim != 0 and _clear(estimate) and abs(claim - estimate.value) <= estimate.uncertainty
    if meant and sigma > tested.believed:
        tested.tally.flight = max(tested.tally.flight, sigma)


@spending(SECOND)
def look_again(tested: UnderTest, chosen: Ints) -> None:
    """Measure entries that stand still, and are claimed to, as those were that have a slope over larger steps."""
    columns, sigma = tested.columns, tested.tally.flight
    if not sigma:
        return
    codes, claims = columns.codes[chosen], columns.claims[chosen]
    for k in chosen[np.isin(codes, OPEN) & (claims == 0)].tolist():
        ladder = tested.ladder(k, max(sigma, tested.sigma))
        coarsest = ladder.climb(0, 0)
        if not abs(coarsest.central[0]) > coarsest.noise[0]:
            continue
        estimate = derivative.estimate(ladder)
        if _clear(estimate) and tested.judge(k, estimate) is Verdict.WRONG:
            columns.put(k, estimate, Verdict.WRONG)


def _clear(estimate: Estimate) -> bool:
    return abs(estimate.value) > DROWNED * estimate.uncertainty
