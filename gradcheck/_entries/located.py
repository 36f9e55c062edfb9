"""Which entries are wrong, where a direction through many of them disagrees? Found by their places, or by halving.

The coefficients stay the same during one search, so the part of a difference that one half does not explain is in the
other. A second direction weights each entry by its place: a single error shows in both, and the quotient is its place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradcheck._entries.calibrate import BEST
from gradcheck._entries.direction import Floats, Ints, along
from gradcheck._entries.glance import coefficients
from gradcheck._entries.one_entry import climb, confirm
from gradcheck._entries.second_opinions.jumps import rule_out_along_all
from gradcheck._entries.under_test import UnderTest
from gradcheck._model.tally import ALONG, spending
from gradcheck._results.verdict import Verdict

LOCATED = 256  # wrong entries after which the search ends: the tensor is wrong, and the pattern plain
ENDED = f"the search for wrong entries ended when {LOCATED} were found; there may be more"
ROUNDS = 4  # times as many entries as are to be found, that are measured at the most
CONVINCED = 4  # wrong entries, found by whole ladders, after which shorter ones serve where the case is plain
CODED = 8  # entries of which the place is asked for; fewer are halved
NARROW = 0.5  # of a part: a place known less precisely helps no more than halving
WIDER = 1.5  # times what is unknown of a place
SAME = 0.5  # of a difference: what a window shows of it, if all of it lies there
SMALL = 0.1  # of a difference: what is unknown of it, beyond which it is measured again; and of that, to tell a place


@dataclass(frozen=True)
class _Part:
    """Some entries, and by how much the slope along them is off."""

    members: Ints  # positions in the columns
    off: float  # claimed less measured
    unknown: float
    tells: bool = True  # whether anything is known of it

    @property
    def disagrees(self) -> bool:
        return self.tells and not abs(self.off) <= self.unknown


@spending(ALONG)
def locate(tested: UnderTest, tries: int = 1) -> Ints:
    """Search along one of some directions until every wrong entry is found; return those measured.

    Once some are found, others may be hidden in the other halves: what was measured is put in the
    place of what is claimed, and the search goes on for as long as something disagrees.
    """
    measured: dict[int, None] = {}
    believed, failed = tested.columns.claims, 0
    while failed < tries and len(measured) < ROUNDS * LOCATED:
        search = _Search(tested, coefficients(tested.rng, len(believed)), believed)
        whole, before = search.look(tested.leaf.moved), len(measured)
        if whole.disagrees:
            search.run(whole, measured)
        found = np.fromiter(measured, dtype=np.int64)
        wrong = found[tested.columns.codes[found] == Verdict.WRONG]
        if len(wrong) >= LOCATED or (len(wrong) and not whole.disagrees):
            break
        if len(wrong) and len(measured) > before:
            believed = believed.copy() if believed is tested.columns.claims else believed
            believed[wrong] = tested.columns.estimates[wrong]
        else:
            failed += 1
    return np.sort(np.fromiter(measured, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class _Search:
    """A search with coefficients of its own."""

    tested: UnderTest
    drawn: Floats
    believed: Floats  # what is claimed, or known

    def run(self, whole: _Part, measured: dict[int, None]) -> None:
        """Measure the entries in which a difference lies; those that were measured are noted."""
        parts, wrong, codes = [whole], 0, self.tested.columns.codes
        while parts and wrong < LOCATED:
            part = parts.pop()
            if len(part.members) > 1:
                narrowed = self._narrowed(part)
                parts += self._halved(part) if narrowed is None else [narrowed]
                continue
            k = int(part.members[0])
            if k not in measured:
                measured[k] = None
                if wrong < CONVINCED:
                    climb(self.tested, k)
                else:
                    confirm(self.tested, k, BEST)
                wrong += codes[k] == Verdict.WRONG

    def look(self, members: Ints, off: float = 0.0, weights: Floats | float = 1.0) -> _Part:
        """Measure along some entries, well enough to tell a difference of some size from none."""
        enough = SMALL * abs(off) if np.isfinite(off) else 0.0
        every = len(members) == len(self.drawn)
        drawn = (self.drawn if every else self.drawn[members]) * weights
        slope = along(self.tested, None if every else members, drawn, self.believed, enough)
        if slope.disagrees and not slope.known:  # of no end
            return _Part(members, np.inf, 0.0)
        return _Part(members, slope.claim - slope.estimate.value, slope.limit, tells=slope.known)

    def _halved(self, part: _Part) -> list[_Part]:
        """Return the halves that disagree, the first one last; the second must hold what the first does not."""
        first, second = np.array_split(part.members, 2)
        one = self.look(first, part.off)
        other = _Part(second, part.off - one.off, part.unknown + one.unknown)
        if not (one.tells and np.isfinite(part.off)) or other.unknown > SMALL * abs(other.off):
            other = self.look(second, part.off)
        halves = [half for half in (other, one) if half.disagrees]
        single = [_Part(half, np.inf, 0.0) for half in (second, first) if len(half) == 1]
        return halves or single

    def _narrowed(self, part: _Part) -> _Part | None:
        """Return the few entries in which all of a difference lies; None where it does not lie in one place."""
        count = len(part.members)
        if count < CODED or not np.isfinite(part.off):
            return None
        places = np.linspace(-1.0, 1.0, count)
        coded = self.look(part.members, SMALL * part.off, places)
        if not coded.tells:
            return None
        place = coded.off / part.off
        unknown = WIDER * (coded.unknown + abs(place) * part.unknown) / abs(part.off)
        low, high = np.searchsorted(places, [place - unknown, place + unknown])
        window = part.members[max(low - 1, 0) : high + 1]
        if not 0 < len(window) <= NARROW * count:
            return None
        there = self.look(window, part.off)
        if not there.disagrees or abs(there.off - part.off) > SAME * abs(part.off):
            return None
        rule_out_along_all(self.tested)
        return there
