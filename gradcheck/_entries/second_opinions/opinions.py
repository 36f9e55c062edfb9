"""Which second opinions are there on an entry? Each measures in another way, and returns its estimate or nothing.

Some are asked where an estimate could be sharper, some before a claim is called wrong, some before it is called right
by a narrow margin. Each exists for cases in `tests/traps`; `python -m benchmarks ablation` shows what fails without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from gradcheck._entries.look import Look
from gradcheck._entries.second_opinions.at_zero import slow_power
from gradcheck._entries.second_opinions.averaging import averaged
from gradcheck._entries.second_opinions.iterations import another_step
from gradcheck._entries.second_opinions.jumps import jump_beside
from gradcheck._entries.second_opinions.last_digits import last_digits, rounding_of_the_claim
from gradcheck._entries.second_opinions.nearer import own_scale, where_the_claim_shows
from gradcheck._entries.second_opinions.noisier import (
    noise_of_this_line,
    noise_where_no_step_tells,
    scatter_of_the_rungs,
)
from gradcheck._entries.second_opinions.one_side import both_sides
from gradcheck._entries.second_opinions.other_steps import below_the_kink, other_steps
from gradcheck._entries.second_opinions.sawtooth import between_jumps
from gradcheck._entries.second_opinions.stairs import stairs
from gradcheck._entries.second_opinions.stairs_beneath import stairs_beneath_a_slope
from gradcheck._entries.second_opinions.stands_still import lost_in_one, over_the_jumps
from gradcheck._entries.second_opinions.waves import on_a_wave
from gradcheck._results.estimate import Estimate


class Moment(Enum):
    """When an opinion is asked for."""

    BLUNT = auto()  # for every estimate: it may be sharpened
    ACCUSED = auto()  # before a claim is called wrong
    ACQUITTED = auto()  # before one is called right that two evaluations contradicted by a narrow margin


Ask = Callable[[Look, Estimate], Estimate | None]


@dataclass(frozen=True)
class Opinion:
    """A second opinion: the function, when it is called, and a trap of `tests/traps` that needs it."""

    ask: Ask
    moment: Moment
    trap: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.ask.__name__


OPINIONS: tuple[Opinion, ...] = (
    Opinion(between_jumps, Moment.BLUNT, "kink_sawtooth: the rest of 70 by x"),
    Opinion(stairs_beneath_a_slope, Moment.BLUNT, "mixed_residual: x times the sigmoid of a float32"),
    Opinion(noise_where_no_step_tells, Moment.BLUNT, "solvers_bisection: to 1e-4, right"),
    Opinion(slow_power, Moment.BLUNT, "infinite_slow_powers: x^1.1 at 0"),
    Opinion(own_scale, Moment.BLUNT, "scale_mixed_magnitudes: 1 / x"),
    Opinion(averaged, Moment.BLUNT, "small_under_offset: 1e-5 off in one entry"),
    Opinion(noise_of_this_line, Moment.ACCUSED, "precision_rounded: one entry rounded inside, at little cost"),
    Opinion(where_the_claim_shows, Moment.ACCUSED, "scale_fast_sine: 1e14 times x"),
    Opinion(on_a_wave, Moment.ACCUSED, "scale_short_waves: 1e9 times x over 1e9, and x"),
    Opinion(scatter_of_the_rungs, Moment.ACCUSED, "mixed_softmax: attention (3)"),
    Opinion(last_digits, Moment.ACCUSED, "nothing_saturated: 1 / cosh^2"),
    Opinion(rounding_of_the_claim, Moment.ACCUSED, "nothing_equal_examples: three equal rows"),
    Opinion(both_sides, Moment.ACCUSED, "precision_kink_in_noise: one of six (2718)"),
    Opinion(other_steps, Moment.ACCUSED, "mixed_coarse_gate: a constant gate, n = 1, seed 2"),
    Opinion(jump_beside, Moment.ACCUSED, "solvers_steps: fixed points to 1e-6, without a call"),
    Opinion(another_step, Moment.ACCUSED, "solvers_steps: a fixed point to 1e-6, far from another step"),
    Opinion(stairs, Moment.ACCUSED, "precision_stairs: zero, rounded to three digits"),
    Opinion(lost_in_one, Moment.ACCUSED, "nothing_absorbed: the logarithm of 1 + x^2"),
    Opinion(over_the_jumps, Moment.ACCUSED, "mixed_attention: the keys (0)"),
    Opinion(below_the_kink, Moment.ACQUITTED, "small_among_kinks: 1e-5 off in one bias"),
)


def asked(moment: Moment) -> list[Ask]:
    """Return the opinions asked at a moment, in order."""
    return [opinion.ask for opinion in OPINIONS if opinion.moment is moment]


def sharpened(look: Look, estimate: Estimate) -> Estimate:
    """Return an estimate, or the better one of a second opinion."""
    for ask in asked(Moment.BLUNT):
        estimate = ask(look, estimate) or estimate
    return estimate
