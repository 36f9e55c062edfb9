"""What if forward mode is all that is claimed? Its columns, against the cotangent, are a gradient as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gradcheck._oracle import Array, Oracle

Arrays = Mapping[str, Array]


def by_forward_mode(oracle: Oracle) -> Oracle:
    """Return an oracle that claims what forward mode says: column k of J, against the cotangent, of entry k."""
    push, u = oracle.push, oracle.cotangent
    assert push is not None  # noqa: S101  it was asked for
    assert u is not None  # noqa: S101  every framework's oracle has one

    def gradient(point: Arrays) -> dict[str, Array]:
        tangents = {path: np.zeros_like(array) for path, array in point.items()}
        claims = {path: np.zeros_like(array) for path, array in point.items()}
        for path, tangent in tangents.items():
            for k in np.ndindex(tangent.shape):
                tangent[k] = 1
                claims[path][k] = np.sum(u * push(point, tangents))
                tangent[k] = 0
        return claims

    return replace(oracle, gradient=gradient, pullback=None, examine=None, parts=None)
