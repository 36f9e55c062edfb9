"""Recorded runs for the tests to look at."""

from __future__ import annotations

import numpy as np

from gradcheck._diagnose.steps.places import StepPlaces
from gradcheck._diagnose.steps.run_record import RunRecord, recorded
from gradcheck._diagnose.steps.way_through import WayThrough


def run(f, *arrays):
    """Return the record of f(*arrays), the tensors being called a, b, c, ..."""
    record = RunRecord()
    given = [record.given(name, array) for name, array in zip("abcdefgh", arrays, strict=False)]
    y = recorded(lambda args: f(*args), given, record)
    assert record.returned(y, ())
    return record


def way(f, *arrays, u=None):
    """Return the way back through f(*arrays), from a cotangent of ones if none is given."""
    record = run(f, *arrays)
    return WayThrough(record, np.ones(sum(record.values[k].size for k in record.result)) if u is None else np.ravel(u))


def places(f, *arrays, u=None):
    """Return the places of the steps of f(*arrays)."""
    return StepPlaces(way(f, *arrays, u=u))


def made(kind, there):
    """Return what a kind of mistake makes of all gradients, each with its words."""
    with np.errstate(all="ignore"):
        return [(one.words, there.way.gradients(one.change)) for one in kind(there)]


def words_of(kind, there, **claims):
    """Return the words of the mistakes of a kind that make claims."""
    return [
        words
        for words, gradients in made(kind, there)
        if all(np.allclose(gradients[name], claim, rtol=1e-8, atol=1e-9) for name, claim in claims.items())
    ]


def names(record):
    """Return what the steps of a record are called."""
    return [step.name for step in record.steps]
