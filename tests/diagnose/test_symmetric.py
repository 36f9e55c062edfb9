"""Are symmetrised and triangular gradients named, and functions that read one triangle?"""

from __future__ import annotations

import numpy as np
import pytest
from suspects import NOISE, E, suspect

from gradcheck import check_gradients
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.symmetric import symmetrised

LOWER, UPPER = np.tril(E), np.triu(E)
SYMMETRIC = (E + E.T) / 2
BESIDE = E * (1 - np.eye(5))


@pytest.mark.parametrize(
    ("claim", "measured", "words"),
    [
        (SYMMETRIC, E, "symmetrised: (G + G.T)/2 where G is meant"),
        (E + E.T, E, "added: G + G.T where G is meant"),
        (E + E.T - np.diag(np.diag(E)), E, "G + G.T less the diagonal: each of two symmetric entries counts"),
        (SYMMETRIC + np.tril(SYMMETRIC, -1) + np.triu(SYMMETRIC, 1), SYMMETRIC, "counts for both"),
        ((E - E.T) / 2, E, "the skew part"),
        (LOWER, E, "the lower triangle of the measured gradient alone: the other is zero"),
        (2 * UPPER - np.diag(np.diag(E)), E, "the upper triangle of the measured gradient alone, each of two"),
        ((LOWER + LOWER.T) / 2, LOWER, "reads the lower triangle alone, as eigvalsh and cholesky do: there the slope"),
        (LOWER + LOWER.T - np.diag(np.diag(E)), LOWER, "in both triangles: the function reads the lower triangle"),
        (UPPER.T, UPPER, "transposed: the function reads the upper triangle alone"),
        (E, SYMMETRIC, "it would be the measured gradient: the function symmetrises its argument"),
        (E, E + E.T, "added to its transpose"),
        (np.stack([SYMMETRIC, 2 * SYMMETRIC]), np.stack([E, 2 * E]), "symmetrised"),
    ],
)
def test_a_matrix_and_its_transpose_are_seen(claim, measured, words):
    """Whichever way round, and in a stack."""
    found = symmetrised(suspect(claim, measured))
    assert found.kind is Slip.SYMMETRISED
    assert words in found.sentence


@pytest.mark.parametrize(
    ("claim", "measured"),
    [(2 * E, E), (SYMMETRIC + NOISE, E), (LOWER + NOISE, E), (E[:, :4] * 2, E[:, :4]), (E + NOISE, SYMMETRIC), (E, E)],
    ids=["a factor", "noise", "noise in a triangle", "not square", "noise the other way round", "right"],
)
def test_nothing_else_is_taken_for_it(claim, measured):
    """It has to reproduce every entry."""
    assert symmetrised(suspect(claim, measured)) is None


@pytest.mark.parametrize(
    ("f", "grad"),
    [
        (lambda S: np.sum(np.linalg.eigvalsh(S) ** 2), lambda S: 2 * S),
        (lambda S: np.log(np.diag(np.linalg.cholesky(S))).sum(), lambda S: np.linalg.inv(S) / 2),
    ],
    ids=["eigvalsh", "cholesky"],
)
def test_a_function_that_reads_one_triangle_is_named(f, grad):
    """Of which a textbook gives the symmetric gradient."""
    S = E @ E.T + 5 * np.eye(5)
    report = check_gradients(f, S, grad=grad)
    assert "reads the lower triangle alone, as eigvalsh and cholesky do" in report.diagnosis[0]
