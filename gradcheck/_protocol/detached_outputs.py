"""Which outputs carry a gradient? Those that are meant to carry none are left out, and those that hide it are named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from gradcheck._measure import derivative
from gradcheck._model.oracle import Array
from gradcheck._model.point import matching
from gradcheck._model.subject import Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

CLEARLY = 4.0  # uncertainties that a slope must exceed for the output to be said to move
COARSE = 1e-3  # of a direction that goes as far as each entry is large


def leave_out(subject: Subject, patterns: str | Iterable[str] | None) -> None:
    """Take the outputs whose names match a pattern out of the sum that is differentiated.

    Raises InputError for a pattern that matches none.
    """
    if patterns is None:
        return
    names = [*subject.oracle.outputs]
    if not names:
        msg = f"detached={patterns!r}: {subject.oracle.name} has a single number, which is all that there is to check"
        raise InputError(msg)
    chosen = matching(patterns, names, "detached", "the outputs ")
    _silence(subject, chosen)
    subject.notes.append(f"meant to carry no gradient, and left out: {', '.join(chosen)}")


def hidden(subject: Subject) -> list[Problem]:
    """Find outputs that move, although a cotangent on them alone has no gradient; leave them out from now on."""
    outputs = subject.oracle.outputs
    layer = subject.oracle.parts is not None and not subject.oracle.aside  # of ours: its cause can be told
    if subject.oracle.pullback is None or layer:
        return []
    loud = [name for name in outputs if np.any(_only(subject, name))]
    found = [name for name in loud if _claims_nothing(subject, name) and _moves(subject, name)]
    if len(found) < len(outputs):
        _silence(subject, found)
        subject.settle()
    return [Problem(Verdict.WRONG, _sentence(name), name) for name in found]


def _sentence(name: str) -> str:
    which = "the output" if name == "output" else f"output {name}"
    return (
        f"{which} moves with the point but claims no gradient: detached? If that is meant, write detached={name!r}; "
        "else look for a detach, a stop_gradient or a number taken out of its array on the way to it"
    )


def _only(subject: Subject, name: str) -> Array:
    u = np.zeros_like(np.asarray(subject.cotangent))
    where = subject.oracle.outputs[name]
    u[where] = np.asarray(subject.cotangent)[where]
    return u


def _claims_nothing(subject: Subject, name: str) -> bool:
    with _listening(subject, _only(subject, name)):
        try:
            return not any(claim.any() for claim in subject.claims().values())
        except (CallError, InputError):
            return False


def _moves(subject: Subject, name: str) -> bool:
    """Return whether an output has a slope along a random direction through all of the point."""
    rng = np.random.default_rng(0)
    moves = {
        path: leaf.scale.reshape(leaf.array.shape) * rng.choice([-1.0, 1.0], leaf.array.shape)
        for path, leaf in subject.leaves.items()
    }
    with _listening(subject, _only(subject, name)):
        subject.settle()
        line = subject.direction(moves)
        finest = 8 * max(leaf.eps for leaf in subject.leaves.values())
        slope = derivative.slope(line, subject.rounding(), finest, COARSE)
    subject.settle()
    return abs(slope.value) > CLEARLY * slope.uncertainty and not slope.jump


@contextmanager
def _listening(subject: Subject, cotangent: Array) -> Iterator[None]:
    before, subject.cotangent = subject.cotangent, cotangent
    try:
        yield
    finally:
        subject.cotangent = before


def _silence(subject: Subject, names: Sequence[str]) -> None:
    """Give outputs no weight in the sum, in the user's own precision too."""
    if not names:
        return
    u = np.array(subject.cotangent)
    for name in names:
        u[subject.oracle.outputs[name]] = 0
    for one in (subject, subject.plain):
        if one is not None:
            one.cotangent = u
