"""What do results look like that no check made?"""

from __future__ import annotations

import numpy as np

from gradcheck import (
    Verdict,
)
from gradcheck._results.estimate import Entry
from gradcheck._results.report import Report, TensorResult

MEASURED = 0.5


def tensor(codes, claims=None, shape=None, name="W", uncertainty=1e-10, **fields):
    """Return a tensor of which every entry was measured to be 0.5."""
    n = len(codes)
    fields = {"flat": np.arange(n), "kind": "weight"} | fields
    return TensorResult(
        name=name,
        shape=(n,) if shape is None else shape,
        dtype="float64",
        claims=np.array([MEASURED] * n if claims is None else claims, dtype=np.float64),
        estimates=np.full(n, MEASURED),
        uncertainties=np.broadcast_to(np.float64(uncertainty), (n,)).copy(),
        lefts=np.full(n, MEASURED),
        rights=np.full(n, MEASURED),
        codes=np.array(codes, dtype=np.int8),
        **fields,
    )


def entry(claim, estimate=MEASURED, uncertainty=1e-10, index=(3, 7)):
    return Entry("W2", index, claim, estimate, uncertainty, estimate, estimate, Verdict.WRONG)


def report(*tensors, **fields):
    return Report(name="MLP", seed=0, tensors={t.name: t for t in tensors}, **fields)
