"""Which entries a matrix claims, whatever it is made of."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from gradcheck import InputError, assert_gradients, check_gradients
from gradcheck._adapters.matrix_forms import entries, only_row, transposed_times, triplets

M = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])
ROWS, COLUMNS = np.nonzero(M)
TRIPLETS = ROWS, COLUMNS, M[ROWS, COLUMNS]


def sparse(how):
    return getattr(pytest.importorskip("scipy.sparse"), how)(M)


def operator():
    return pytest.importorskip("scipy.sparse.linalg").aslinearoperator(M)


FORMS = {
    "dense": (lambda: M, 6),
    "a list": (M.tolist, 6),
    "an operator": (operator, 6),
    "triplets": (lambda: TRIPLETS, 3),
    "triplets, one of them twice": (
        lambda: tuple(np.r_[p, p[:1]] for p in (*TRIPLETS[:2], TRIPLETS[2] / [2, 1, 1])),
        3,
    ),
    "a sparse matrix": (lambda: sparse("csc_matrix"), 3),
    "a sparse array": (lambda: sparse("coo_array"), 3),
    "keys and values": (lambda: sparse("dok_array"), 3),
    "values, and where they are": (lambda: (TRIPLETS[2], TRIPLETS[:2]), 3),
}


@pytest.mark.parametrize(("make", "count"), FORMS.values(), ids=FORMS)
def test_every_form_claims_the_same(make, count):
    """A pattern claims zeros elsewhere; what stands twice is added up."""
    found = entries(make(), (2, 3), "J", ((2,), (3,)))
    assert len(found.values) == count
    whole = np.zeros(6)
    whole[found.flat] = found.values
    np.testing.assert_array_equal(whole.reshape(2, 3), M)


@pytest.mark.parametrize("make", [make for make, _ in FORMS.values()], ids=FORMS)
def test_the_transpose_of_every_form_has_products(make):
    """As the gradient of a Lagrangian needs it."""
    form = make()
    form = np.asarray(form) if isinstance(form, list) else form
    np.testing.assert_allclose(transposed_times(form, np.array([1.0, 2.0]), (3,)), [1.0, 6.0, 2.0])


def test_three_lists_of_numbers_are_no_triplets():
    """The first two are whole numbers, and they come in a tuple."""
    assert triplets(TRIPLETS) is not None
    assert triplets([[1.0, 2.0]] * 3) is None
    assert triplets([*TRIPLETS]) is None
    assert triplets((np.ones(2), np.ones(2), np.ones(2))) is None


def test_rows_of_whole_numbers_are_a_matrix_where_they_have_its_shape():
    """A constant Jacobian, written as three rows; a list of arrays is none of rows."""
    rows = ([1, 0], [0, 1], [2, 3])
    for claim in (rows, [*rows]):
        np.testing.assert_array_equal(entries(claim, (3, 2), "J", ((3,), (2,))).values, np.ravel(rows))
    assert len(entries([*TRIPLETS], (2, 3), "J", ((2,), (3,))).values) == 3


def test_triplets_of_different_lengths_are_refused():
    """With their lengths, and not in the words of NumPy."""
    with pytest.raises(InputError, match=re.escape("J has 3 rows, 3 columns and 2 values; give one of each")):
        entries((*TRIPLETS[:2], TRIPLETS[2][:2]), (2, 3), "J", ((2,), (3,)))


def test_numbers_of_more_digits_are_claims():
    """Of a Jacobian that is written in exact fractions."""
    claim = [[Fraction(1), 0, Decimal(2)], [0, Fraction(3), 0]]
    np.testing.assert_array_equal(entries(claim, (2, 3), "J", ((2,), (3,))).values, M.ravel())


def test_a_shape_that_does_not_fit_is_refused():
    """With what is needed; one output has a row, or none."""
    with pytest.raises(InputError, match=re.escape("J has shape (3, 2) where (2, 3) is needed (it looks transposed)")):
        entries(M.T, (2, 3), "J", ((2,), (3,)))
    assert entries(np.ones(3), (1, 3), "J", ((), (3,))).shape == (1, 3)


ROWS = {"dense": np.atleast_2d, "list": lambda g: [g.tolist()]}


@pytest.mark.parametrize("form", ROWS.values(), ids=ROWS)
def test_one_row_is_the_gradient_of_one_number(form):
    """In the shape of x; what has another shape is left for its own message."""
    x = np.array([0.4, -1.1, 0.7])
    assert np.array_equal(only_row(form(2 * x), x), 2 * x)
    assert np.shape(only_row(np.ones((1, 2)), x)) == (1, 2)
    assert only_row(None, x) is None
    square = lambda x: float(x @ x)  # noqa: E731
    assert_gradients(square, x, jac=lambda x: form(2 * x))
    assert_gradients(lambda x: (square(x), form(2 * x)), x, jac=True)
    assert len(check_gradients(square, x, jac=lambda x: form(3 * x)).wrong) == 3


def test_one_sparse_row_is_the_gradient_of_one_number():
    """And so is an operator with one output."""
    sparse = pytest.importorskip("scipy.sparse")
    linalg = pytest.importorskip("scipy.sparse.linalg")
    x = np.array([0.4, -1.1, 0.7])
    for form in (sparse.csr_matrix, linalg.aslinearoperator):
        assert np.array_equal(only_row(form(2 * x[None]), x), 2 * x)
