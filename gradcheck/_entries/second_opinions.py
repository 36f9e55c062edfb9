"""Which second opinions are there on an entry? Each looks in another way, and says what it saw, or nothing.

Some are asked where an estimate is blunter than could be, some before an accusation, some before an acquittal by a
narrow margin. Each exists for cases in `tests/traps`; `python -m benchmarks ablation` shows what fails without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np

from gradcheck._entries.look import CONVINCED, SHARP, SLIGHT, Look
from gradcheck._entries.nearer import own_scale, where_the_claim_shows
from gradcheck._entries.under_test import LAST_DIGITS
from gradcheck._judge.tolerance import COARSE, GROSS
from gradcheck._measure import derivative, least_squares
from gradcheck._measure.extrapolate import Limit
from gradcheck._measure.jump import Jump, continuous_to, jump_nearby
from gradcheck._measure.noise import QUIET, UNEVEN
from gradcheck._measure.plateaus import edge, fall, stairs_beneath
from gradcheck._measure.step import FIRST, Ladder
from gradcheck._model.subject import DIRECTION_FINEST
from gradcheck._model.tally import SECOND, spending
from gradcheck._results.estimate import Estimate
from gradcheck._results.floating import DOUBLE
from gradcheck._results.middle import median
from gradcheck._results.verdict import Verdict

SMALLER = 1e-4  # of their tensor's largest: smaller entries are not looked at more closely
HOPE = 10.0  # how far from sharp an entry may stay for a closer look to be worth it
BETTER = 2.0  # how many times less a fit must leave unknown than a ladder
SCATTERED = 3  # rungs in each of the two groups, the finest, whose scatter is looked at
MEDIAN = 2.0  # standard deviations of the noise, in medians of what it moves a central slope by, times the step
FALLS = 16.0  # what falls by more from each of the finest rungs to the next is curvature, which falls by 64
NOISIER = 2.0  # how many times more noise than was measured they must show
FASTEST = 8192.0  # radians over an entry's scale, of a wave as high as f's last digits
OTHER_STEPS = (0.5, 0.7, 0.85)  # at which that is done: the steps of the ladder times one of these
BLUNTER = 4.0  # how many times less a second opinion on a slight error may know, to count
NEARLY = (1.0, 0.92, 0.85)  # steps, as above, of the ladders that a kink keeps short
SHORT = 3  # rungs of those below their first
WIDEST = 2.0**-4  # of the scale: steps at which stairs of half precision show; wider ones are no rounding
BETWEEN_JUMPS = 8.0  # jumps, for the distance of one, that the slope between them may leave out: a solver's own error
# is several times what it jumps by where it takes another step
FINER = 8.0  # times less than a claim is off by, that another may be which the same search for jumps excuses
SHOWS = 1 / (16.0 * BETWEEN_JUMPS)  # of what a claim is off by: half of what a jump that excuses it adds to central
# slopes with steps of one to four times its distance
WAYS = 3  # random directions through a tensor, along which jumps are looked for
DENSE = 1 / 16  # of the scale of an entry: jumps so near are a train of them, which larger steps average
STOPPED = (
    "{name}: looks like an iteration stopped at about {size:.0e}: the function jumps by that much nearby, and its "
    "slope is judged within what that leaves; tighten the tolerance of the solver to know more"
)
HIGHEST = 2.0**-7  # of what f rises by over the scale: the last place of a number of eight binary digits
STANDING = 2  # rungs, the finest, at which f stands still
ONE_OF_TWO = (
    1.4  # standard deviations of the noise, in what it moves a central slope by from rung to rung, times the step
)
CANCELS = 2.0**20  # how large numbers are at most that are thought to cancel: else their unit may be a step on purpose
A_FEW = 2.0**8  # how many units a number is at most that is said to be a few of them
SEVERAL = (4.0, 16.0, 64.0, 256.0)  # times one stair, that the noise of those of many numbers, large and small, may be
STAIR = 2.0**-17  # how wide a stair may be, of the scale of an entry
STEEP = 1024.0  # how high it is at least, in roundings of f


class Moment(Enum):
    """When an opinion is asked for."""

    BLUNT = auto()  # of every estimate: it may be blunter than it could be
    ACCUSED = auto()  # before a claim is called wrong
    ACQUITTED = auto()  # before one is called right that two evaluations contradicted by a narrow margin


@spending(SECOND)
def stairs_beneath_a_slope(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise of what is rounded inside of f, where fine steps show the slope of the rest alone."""
    ladder, experience = look.ladder, look.tested.experience
    if estimate.rungs and 0 < look.size < estimate.rungs[-1].step:
        return None  # no step was as small as the entry: f may look like anything from there
    quietest = min(QUIET * look.tested.subject.rounding() / ladder.sigma, 1.0)
    found = fall(estimate.rungs, quietest) if experience.smooth < CONVINCED else None
    if not estimate.jump and (found is None or found.step > WIDEST * ladder.scale):
        if quietest < 1 and _on_a_stair(estimate):
            return _over_the_flight(look, estimate)
        lost = quietest < 1 and math.isinf(estimate.uncertainty)
        return _noisier(look, estimate) if experience.stairs or lost else None
    quiet = ladder.sigma if found is None else min(ladder.sigma, found.scatter)
    sigma = edge(estimate.rungs) if found is None else stairs_beneath(ladder.line, found, quiet, ladder.finest)
    steepest = max(abs(rung.central) for rung in estimate.rungs)
    if found is not None and sigma > HIGHEST * ladder.scale * steepest:
        return None  # steps on purpose, higher than any rounding makes them
    known = experience.stairs
    experience.stairs = max(known, sigma)  # whoever looks from nearer must know of it
    second = _on_stairs(look, estimate, sigma) if sigma else None
    # At an edge of a stair f jumps, but by little; where it jumps by much it is no stair.
    if second is None or (estimate.jump and not second.uncertainty <= COARSE * abs(second.value)):
        experience.smooth, experience.stairs = experience.smooth + 1, known
        return None
    return second


def _on_a_stair(estimate: Estimate) -> bool:
    """Whether f stands still at the finest steps, though not at coarser ones."""
    return not estimate.flat and all(rung.left == 0 == rung.right for rung in estimate.rungs[-STANDING:])


def _over_the_flight(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise that the stairs of all of f make of slopes from rung to rung, where it is more."""
    steps, central = np.array([(rung.step, rung.central) for rung in estimate.rungs if rung.central]).T
    scatter = float(np.median(np.abs(np.diff(central)) * steps[1:])) if len(steps) > STANDING else 0.0
    noisy = look.ladder.with_noise(ONE_OF_TWO * scatter)
    return derivative.estimate(noisy) if noisy.sigma > look.ladder.sigma else None


def _on_stairs(look: Look, estimate: Estimate, sigma: float) -> Estimate:
    """Measure with the noise of one stair, or with that of several."""
    if sigma > look.ladder.sigma:
        look = replace(look, ladder=look.ladder.with_noise(sigma))
        estimate = sharpened(look, derivative.estimate(look.ladder))
    return _noisier(look, estimate) or estimate


def _noisier(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with more noise, that of several stairs, if that tells more: less is denied by what is but noise."""
    if estimate.uncertainty <= SHARP * max(abs(look.claim), abs(estimate.value)):
        return None
    ladders = [look.ladder.with_noise(more * look.ladder.sigma) for more in SEVERAL]
    second = min((derivative.estimate(ladder) for ladder in ladders), key=lambda e: e.uncertainty)
    # What is known no better than that may be the mean of jumps.
    known = second.uncertainty <= SLIGHT * abs(second.value)
    return second if known and BETTER * second.uncertainty < estimate.uncertainty else None


@spending(SECOND)
def averaged(look: Look, estimate: Estimate) -> Estimate | None:
    """Fit polynomials to many values where noise is all that limits the ladder, and averaging tells more."""
    ladder, experience = look.ladder, look.tested.experience
    coarse = look.tested.subject.coarse
    wanted = (GROSS if coarse else SHARP) * max(
        abs(look.claim), abs(estimate.value), SMALLER * look.tested.standard.largest
    )
    hope = least_squares.promise(ladder.sigma, ladder.scale)
    limited = estimate.uncertainty > (wanted if coarse else max(wanted, hope)) and hope < HOPE * wanted
    if not limited or estimate.kink or estimate.jump or estimate.flat:
        return None
    best, reach = least_squares.widest(ladder)
    if BETTER * best.error > estimate.uncertainty or not meet(best, estimate):
        return None
    experience.reach, experience.wide = min(experience.reach, best.error), reach
    return replace(estimate, value=best.value, uncertainty=best.error)


@spending(SECOND)
def noise_of_this_line(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise along the entry itself, where that of the whole tensor was smaller."""
    if not look.tested.quiet or look.plain(estimate):
        return None
    own = look.careful
    if own.sigma <= look.tested.sigma:
        return None
    return sharpened(replace(look, ladder=own), derivative.estimate(own))


@spending(SECOND)
def scatter_of_the_rungs(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure with the noise that the finest rungs show, where they scatter by more than was measured before.

    Between rungs h and h / 4 the central slopes of a smooth function differ by less and less times h; where that
    stays the same it is the noise: 0.73 of its standard deviation, of which a median is two thirds. An estimate that is
    sharp all the same needs none of it.
    """
    finest = estimate.rungs[-1 - 2 * SCATTERED :]
    sharp = estimate.uncertainty <= SHARP * max(abs(look.claim), abs(estimate.value))
    if sharp or len(finest) <= 2 * SCATTERED:
        return None
    steps, central = np.array([(rung.step, rung.central) for rung in finest]).T
    moves = np.abs(np.diff(central)) * steps[1:]
    seen = MEDIAN * min(median(part) for part in np.split(moves, 2))  # nan where f is not finite
    bent = bool((FALLS * moves[1 - SCATTERED :] <= moves[-SCATTERED:-1]).all())
    return (
        derivative.estimate(look.careful.with_noise(seen)) if seen > NOISIER * look.careful.sigma and not bent else None
    )


@spending(SECOND)
def last_digits(look: Look, estimate: Estimate) -> Estimate | None:
    """Know a slope no better than f's last digits over the whole scale of an entry, if claim and slope are within.

    Where f stands still, because it has died away to nothing or its terms cancel, its last digits are those of
    the terms, and show as far away as the entry is large.
    """
    ladder, rounding = look.ladder, look.tested.subject.rounding()
    digits = LAST_DIGITS * rounding / ladder.scale
    if estimate.value == 0:
        far = [abs(ladder.line(side * ladder.scale)[1]) for side in (1, -1)]
        seen = max((value for value in far if math.isfinite(value)), default=0.0)
        digits = max(digits, LAST_DIGITS * ladder.relative * seen / ladder.scale)
        if abs(look.claim) * ladder.scale <= seen and _are_units(look, far):
            digits = max(digits, seen / ladder.scale)
    if max(abs(look.claim), abs(estimate.value)) <= digits:
        return replace(estimate, uncertainty=max(estimate.uncertainty, digits))
    return _in_a_wave(look, estimate) if not look.tested.subject.coarse else None


def _are_units(look: Look, far: list[float]) -> bool:
    """Whether f moves by a few units at a time wherever one looks, as what is left of numbers that cancel does."""
    scale, line = look.ladder.scale, look.ladder.line
    seen = [*far, *(abs(line(part * scale)[1]) for part in UNEVEN)]
    short = all(value * A_FEW / math.ldexp(1.0, math.frexp(value)[1]) % 1 == 0 for value in seen)
    return short and max(seen) <= A_FEW * DOUBLE * CANCELS


def _in_a_wave(look: Look, estimate: Estimate) -> Estimate | None:
    """Know nothing of a slope where f moves by its last digits, to and fro: a wave of that height may have any."""
    moved = [abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)]
    seen = max((move for move in moved if math.isfinite(move)), default=0.0)
    away = abs(look.claim - estimate.value)
    low = 0 < seen <= LAST_DIGITS * look.tested.subject.rounding() and abs(estimate.value) <= estimate.uncertainty
    return replace(estimate, uncertainty=away) if low and away * look.ladder.scale <= FASTEST * seen else None


@spending(SECOND)
def rounding_of_the_claim(look: Look, estimate: Estimate) -> Estimate | None:
    """Allow for what rounding may have made of the claim: where it is a sum that cancels, nothing else is left."""
    allowed = replace(estimate, residue=look.tested.residue(look.k))
    return replace(estimate, residue=look.tested.single_residue(look.k)) if look.accuses(allowed) else allowed


@spending(SECOND)
def other_steps(look: Look, estimate: Estimate) -> Estimate | None:
    """Measure at other steps before an accusation by a narrow margin; one that knows as much and disagrees counts."""
    if not look.narrow(estimate):
        return None
    ladders = [look.careful.at_other_steps(by) for by in OTHER_STEPS]
    opinions = [averaged_or_not(replace(look, ladder=ladder)) for ladder in ladders]
    most = BLUNTER * min(e.uncertainty for e in (estimate, *opinions)) if look.slight(estimate) else math.inf
    held = [replace(opinion, residue=estimate.residue) for opinion in opinions if opinion.uncertainty <= most]
    return next((opinion for opinion in held if not look.accuses(opinion)), None)


@spending(SECOND)
def jump_beside(look: Look, estimate: Estimate) -> Estimate | None:
    """Look for a jump nearby, like that of a solver that stops early: f is known no better, and so is its slope.

    Along the entry first; then, once, along all entries of its tensor, which move the solver further.
    """
    if not look.slight(estimate):
        return None
    for seek in (_found_before, _along_the_entry, _along_the_tensor):
        second = seek(look, estimate)
        if second is not None and not look.accuses(second):
            return second
    return None


def _found_before(look: Look, estimate: Estimate) -> Estimate | None:
    """Allow for what the jumps that were found leave, in the units of f, of a move as far as the entry is large."""
    unknown = BETWEEN_JUMPS * look.tested.experience.stopped / look.ladder.scale
    small = 0 < unknown <= SLIGHT * max(look.tested.standard.largest, abs(estimate.value))
    return replace(estimate, uncertainty=estimate.uncertainty + unknown) if small else None


def _along_the_entry(look: Look, estimate: Estimate) -> Estimate | None:
    experience, tally, away = look.tested.experience, look.tally, abs(look.claim - estimate.value)
    if away * FINER < experience.excused:  # so little may be excused by jumps that nobody looked for
        experience.unbroken, experience.sought, experience.excused = 0, False, 0.0
    if experience.unbroken >= CONVINCED or _none_elsewhere(look, away):
        return None
    ladder = look.careful
    experience.excused, tally.excused = max(experience.excused, away), max(tally.excused, away * ladder.scale)
    jump = _jump(look.ladder, ladder.sigma, away)
    experience.unbroken += jump is None
    tally.unbroken = 0 if jump else tally.unbroken + 1
    if jump is None:
        return None
    _remember(look, jump, ladder.scale)
    size = max(abs(look.claim), abs(estimate.value))
    dense = jump.distance <= DENSE * ladder.scale and jump.size <= SLIGHT * size * ladder.scale
    known = _found_before(look, estimate)
    if not dense:
        return known
    rough = derivative.estimate(ladder.with_noise(jump.size))  # larger steps average over the jumps
    return rough if known is None or look.tested.judge(look.k, rough) is Verdict.CORRECT else known


def _none_elsewhere(look: Look, away: float) -> bool:
    """Whether entries of other tensors stand for these: none jumped, and along all of these it is looked as well."""
    several = look.tested.leaf.array.size > 1 and not look.tested.experience.stopped
    return several and look.tally.unbroken >= CONVINCED and away * look.ladder.scale * FINER >= look.tally.excused


def _along_the_tensor(look: Look, estimate: Estimate) -> Estimate | None:
    experience, tested = look.tested.experience, look.tested
    if experience.sought or tested.leaf.array.size == 1:
        return None
    experience.sought = True
    away = abs(look.claim - estimate.value) * look.ladder.scale
    for way in range(WAYS):
        finest = DIRECTION_FINEST * tested.leaf.eps
        jump = _jump(Ladder(tested.through(way), 1.0, tested.sigma, finest=finest), tested.sigma, away)
        if jump is None:
            break  # an iteration that stops early jumps whichever way one goes
        _remember(look, jump, 1.0)
    return _found_before(look, estimate)


def _jump(ladder: Ladder, sigma: float, away: float) -> Jump | None:
    """Return a jump that would excuse a claim which is off by so much, sought where the slopes leave room for one."""
    clear = continuous_to(ladder.climb(-1, FIRST), SHOWS * away)
    return jump_nearby(ladder.line, ladder.scale, sigma, clear=clear, least=away / (FINER * BETWEEN_JUMPS))


def _remember(look: Look, jump: Jump, scale: float) -> None:
    """Keep how steep the jumps are, and say it where they are slight enough to be those of a solver."""
    subject, name = look.tested.subject, look.tested.leaf.name
    size = max(abs(look.claim), look.tested.standard.largest)
    if BETWEEN_JUMPS * jump.slope * scale / look.ladder.scale > SLIGHT * size:
        return
    look.tested.experience.stopped = max(look.tested.experience.stopped, jump.slope * scale)
    if name not in subject.tally.named:
        subject.tally.named += (name,)
        subject.say(STOPPED.format(name=name, size=jump.size))


@spending(SECOND)
def stairs(look: Look, estimate: Estimate) -> Estimate | None:
    """Call it stairs where f climbs them and zero is claimed: that is the slope of every stair, not of the flight.

    It stands still as far as no rounding makes it, and then moves by more.
    """
    if look.claim != 0:
        return None
    ladder = look.ladder
    near, far = ([ladder.line(side * part * ladder.scale)[1] for side in (1, -1)] for part in (STAIR**2, STAIR))
    rises = [abs(slope) * r.step for r in estimate.rungs for slope in (r.left, r.right)]
    rise = min((rise for rise in rises if rise > 0), default=0.0)
    climbs = near == [0, 0] and 0 in far and rise > STEEP * look.tested.subject.rounding()
    return replace(estimate, stairs=True) if climbs else None


@spending(SECOND)
def below_the_kink(look: Look, estimate: Estimate) -> Estimate | None:
    """Accuse by short ladders, at three sets of steps that agree, where a kink blunts the whole one.

    A whole ladder cannot tell its finer rungs from kinked ones by its own steps; short ones below the kink can.
    """
    tested, ladder = look.tested, look.tested.ladder(look.k, look.tested.sigma)
    away, size = abs(look.claim - estimate.value), max(abs(look.claim), abs(estimate.value))
    if not tested.standard.tolerance(size) < away < SLIGHT * size:
        return None
    climbs = [ladder.at_other_steps(by).climb(look.first, look.first + SHORT) for by in NEARLY]
    short = [derivative.summarise(climb, ladder.sigma) for climb in climbs]
    values, known = np.array([e.value for e in short]), max(e.uncertainty for e in short)
    spread = float(np.ptp(values))
    middle = replace(short[0], value=median(values), uncertainty=known + spread)
    # One that rests on one of its sides alone has a kink nearer than its steps.
    agree = spread <= known and not any(e.kink or e.jump or e.value in (e.left, e.right) for e in short)
    if not agree or middle.uncertainty >= estimate.uncertainty:
        return None
    middle = replace(middle, residue=tested.residue(look.k))
    middle = _found_before(look, middle) or middle
    return middle if look.accuses(middle) else None


Ask = Callable[[Look, Estimate], Estimate | None]


@dataclass(frozen=True)
class Opinion:
    """A second opinion: whom to ask, when, and a trap of `tests/traps` that needs it."""

    ask: Ask
    moment: Moment
    trap: str

    @property
    def name(self) -> str:
        """The name of who is asked."""
        return self.ask.__name__


OPINIONS: tuple[Opinion, ...] = (
    Opinion(stairs_beneath_a_slope, Moment.BLUNT, "mixed_residual: x times the sigmoid of a float32"),
    Opinion(own_scale, Moment.BLUNT, "scale_mixed_magnitudes: 1 / x"),
    Opinion(averaged, Moment.BLUNT, "small_under_offset: 1e-5 off in one entry"),
    Opinion(noise_of_this_line, Moment.ACCUSED, "precision_rounded: nine decimals"),
    Opinion(where_the_claim_shows, Moment.ACCUSED, "scale_fast_sine: 1e9 times x"),
    Opinion(scatter_of_the_rungs, Moment.ACCUSED, "precision_scattered_rungs: a kink, its lower slope"),
    Opinion(last_digits, Moment.ACCUSED, "nothing_saturated: 1 / cosh^2"),
    Opinion(rounding_of_the_claim, Moment.ACCUSED, "nothing_equal_examples: three equal rows"),
    Opinion(other_steps, Moment.ACCUSED, "precision_narrow_margin: softplus of fifty times x (22)"),
    Opinion(jump_beside, Moment.ACCUSED, "precision_loose_solver: a fixed point to 1e-7"),
    Opinion(stairs, Moment.ACCUSED, "precision_stairs: zero, rounded to three digits"),
    Opinion(below_the_kink, Moment.ACQUITTED, "small_among_kinks: 1e-5 off in one bias"),
)


def asked(moment: Moment) -> list[Ask]:
    """Return who is asked at a moment, in order."""
    return [opinion.ask for opinion in OPINIONS if opinion.moment is moment]


def sharpened(look: Look, estimate: Estimate) -> Estimate:
    """Return an estimate, or what those say who may know better."""
    for ask in asked(Moment.BLUNT):
        estimate = ask(look, estimate) or estimate
    return estimate


def averaged_or_not(look: Look) -> Estimate:
    """Return what a ladder says, averaged if that tells more."""
    estimate = derivative.estimate(look.ladder)
    return averaged(look, estimate) or estimate


def meet(best: Limit, estimate: Estimate) -> bool:
    """Return whether a fit and an estimate agree within their uncertainties."""
    return abs(best.value - estimate.value) <= best.error + estimate.uncertainty
