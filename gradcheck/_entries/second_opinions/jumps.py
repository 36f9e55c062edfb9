"""Does f jump nearby, like a solver that stops early? Then the jumps limit how well f and its slope are known."""

from __future__ import annotations

import math
from dataclasses import replace

from gradcheck._entries.look import CONVINCED, SLIGHT, Look
from gradcheck._entries.under_test import UnderTest
from gradcheck._measure import derivative
from gradcheck._measure.jump import Jump, continuous_along, jump_nearby
from gradcheck._measure.step import Ladder
from gradcheck._model.leaf import VAST
from gradcheck._model.subject import DIRECTION_FINEST
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.verdict import Verdict

BETWEEN_JUMPS = 8.0  # jumps, over the distance of one, that the slope between them may leave out: a solver's own error
# is several times what it jumps by where it takes another step
FINER = 256.0  # ratio of the errors of two claims up to which the same search for jumps covers both
ALONE = 4.0  # that ratio where all of a tensor is off by what one entry is, and there is no other to cover
SHOWS = 1 / (2 * BETWEEN_JUMPS)  # of what a claim is off by: half of what a jump that excuses it adds to central slopes
# with steps of one to four times its distance
ONE = 1  # entry, near which a jump is looked for where none was found along all of them
WAYS = 3  # random directions through a tensor, along which jumps are looked for
DENSE = 1 / 16  # of the scale of an entry: jumps so near are a train of them, which larger steps average
STOPPED = (
    "{name}: looks like an iteration stopped at about {size:.0e}: the function jumps by that much nearby, and its "
    "slope is judged within what that leaves; tighten the tolerance of the solver to know more"
)


@spending(SECOND)
def jump_beside(look: Look, estimate: Estimate) -> Estimate | None:
    """Look for a jump nearby, like that of a solver that stops early, which limits how well f and its slope are known.

    Along the entry first; then, once, along all entries of its tensor, which move the solver further.
    """
    if not look.slight(estimate):
        return None
    for seek in (found_before, _along_the_entry, _along_the_tensor):
        second = seek(look, estimate)
        if second is not None and not look.accuses(second):
            return second
    return None


def found_before(look: Look, estimate: Estimate) -> Estimate | None:
    """Allow for what the jumps that were found leave, in the units of f, of a move as far as the entry is large."""
    unknown = BETWEEN_JUMPS * look.tested.experience.stopped / look.ladder.scale
    small = 0 < unknown <= SLIGHT * max(look.tested.standard.largest, abs(estimate.value))
    return replace(estimate, uncertainty=estimate.uncertainty + unknown) if small else None


def rule_out_along_all(tested: UnderTest) -> None:
    """Remember that no jump is met along all of a tensor: those of a solver would put off nearly all of its entries."""
    tested.experience.sought = True


def excuses_from(tested: UnderTest) -> float:
    """Return the error above which an explaining jump would have been found; inf if unknown, or if one was found."""
    experience, tally = tested.experience, tested.tally
    if not (tally.steady and experience.sought) or experience.stopped:
        return math.inf
    scale = tested.leaf.unit
    least = experience.excused if experience.unbroken else tally.excused / scale
    if math.isfinite(tally.continuous):
        least = max(least, tally.continuous / scale)
    return least / FINER or math.inf


def _along_the_entry(look: Look, estimate: Estimate) -> Estimate | None:
    experience, tally, away = look.tested.experience, look.tally, abs(look.claim - estimate.value)
    if away * FINER < experience.excused:  # an error this small could be due to jumps that were not searched for
        experience.unbroken, experience.sought, experience.excused = 0, False, 0.0
    if experience.unbroken >= _convinced(look) or _none_elsewhere(look, away):
        return None
    ladder, covers = look.careful, ALONE if experience.sought and not experience.unbroken else FINER
    covered = away * FINER / covers
    experience.excused, tally.excused = max(experience.excused, covered), max(tally.excused, covered * ladder.scale)
    jump = _jump(look.ladder, ladder.sigma, away, covers)
    experience.unbroken += jump is None
    tally.unbroken = 0 if jump else tally.unbroken + 1
    if jump is None:
        return None
    _remember(look, jump, ladder.scale)
    size = max(abs(look.claim), abs(estimate.value))
    dense = jump.distance <= DENSE * ladder.scale and jump.size <= SLIGHT * size * ladder.scale
    known = found_before(look, estimate)
    if not dense:
        return known
    rough = derivative.estimate(ladder.with_noise(jump.size))  # larger steps average over the jumps
    return rough if known is None or look.tested.judge(look.k, rough) is Verdict.CORRECT else known


def _convinced(look: Look) -> int:
    """Return the number of entries without a jump nearby after which the others are not searched."""
    experience = look.tested.experience
    return ONE if experience.sought and not experience.stopped else CONVINCED


def _none_elsewhere(look: Look, away: float) -> bool:
    """Whether entries of other tensors represent these: none jumped, and all of these are searched together as well."""
    several = look.tested.leaf.array.size > 1 and not look.tested.experience.stopped
    return several and look.tally.unbroken >= CONVINCED and away * look.ladder.scale * FINER >= look.tally.excused


def _along_the_tensor(look: Look, estimate: Estimate) -> Estimate | None:
    experience, tested = look.tested.experience, look.tested
    if experience.sought or tested.leaf.array.size == 1:
        return None
    experience.sought = True
    away = abs(look.claim - estimate.value) * look.ladder.scale
    if _none_along_all(tested, away):
        return found_before(look, estimate)
    finest = DIRECTION_FINEST * tested.leaf.eps
    for way in range(WAYS):
        jump = _jump(Ladder(tested.through(way), 1.0, tested.sigma, finest=finest), tested.sigma, away)
        if jump is None:
            break  # an iteration that stops early jumps whichever way one goes
        _remember(look, jump, 1.0)
    return found_before(look, estimate)


def _none_along_all(tested: UnderTest, away: float) -> bool:
    """Whether no jump is met along all tensors at once; looked for once, as each alone is where one is."""
    subject, tally = tested.subject, tested.tally
    if len(subject.chosen) <= 1 or sum(leaf.array.size for leaf in subject.chosen.values()) > VAST:
        return False
    if math.isnan(tally.continuous):
        finest = DIRECTION_FINEST * max(leaf.eps for leaf in subject.chosen.values())
        ladder = Ladder(subject.through(subject.chosen, 0), 1.0, tested.sigma, finest=finest)
        jump = _jump(ladder, tested.sigma, away)
        tally.continuous = away if jump is None else math.inf
    return away * FINER >= tally.continuous


def _jump(ladder: Ladder, sigma: float, away: float, covers: float = FINER) -> Jump | None:
    """Return a jump that would excuse a claim which is off by so much, sought where the slopes leave room for one.

    Or by less: it `covers` errors that are so many times smaller.
    """
    clear = continuous_along(ladder, SHOWS * away / covers)
    return jump_nearby(ladder.line, ladder.scale, sigma, clear=clear, least=away / (covers * BETWEEN_JUMPS))


def _remember(look: Look, jump: Jump, scale: float) -> None:
    """Record how steep the jumps are, and report them where they are small enough to be a solver's."""
    subject, name = look.tested.subject, look.tested.leaf.name
    size = max(abs(look.claim), look.tested.standard.largest)
    if BETWEEN_JUMPS * jump.slope * scale / look.ladder.scale > SLIGHT * size:
        return
    look.tally.allow(look.tested.path, BETWEEN_JUMPS * jump.slope * scale)
    look.tested.experience.stopped = max(look.tested.experience.stopped, jump.slope * scale)
    if name not in subject.tally.named:
        subject.tally.named += (name,)
        subject.say(STOPPED.format(name=name, size=jump.size))
