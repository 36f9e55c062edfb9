"""Are symmetrised and triangular gradients named, and functions that read one triangle?"""

from __future__ import annotations

from dataclasses import replace

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


G = np.arange(1.0, 10).reshape(3, 3) ** 1.3
DIAGONAL = np.diag(np.diag(G))


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ((G + G.T) / 2, "the measured gradient, symmetrised: (G + G.T)/2"),
        (G + G.T, "the measured gradient and its transpose, added: G + G.T"),
        (G + G.T - DIAGONAL, "the measured gradient, G + G.T less the diagonal"),
        ((G - G.T) / 2, "the skew part of the measured gradient: (G - G.T)/2"),
        (G - G.T, "the measured gradient less its transpose: G - G.T"),
        (np.tril(G), "the lower triangle of the measured gradient alone: the other is zero"),
        (np.triu(G), "the upper triangle of the measured gradient alone: the other is zero"),
        (2 * np.tril(G) - DIAGONAL, "the lower triangle of the measured gradient alone, each of two"),
        (2 * np.triu(G) - DIAGONAL, "the upper triangle of the measured gradient alone, each of two"),
        (G.T * 1.5, None),
    ],
)
def test_what_a_claim_is_made_of_is_told(claim, words):
    """Of a function that reads all of a matrix; of a stack of them as well."""
    found = symmetrised(suspect(claim, G))
    assert found is None if words is None else found.sentence.startswith(words)
    if words:
        stack = symmetrised(suspect(np.stack([claim, 2 * claim]), np.stack([G, 2 * G])))
        assert stack.sentence == found.sentence
        assert symmetrised(suspect(claim, G, measured=range(8))) is None


@pytest.mark.parametrize("triangle", ["lower", "upper"])
def test_of_a_function_that_reads_one_triangle_what_the_claim_is_made_of_is_told(triangle):
    """The other one stands still."""
    read = np.tril(G) if triangle == "lower" else np.triu(G)
    diagonal = read * np.eye(3)
    for claim, words in (
        ((read + read.T) / 2, "the measured gradient, symmetrised:"),
        (read + read.T, "the measured gradient and its transpose, added:"),
        (read + read.T - diagonal, "the measured gradient in both triangles:"),
        (read.T, "the measured gradient, transposed:"),
    ):
        found = symmetrised(suspect(claim, read))
        assert found.sentence.startswith(f"{words} the function reads the {triangle} triangle alone")


def test_two_wrong_entries_show_that_a_matrix_was_symmetrised():
    """One is wrong for any reason; a matrix that is not square has no transpose to add."""
    one, two = G.copy(), G.copy()
    two[0, 1] = two[1, 0] = (G[0, 1] + G[1, 0]) / 2
    right = np.diag([1.0, 2.0, 3.0])
    right[0, 1], right[1, 0] = 4.0, 2.0
    claim = (right + right.T) / 2
    assert symmetrised(suspect(claim, right)) is not None
    one[0, 1] = 9.0
    assert symmetrised(suspect(one, G)) is None
    assert symmetrised(suspect(2 * G[:2], G[:2])) is None
    assert symmetrised(suspect(2 * G[0], G[0])) is None


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        (G, "added to its transpose, G + G.T, it would be the measured gradient: the function takes"),
        (2 * G, "symmetrised, (G + G.T)/2, it would be"),
    ],
)
def test_what_a_claim_would_have_to_be_made_into(claim, words):
    """Where the function symmetrises its argument, or takes it and its transpose."""
    right = (G + G.T) if claim is G else (2 * G + 2 * G.T) / 2
    found = symmetrised(suspect(claim, right))
    assert found is not None
    assert "it would be the measured gradient" in found.sentence


def test_one_corner_that_stands_still_is_no_triangle():
    """All on one side of the diagonal must, and not all on the other."""
    corner = G.copy()
    corner[0, 2] = 0.0
    found = symmetrised(suspect((corner + corner.T) / 2, corner))
    assert found.sentence.startswith("the measured gradient, symmetrised: (G + G.T)/2")


@pytest.mark.parametrize(("uplo", "read"), [("L", "lower"), ("U", "upper")])
def test_one_triangle_is_recognised_at_a_neighbour(uplo, read):
    """Where nothing is wrong at the given point, a diagonal matrix, both halves of a symmetric gradient are named."""

    def f(A):
        return float(np.sum(np.linalg.eigvalsh(A, UPLO=uplo) ** 2))

    def df(A):
        triangle = np.tril if uplo == "L" else np.triu
        return 4 * triangle(A) - 2 * np.diag(np.diag(A))

    report = check_gradients(f, 2 * np.eye(3), grad=lambda A: 2 * A)
    assert len(report.wrong) == 6
    said = f"A: the measured gradient, symmetrised: the function reads the {read} triangle"
    assert report.diagnosis[0].startswith(said)
    assert check_gradients(f, 2 * np.eye(3), grad=df).tensors["A"].wrong == 0


@pytest.mark.parametrize(("times", "told"), [(1.9, True), (2.1, False)])
def test_a_sum_of_two_slopes_is_twice_as_uncertain_as_one(times, told):
    """So a claim may be off by that, and no more."""
    evidence = suspect(E + E.T + times * 1e-4 * (np.abs(E) == np.abs(E).min()), E)
    found = symmetrised(replace(evidence, slack=np.full(E.shape, 1e-4)))
    assert (found is not None) is told
