"""Which outputs carry a gradient? Those that are meant to carry none are left out, and those that hide it are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from gradcheck._measure import derivative
from gradcheck._model.ending import ends
from gradcheck._model.leaf import signs
from gradcheck._model.oracle import Array
from gradcheck._model.point import matching
from gradcheck._model.subject import DIRECTION_FINEST, Subject
from gradcheck._results.errors import CallError, InputError
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

CLEARLY = 4.0  # uncertainties that a slope must exceed for the output to be said to move
COARSE = 1e-3  # of a direction that goes as far as each entry is large


def leave_out(subject: Subject, patterns: str | Iterable[str] | None) -> Subject:
    """Return the subject without the outputs whose names match a pattern in the sum that is differentiated.

    Raises InputError for a pattern that matches none.
    """
    if patterns is None:
        return subject
    names = [*subject.oracle.outputs]
    if not names:
        msg = f"detached={patterns!r}: {subject.oracle.name} has a single number, which is all that there is to check"
        raise InputError(msg)
    chosen = matching(patterns, names, "detached", "the outputs ")
    note = f"meant to carry no gradient, and left out: {', '.join(chosen)}"
    return replace(_silenced(subject, chosen), notes=(*subject.notes, note))


def hidden(subject: Subject) -> tuple[Subject, list[Problem]]:
    """Find outputs that move, although a cotangent on them alone has no gradient; return the subject without them."""
    outputs = subject.oracle.outputs
    layer = subject.oracle.parts is not None and not subject.oracle.aside  # of ours: its cause can be told
    if subject.oracle.pullback is None or layer:
        return subject, []
    loud = [name for name in outputs if np.any(_only(subject, name))]
    found = [name for name in loud if _claims_nothing(subject, name) and _moves(subject, name)]
    if found and len(found) < len(outputs):
        subject = _silenced(subject, found).settled()
    return subject, [Problem(Verdict.WRONG, _sentence(name), name) for name in found]


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
    alone = replace(subject, cotangent=_only(subject, name))
    try:
        return not any(claim.any() for claim in alone.claims().values())
    except (CallError, InputError) as error:
        if ends(error):
            raise
        return False


def _moves(subject: Subject, name: str) -> bool:
    """Return whether an output has a slope along a random direction through all of the point."""
    rng = np.random.default_rng(0)
    moves = {path: leaf.drawn(signs(rng), leaf.scale_of) for path, leaf in subject.leaves.items()}
    alone = replace(subject, cotangent=_only(subject, name)).settled()
    finest = DIRECTION_FINEST * max(leaf.eps for leaf in subject.leaves.values())
    slope = derivative.slope(alone.direction(moves), alone.rounding(), finest, COARSE)
    return abs(slope.value) > CLEARLY * slope.uncertainty and not slope.jump


def _silenced(subject: Subject, names: Sequence[str]) -> Subject:
    """Return the subject with no weight of some outputs in the sum, in the user's own precision too."""
    u = np.array(subject.cotangent)
    for name in names:
        u[subject.oracle.outputs[name]] = 0
    plain = subject.plain and replace(subject.plain, cotangent=u)
    return replace(subject, cotangent=u, plain=plain)
