"""Is a factor a size that was summed over, averaged over, or rooted: a forgotten mean?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gradcheck._diagnose.acceptance import PATTERN, is_number
from gradcheck._diagnose.evidence import Evidence, Floats
from gradcheck._diagnose.size import LEAST_SIZE, Of, Size
from gradcheck._model.run_step import RunStep

FRACTION = 5  # 2/3, 3/2, 4/3 and 5/4 have many origins
PLAIN = 12  # denominators: fractions of a size such as 2/24 have no other usual origin
ITSELF = ((1.0, ""),)
BESIDE_A_SQUARE = (*ITSELF, (2.0, "twice "), (0.5, "half of "))  # its 2 stands beside a mean, or is left out
PAIR = 2
ONCE = "a mean taken once too often, or a mean where a sum is meant"


@dataclass(frozen=True)
class Reading:
    """A size, or its double or its half, that a factor or its reciprocal is equal to."""

    size: Size
    times: float
    words: str
    end: str  # what it comes from

    @property
    def rank(self) -> tuple[bool, bool]:
        """What sorts readings, the likely first: the size itself, and the batch."""
        return self.times != 1, self.size.of is not Of.BATCH


def readings(ratio: float, size: Size) -> Iterator[Reading]:
    """Yield how a factor may be read as a size."""
    batch, n, name = size.of is Of.BATCH, size.n, size.words
    for times, words in BESIDE_A_SQUARE if size.counted else ITSELF:
        if times != 1 and (n < FRACTION or n * times < LEAST_SIZE):
            continue
        if times != 1 and _simpler(ratio):
            continue
        if abs(ratio / (n * times) - 1) < PATTERN:
            end = "a sum where the mean over the batch is meant" if batch else "a sum where a mean over it is meant"
            yield Reading(size, times, f"{n * times:g} is {words}{'' if times == 1 else f'{n}, '}{name}", end)
        if abs(ratio * n / times - 1) < PATTERN:
            end = "the mean over the batch taken twice, or a mean where a sum is meant" if batch else ONCE
            yield Reading(size, times, f"{times:g}/{n} with {n} {name}", end)


def _simpler(ratio: float) -> bool:
    """Whether a factor is a plainer number than two in a size: 1/3 is no 2/6. Three is, of six: 2/6 is left out."""
    plain = round(1 / ratio)
    return 1 < plain <= PLAIN and abs(1 / ratio - plain) < PATTERN * plain


def mean_over_two(ratio: float, evidence: Evidence) -> str | None:
    """Read 2, or 1/2, as a mean over two: of a batch of two, or one that a run of the function shows inside of it."""
    if not any(is_number(abs(ratio), number) for number in (PAIR, 1 / PAIR)):
        return None
    end = "a sum where a mean over it is meant" if abs(ratio) > 1 else "a mean over it taken once too often"
    two = next((size for size in evidence.sizes if size.n == PAIR and size.of is not Of.ENTRIES), None)
    if two is not None:
        return f"2 is {two.words}: {end}"
    lab = evidence.context.lab
    made = None if lab is None else lab.alternatives
    if made is None or not any(step_over(step, made.way.record.values) == PAIR for step in made.way.record.steps):
        return None
    return f"2 is what the function takes a mean over: {end}"


def step_over(step: RunStep, values: Sequence[Floats]) -> int:
    """Return over how many numbers a step takes the mean; 0 if it takes none."""
    if step.name != "mean" or not step.operands or not values[step.made].size:
        return 0
    return values[step.operands[0]].size // values[step.made].size


def root_of(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as the root of a size, or as what an unbiased variance differs by."""
    for size in sorted((s for s in evidence.sizes if s.n >= LEAST_SIZE), key=lambda size: size.n):
        for words, root in _roots(size.words, size.n):
            if is_number(ratio, root):
                return words
            if is_number(ratio, 1 / root):
                return f"1 over {words}"
    return None


def quotient_of(ratio: float, evidence: Evidence) -> str | None:
    """Read a factor as one size over another: divided by the length of the wrong axis. Not as a plain fraction."""
    sizes = {size.n: size for size in reversed(evidence.sizes) if size.n >= LEAST_SIZE}
    counted = [size for size in sizes.values() if size.counted]
    pairs = itertools.product(counted, sizes.values())
    return _divided(ratio, (pair for pair in pairs if not _plain(Fraction(pair[0].n, pair[1].n))))


def wrong_axis(ratio: float, evidence: Evidence) -> str | None:
    """Read a plain fraction, in all that moves, as the length of an axis of examples over that of another axis."""
    if (evidence.right & ~evidence.still).any():
        return None
    axes = [size for size in evidence.sizes if size.n >= LEAST_SIZE and size.of not in (Of.ENTRIES, Of.PLACES)]
    examples = sorted((size for size in axes if size.counted), key=lambda size: size.of is not Of.BATCH)
    return _divided(ratio, itertools.product(examples, axes))


def _divided(ratio: float, pairs: Iterable[tuple[Size, Size]]) -> str | None:
    for meant, taken in pairs:
        n, other = meant.n, taken.n
        if n != other and abs(ratio * other / n - 1) < PATTERN:
            return (
                f"{n}/{other} with {n} {meant.words} and {other} {taken.words}: divided by {other} where {n} is meant"
            )
    return None


def _plain(quotient: Fraction) -> bool:
    return min(quotient.denominator, max(quotient.numerator, quotient.denominator) - FRACTION) <= 1


def _roots(name: str, n: int) -> Iterator[tuple[str, float]]:
    yield f"the square root of {n}, {name}: a scale by it is forgotten, or taken twice", n**0.5
    other = "or the other way round"
    if n > FRACTION:
        yield f"{n}/{n - 1} with {n} {name}: divided by n - 1 where n is meant, {other}", n / (n - 1)
    unbiased = f"a variance over n - 1 where n is meant, {other}"
    yield f"the square root of {n}/{n - 1} with {n} {name}: {unbiased}", (n / (n - 1)) ** 0.5
