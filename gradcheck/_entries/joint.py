"""Do all tensors agree along a few directions through all of them at once? Only those that do not are measured further.

Along such a direction an error in a single entry shows in full, as `directions` has it. A tensor that does not agree
gets directions of its own, and where those tell nothing, as at a kink, its entries are measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from gradcheck._entries import directions
from gradcheck._entries.direction import TELLING, agrees
from gradcheck._entries.glance import agreeing, bands
from gradcheck._entries.under_test import Ints, UnderTest
from gradcheck._judge.tolerance import Standard
from gradcheck._results.floating import all_finite
from gradcheck._results.verdict import Verdict

FEW = 64  # entries that are measured one by one where a direction disagrees, or tells nothing: a search costs no less
KNOWN = 1e-3  # of a tensor's largest claim: an error in a single entry that must show
ROUNDINGS = 4.0  # of f, that its noise is taken for where it is not measured: more of it shows as disagreement
MEANS = f"{TELLING} random directions through all tensors"


def seen(tensors: Iterable[UnderTest]) -> dict[str, float]:
    """Return the tensors that agree, each with the smallest error that would have been seen in an entry of it."""
    return {tested.path: error for tested, error in _agreeing(tensors) if _sharp(error, tested.standard)}


def well_known(tensors: Iterable[UnderTest]) -> dict[str, float]:
    """Return the same of many tensors, where it is as good as what directions tell of a large one."""
    found = _agreeing(tensors)
    return {t.path: error for t, error in found if bool(t.standard.sharp(error, t.standard.largest))}


def _agreeing(tensors: Iterable[UnderTest]) -> Iterator[tuple[UnderTest, float]]:
    usable = [t for t in tensors if all_finite(t.columns.claims) and t.columns.claims.any()]
    for band in bands(usable):
        found = agreeing(band, TELLING)
        yield from ((tested, found[tested.path]) for tested in band if tested.path in found)


def by_itself(tested: UnderTest) -> tuple[Ints | None, float]:
    """Look along directions through one tensor; return the entries that were measured, and what would have been seen.

    They are those that were measured as what is wrong was located; None where directions do not tell.
    """
    fine, error = agrees(tested, None, TELLING)
    if fine and _sharp(error, tested.standard):
        return np.zeros(0, dtype=np.int64), error
    if not fine and tested.leaf.moving > FEW:
        found = directions.screen(tested, quick=True).measured
        if (tested.columns.codes[found] == Verdict.WRONG).any():
            return found, 0.0
    return None, 0.0


def _sharp(error: float, standard: Standard) -> bool:
    """Whether an error that would have been seen in a tensor is small enough to say that it is right."""
    return error <= KNOWN * standard.largest
