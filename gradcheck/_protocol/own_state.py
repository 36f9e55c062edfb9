"""What of its own does a function change from call to call? A counter, a mean that runs along, a rate that decays.

All that it sees is looked at before and after a call: what is around it, its defaults and attributes, its object and
the class of that. What changed is told only if the call gives the same again once that is put back.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gradcheck._model import contents
from gradcheck._model.ending import forgiven
from gradcheck._model.in_sight import Holder, has_content, in_sight
from gradcheck._model.oracle import Array
from gradcheck._model.restore import Kept
from gradcheck._model.subject import Subject
from gradcheck._protocol.rounding import alike, eps_of
from gradcheck._results.names import few_of


def kept_in(subject: Subject, call: Callable[[], Array]) -> str:
    """Return the names of what a call changes and comes out otherwise by; nothing where it is anything else."""
    with forgiven():
        return few_of(_blamed(subject, call))
    return ""


def _blamed(subject: Subject, call: Callable[[], Array]) -> list[str]:
    places = in_sight(subject.oracle.reach)
    seen_there = [array for array in (place.read() for place in places.values()) if contents.is_a(array, np.ndarray)]
    for name, array in subject.oracle.data.items():  # arguments that are held fixed
        if not any(np.may_share_memory(array, other) for other in seen_there):
            places[name] = Holder(partial(np.asarray, array))
    before = {name: place.read() for name, place in places.items()}
    kept, seen = Kept(*filter(has_content, before.values())), {name: _looks(value) for name, value in before.items()}
    first, second = call(), call()
    changed = [name for name, place in places.items() if _looks(place.read()) != seen[name]]
    if not changed or alike(first, second, eps_of(first)):
        return []
    for name in changed:
        if (write := places[name].write) is not None:
            write(before[name])
    kept.put_back()
    again = call()
    if kept.failed or not alike(first, again, eps_of(first)):
        return []
    return [name for name in changed if not any(name.startswith((f"{other}.", f"{other}[")) for other in changed)]


def _looks(value: Any) -> object:  # noqa: ANN401
    """Return what tells whether something is another thing now, or holds more; what is in it tells of itself."""
    if type(value) in contents.ATOMS:
        return type(value), repr(value)
    if contents.is_a(value, np.ndarray) and np.ndarray.dtype.__get__(value).kind != "O":
        return np.ndarray.tobytes(value)
    return id(value), len(contents.elements(value))
