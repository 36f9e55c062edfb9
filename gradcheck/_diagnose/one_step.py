"""Is one step of the function followed back wrongly? Its run is followed back with one step changed, and compared.

The derivative of the whole is made of those of its steps. A claim that is the derivative with one of these left out, of
another sign, of another function, or with another array in the place of a factor names the step, and its line.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from gradcheck._diagnose.acceptance import PATTERN, is_generic
from gradcheck._diagnose.cause import Cause, Slip
from gradcheck._diagnose.constant_factor import of_size
from gradcheck._diagnose.evidence import ENOUGH, Evidence, Floats
from gradcheck._diagnose.steps import factors, functions, operands
from gradcheck._diagnose.steps.places import Alternative, StepPlaces
from gradcheck._diagnose.steps.run_record import RunRecord
from gradcheck._diagnose.steps.way_through import WayThrough
from gradcheck._model.ending import forgiven

FOLLOWED = 100_000  # steps, of all changes together: about a second
NEAR = 1e-5  # of the largest entry: a gradient that makes the claims of another tensor as well
SCARCELY = 1e-3  # by which a part that counts otherwise does so at least: nobody counts one 1.0001 times
PLAIN_TIMES = {0.0: ", is left out", -1.0: ", has the wrong sign", 2.0: ", counts twice", 0.5: ", counts half"}
KEPT = 3_000_000  # entries of gradients that are kept for the next tensor: 24 megabytes

Gradients = dict[str, Floats]


def _every(places: StepPlaces) -> Iterator[Alternative]:
    """Yield what may be wrong with one step, the likely first."""
    kinds = (
        functions.slopes,
        functions.joint,
        operands.left_out,
        operands.handed_on,
        operands.repeated,
        operands.met_again,
        operands.taken_out,
        factors.exchanged,
    )
    for kind in kinds:
        yield from kind(places)


@dataclass
class Alternatives:
    """The gradients that a record makes with one step changed, each computed once."""

    way: WayThrough
    right: Gradients
    places: StepPlaces
    _rest: Iterator[Alternative]
    _made: list[tuple[Alternative, Gradients]] = field(default_factory=list)

    @classmethod
    def of(cls, record: RunRecord, cotangent: Floats) -> Alternatives | None:
        """Return those of a record; None where it is too large to be followed back."""
        way = WayThrough(record, cotangent)
        with forgiven():  # a step may have too many derivatives, or raise anything where an operand is moved
            right = way.gradients({})
            places = StepPlaces(way)
            return cls(way, right, places, _every(places))
        return None

    def every(self) -> Iterator[tuple[Alternative, Gradients]]:
        """Yield what may be wrong, and the gradients that it makes."""
        yield from self._made
        size = sum(g.size for g in self.right.values())
        most = min(FOLLOWED // (len(self.way.record.steps) + 1), KEPT // (size + 1))
        for alternative in itertools.islice(self._rest, max(0, most - len(self._made))):
            made = self.right
            with forgiven():  # a step need not exist with another array in it, and says so with any exception
                made = self.way.gradients(alternative.change)
            self._made.append((alternative, made))
            yield self._made[-1]


def otherwise(evidence: Evidence) -> Cause | None:
    """The derivative of the function with one of its steps changed; one that explains every tensor comes first."""
    alternatives = reproduced(evidence)
    if alternatives is None:
        return None
    with np.errstate(all="ignore"):  # a step need not be finite with another array in it
        said = likeliest(_explaining(evidence, alternatives))
    return Cause(Slip.ONE_STEP, evidence.name, said) if said else None


def reproduced(evidence: Evidence) -> Alternatives | None:
    """Return a record of the function that makes what was measured, if enough is wrong to tell mistakes by it."""
    lab = evidence.context.lab
    if lab is None or min(np.count_nonzero(m) for m in (evidence.known & ~evidence.still, evidence.wrong)) < ENOUGH:
        return None
    if not is_generic(evidence.missing[evidence.wrong]):
        return None
    alternatives: Alternatives | None = lab.alternatives
    return alternatives if alternatives is not None and evidence.measured(alternatives.right[evidence.name]) else None


def likeliest(found: Iterator[tuple[str, bool]]) -> str:
    """Return the words of the first that explains every tensor, else of the first; nothing if there is none."""
    first = ""
    for words, everywhere in found:
        if everywhere:
            return words
        first = first or words
    return first


def _explaining(evidence: Evidence, alternatives: Alternatives) -> Iterator[tuple[str, bool]]:
    """Yield what explains the claim, each with whether it explains those of the other tensors as well."""
    right, likely = alternatives.right[evidence.name], []
    for alternative, made in alternatives.every():
        gradient = made[evidence.name]
        times, fitted = _times(evidence, right, gradient) if alternative.part else (0.0, 0)
        if abs(times - 1) < SCARCELY:
            continue
        if evidence.explained(gradient + times * (right - gradient), least=ENOUGH + fitted, fitted=fitted):
            words = alternative.words + (_counted(times, evidence) if alternative.part else "")
            every = makes(evidence, {n: g + times * (alternatives.right[n] - g) for n, g in made.items()})
            if not fitted:
                yield words, every
            else:
                likely.append((words, every))
    yield from likely


def _times(evidence: Evidence, right: Floats, without: Floats) -> tuple[float, int]:
    """Return how often a part of the gradient counts that should count once, and how many numbers that fits."""
    part, rest = (right - without)[evidence.known], (evidence.claim - without)[evidence.known]
    size = float(np.sum(part * part))
    times = float(np.sum(part * rest)) / size if size else 0.0
    plain = next((n for n in PLAIN_TIMES if abs(times - n) < PATTERN), None)
    return (times, 1) if plain is None else (plain, 0)


def _counted(times: float, evidence: Evidence) -> str:
    """Say how often a part counts, and what that number is the size of."""
    if times in PLAIN_TIMES:
        return PLAIN_TIMES[times]
    size = of_size(abs(times), evidence)
    return f", counts {times:.6g} times" + f": {size}" * bool(size)


def makes(evidence: Evidence, gradients: Gradients) -> bool:
    """Return whether gradients are about what is claimed, for every tensor."""
    return all(_is(evidence, name, gradient) for name, gradient in gradients.items())


def _is(evidence: Evidence, name: str, gradient: Floats) -> bool:
    claim = evidence.context.claims.get(name, np.full(gradient.shape, np.nan))
    off = np.abs(claim - gradient)
    return bool((off <= NEAR * np.max(np.abs(gradient), initial=0.0))[~np.isnan(claim)].all())
