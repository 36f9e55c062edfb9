"""Is weight decay wrong in a part of a vector: with the bias that is its first entry, or without?"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from gradcheck._diagnose.acceptance import MANY, is_plain
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.constant_factor import numbers_seen
from gradcheck._diagnose.evidence import Evidence, where

RATES = 64  # that are tried: each number that the function sees, or its double, in a mean or not


def decay_in_part(evidence: Evidence) -> Cause | None:
    """A number that the function sees times the weight itself, too much or too little in the wrong entries alone."""
    x, part = evidence.value, evidence.wrong & evidence.known
    data = evidence.kind == "input" and len(evidence.context.values) > 1  # a lone vector holds parameters by any name
    if x is None or data or not part.any() or not (evidence.right & ~evidence.still).any():
        return None
    itself = "the weight itself" if evidence.kind != "input" else f"{evidence.name} itself"
    for (words, rate), sign in itertools.product(itertools.islice(_rates(evidence), RATES), (1.0, -1.0)):
        if evidence.explained(np.where(part, evidence.estimate + sign * rate * x, np.nan)):
            if all(map(is_plain, (evidence.claim[part] / (rate * x[part]))[:MANY])):
                continue  # of small whole numbers one is mostly another and a third
            place = where(evidence)
            much, lacks = ("too much", "cost") if sign > 0 else ("missing", "gradient")
            said = (
                f"in the wrong entries{f' ({place})' if place else ''} {words} times {itself} is {much}: "
                f"weight decay that the {lacks} does not have there, as of a bias"
            )
            return Cause(Slip.DECAY, evidence.name, said)
    return None


def _rates(evidence: Evidence) -> Iterator[tuple[str, float]]:
    """Yield rates of weight decay, each in words."""
    sizes = dict.fromkeys(size.n for size in evidence.sizes if size.counted and size.n > 1)
    for name, number in numbers_seen(evidence):
        for twice, words in ((1, name), (2, f"2 {name}")):
            yield f"{words} = {twice * number:g}", twice * number
            for n in sizes:
                yield f"{words}/{n} = {twice * number / n:.6g}", twice * number / n
