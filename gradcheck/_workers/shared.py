"""How is a check divided among workers? In blocks, each answered once and in order; other answers are refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from gradcheck._model.ending import ends
from gradcheck._model.subject import Along, Line, Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._workers.blocks import Block, Done, Floats, Ints, Places, Stand, blocks_of

Map = Callable[[Callable[..., Any], Iterable[Any]], Iterable[Any]]

AGREE = 1e-9  # relative: the value of the function here, and in a worker that made the model again
FEWEST = 4  # places of a line that are divided
SENT = 100_000  # numbers of a direction that are sent for it
COMPARED = 1_000_000  # numbers of the point, that are looked at before
LEAST = 1e-4  # seconds of a trip
ORDER = "write a map that answers once for each thing that it is given, in their order, like the built-in one"


@dataclass
class Pace:
    """What was seen of how long things take, in seconds: it decides who takes a value, never what it is."""

    call: float | None = None  # of the function
    trip: float = 1e-3  # to the workers and back, without what they do there

    def worth_it(self, places: int, each: int) -> bool:
        """Return whether to have so many places of a line taken elsewhere, so many of them by each, saves time."""
        return self.call is not None and self.call * (places - each) > self.trip

    def went(self, seconds: float, each: int) -> None:
        """Learn from one trip; it may have been delayed once."""
        self.trip = min(2 * self.trip, max(seconds - (self.call or 0.0) * each, LEAST))


@dataclass(frozen=True)
class Shared:
    """The evaluations of one check, shared out among workers."""

    subject: Subject
    map: Map
    task: Callable[[Any], Done]
    said: str  # as the user wrote it
    parts: int = 1  # into which the places of a line are divided
    pace: Pace = field(default_factory=Pace)

    def both_ways(self, path: str, flat: Ints, steps: Floats) -> Floats:
        """Let the workers do what the subject's own `both_ways` does."""
        if blocks_of(len(flat)) < 2:
            return self.subject.both_ways(path, flat, steps)
        parts = np.array_split(np.arange(len(flat)), blocks_of(len(flat)))
        blocks = [Block(number, path, flat[part], steps[part]) for number, part in enumerate(parts)]
        taken = np.empty((4, len(flat)))
        for part, block, done in zip(parts, blocks, self._answers(blocks), strict=True):
            self._compare(done.value)
            self._believe(block, done)
            taken[:, part] = done.taken
            self.subject.tally.call(2 * len(part))
        return taken

    def together(
        self, subject: Subject, line: Line, along: Along, places: list[float]
    ) -> list[tuple[float, float]] | None:
        """Let the workers take the values of a line; None where that costs more than it saves, or one is not finite."""
        if len(places) < FEWEST or self.parts < 2 or subject.tally.left < len(places):
            return None
        begin = perf_counter()
        if self.pace.call is None:
            found = [line(t) for t in places]
            self.pace.call = (perf_counter() - begin) / len(places)
            return found
        parts = np.array_split(np.array(places), self.parts)
        stand = self._stand(subject, along) if self.pace.worth_it(len(places), len(parts[0])) else None
        if stand is None:
            return None
        blocks = [Places(number, stand, along, tuple(part.tolist())) for number, part in enumerate(parts) if len(part)]
        taken = []
        for done in self._answers(blocks):
            self._compare(done.value)
            taken.append(done.taken)
        self.pace.went(perf_counter() - begin, len(parts[0]))
        both = np.concatenate(taken, axis=1)
        if not np.isfinite(both).all():
            return None
        self.subject.tally.call(len(places))
        return [(float(step), float(value)) for step, value in both.T]

    def _stand(self, subject: Subject, along: Along) -> Stand | None:
        """Return where a subject stands; None where workers cannot take its place, or that is much to send."""
        sent = 0 if isinstance(along, tuple) else sum(move.size for move in along.values())
        much = sum(leaf.array.size for leaf in subject.leaves.values()) > COMPARED
        if much or sent > SENT or subject.cotangent is not self.subject.cotangent:
            return None
        stand = Stand.of(subject, self.subject)
        return stand if stand.size <= SENT else None

    def _answers(self, blocks: Sequence[Block | Places]) -> Iterator[Done]:
        """Yield what the workers answer, one for each block in turn; raises InputError for anything else."""
        number = 0
        for done in self._results(blocks):
            why = _amiss(done, number, blocks)
            if why:
                raise self._refusal(why)
            yield done
            number += 1
        if number < len(blocks):
            why = f"answered {number} of the {len(blocks)} blocks that it was given"
            raise self._refusal(why)

    def _refusal(self, why: str) -> InputError:
        return InputError(f"workers={self.said}: its map {why}; {ORDER}")

    def _results(self, blocks: Sequence[Block | Places]) -> Iterator[Any]:
        try:
            for result in self.map(self.task, blocks):
                later = getattr(result, "result", None)  # a Future, such as those that a client of Dask maps to
                yield later() if callable(later) else result
        except (InputError, CallError):  # the latter where time or memory was up
            raise
        except Exception as error:
            if ends(error):  # an alarm that went off while this process waits says nothing of a worker
                raise
            msg = (
                f"workers={self.said}: a worker could not do its part ({type(error).__name__}: {error}); "
                "what it is given must be importable there: define it at the top of a module, and let a script start "
                'below `if __name__ == "__main__":`'
            )
            raise InputError(msg) from error

    def _compare(self, value: float) -> None:
        here = float(np.sum(self.subject.base))
        if abs(value - here) > AGREE * max(abs(value), abs(here)):
            msg = (
                f"workers={self.said}: the function is {value!r} in a worker and {here!r} here, so it depends on "
                "something that the worker does not have; leave workers= out"
            )
            raise InputError(msg)

    def _believe(self, block: Block, done: Done) -> None:
        """Count exceptions of a worker, if the function is not finite here either: else the worker lacks something.

        What is evaluated here for that is not counted: the report is the same with workers and without.
        """
        off = np.flatnonzero(~np.isfinite(done.taken).all(axis=0))
        if not off.size:
            return
        tally, one = self.subject.tally, slice(off[0], off[0] + 1)
        before = tally.evaluations, tally.trouble, tally.raised
        here = self.subject.both_ways(block.path, block.flat[one], block.steps[one])
        tally.evaluations, tally.trouble, tally.raised = before
        if np.isfinite(here).all():
            why = done.trouble or "the function is not finite"
            msg = f"workers={self.said}: in a worker, and not here, {why}; leave workers= out"
            raise InputError(msg)
        if done.raised:
            tally.trouble = tally.trouble or CallError(done.trouble)
            tally.raised += done.raised


def _amiss(done: object, number: int, blocks: Sequence[Block | Places]) -> str:
    """Return what is wrong with an answer, given the number of the one before; nothing if it is as expected."""
    if number >= len(blocks):
        return f"answered more than the {len(blocks)} blocks that it was given"
    if not isinstance(done, Done):
        return f"answered {type(done).__name__} where a block was to be done"
    if done.number != number:
        return f"answered block {done.number} where block {number} was due"
    return "" if done.whole(blocks[number]) else f"answered block {number} with something else than its numbers"
