"""What is handed in as a Jacobian: every form is understood, every entry named, and a wrong one found."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest

from gradcheck import GradientError, InputError, Verdict, assert_gradients, check_gradients

RNG = np.random.default_rng(0)
A = RNG.normal(size=(12, 5))
X = RNG.normal(size=5) / 4


def residuals(x):
    return np.tanh(A @ x)


def jacobian(x):
    return (1 - np.tanh(A @ x) ** 2)[:, None] * A


def wrong(x):
    J = jacobian(x)
    J[7, 1] *= 1.001
    return J


def triplets(J):
    rows, columns = np.indices(J.shape).reshape(2, -1)
    return rows, columns, J.ravel()


def sparse(J):
    return pytest.importorskip("scipy.sparse").csr_matrix(J)


def operator(J):
    return pytest.importorskip("scipy.sparse.linalg").aslinearoperator(J)


def keys(J):
    return pytest.importorskip("scipy.sparse").dok_matrix(J)


def values_and_places(J):
    rows, columns, values = triplets(J)
    return values, (rows, columns)


FORMS = {
    "keys and values": keys,
    "values, and where they are": values_and_places,
    "dense": lambda J: J,
    "a list of rows": lambda J: J.tolist(),
    "triplets": triplets,
    "sparse": sparse,
    "an operator": operator,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("called", [True, False], ids=["a function", "as it is here"])
def test_every_form_is_taken(form, called):
    """The wrong entry is named by output and input."""
    report = check_gradients(residuals, X, jac=(lambda x: form(wrong(x))) if called else form(wrong(X)))
    assert [e.name for e in report.wrong] == ["J[7,1]"]
    assert "J[7, 1] is the derivative of residuals[7] by x[1]" in report.diagnosis
    right = assert_gradients(residuals, X, jac=(lambda x: form(jacobian(x))) if called else form(jacobian(X)))
    assert right.tensors["J"].checked == A.size
    assert not any(report.wrong for report in [right])


def test_a_message_names_the_entry():
    """In the first line."""
    with pytest.raises(GradientError, match=r"^J\[7,1\]  claimed .*, measured .*\n"):
        assert_gradients(residuals, X, jac=wrong)


def test_the_argument_that_its_shape_fits_counts():
    """Of solve_ivp's habits too, where the first argument is a time."""

    def rhs(t, y):
        return np.array([y[1], -t * np.sin(y[0])])

    def by_y(t, y):
        return np.array([[0, 1], [-t * np.cos(y[0]), 0]])

    report = assert_gradients(rhs, 0.3, X[:2], jac=by_y)
    assert report.notes[0] == "the Jacobian is by y; held fixed, as data: t"
    found = check_gradients(rhs, 0.3, X[:2], jac=lambda t, y: -by_y(t, y))
    assert {e.name for e in found.wrong} == {"J[0,1]", "J[1,0]"}
    assert_gradients(lambda x, a: residuals(x) * a, X, args=(2.0,), jac=lambda x, a: a * jacobian(x))


def test_a_time_is_not_taken_for_the_one_state():
    """A matrix of one row and one column has the shape of the state, which has an axis, and not of the time."""

    def rhs(t, y):
        return [-(y[0] ** 2) * t]

    found = check_gradients(rhs, 0.5, [1.5], jac=lambda t, y: [[-y[0] * t]])
    assert [e.name for e in found.wrong] == ["J[0,0]"]
    assert "rhs[0] by y[0]" in str(found)
    assert_gradients(rhs, 0.5, [1.5], jac=lambda t, y: [[-2 * y[0] * t]])
    assert_gradients(rhs, 0.5, [1.5], jac=lambda t, y: [-(y[0] ** 2)], wrt="t")


def test_outputs_of_more_digits_count():
    """Beside floats too, where they were left out."""

    def f(x):
        return [Decimal(float(x[0])) ** 2, x[1] * x[0]]

    assert_gradients(f, [1.5, 2.0], jac=lambda x: [[2 * x[0], 0], [x[1], x[0]]])
    found = check_gradients(f, [1.5, 2.0], jac=lambda x: [[Decimal(float(x[0])), 0], [x[1], x[0]]])
    assert [e.name for e in found.wrong] == ["J[0,0]"]


def test_blocks_for_several_arguments_are_told_apart():
    """As a tuple, or by name."""
    y = X + 2
    for jac in (lambda x, y: (np.diag(y), 2 * np.diag(x)), lambda x, y: {"x": np.diag(y), "y": 2 * np.diag(x)}):
        report = check_gradients(lambda x, y: x * y, X, y, jac=jac)
        assert {e.tensor for e in report.wrong} == {"J_y"}
        assert report.tensors["J_x"].verdict is Verdict.CORRECT


def test_numbers_beside_data_have_a_column_each():
    """As curve_fit has it; a list of whole numbers is one of floats, as SciPy takes it."""
    t = np.linspace(0, 1, 8)

    def model(t, a, b):
        return a * np.exp(-b * t)

    def columns(t, a, b):
        return np.column_stack([np.exp(-b * t), -a * np.exp(-b * t)])  # t is forgotten

    found = check_gradients(model, t, 1.0, 2.0, jac=columns)
    assert {e.tensor for e in found.wrong} == {"J_b"}
    assert_gradients(lambda x: np.asarray(x) ** 2, [1, 2, 3], jac=lambda x: 2 * np.diag(x))


def test_one_output_and_outputs_with_axes_have_their_shapes():
    """SciPy's `jac` of one number is its gradient."""
    one = check_gradients(lambda x: float(x @ x), X, jac=lambda x: 2 * x * (1 + (np.arange(5) == 3)))
    assert [e.name for e in one.wrong] == ["x[3]"]
    assert_gradients(lambda x: (float(x @ x), 2 * x), X, jac=True)
    table = check_gradients(lambda x: np.outer(x, x)[:2], X, jac=lambda x: np.zeros((2, 5, 5)))
    assert table.tensors["J"].shape == (2, 5, 5)
    both = assert_gradients(lambda x: (residuals(x), jacobian(x)), X, jac=True)
    assert both.tensors["J"].verdict is Verdict.CORRECT


REFUSED = {
    "transposed": (
        {"jac": lambda x: jacobian(x).T},
        "J has shape (5, 12) where (12, 5) is needed (it looks transposed): a row for each of the 12 outputs",
    ),
    "text": ({"jac": lambda x: "J"}, "jac= returned a str; return a matrix of shape (12, 5) of floats, a sparse one"),
    "complex": ({"jac": lambda x: jacobian(x) + 0j}, "J is complex, and the outputs are real; return its real part"),
    "called otherwise": (
        {"jac": lambda x, t: jacobian(x)},
        "jac= is called as jac(x), and f(x, t) cannot be; write jac=lambda x: f(...)",
    ),
    "beyond the rows": (
        {"jac": lambda x: (np.array([0, 12]), np.array([0, 1]), np.ones(2))},
        "J has an entry in row 12, and there are 12 rows, from 0 to 11",
    ),
}


@pytest.mark.parametrize(("keywords", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(keywords, message):
    """With what is needed instead."""
    with pytest.raises(InputError, match=re.escape(message)):
        check_gradients(residuals, X, **keywords)


def test_bad_points_are_refused():
    """By name, with what to write."""
    with pytest.raises(InputError, match=re.escape("x is an integer array (int64), and integers cannot be moved")):
        check_gradients(residuals, np.arange(5), jac=jacobian)
    with pytest.raises(
        InputError, match=re.escape("residuals was given no arguments; write check_gradients(residuals")
    ):
        check_gradients(residuals, jac=jacobian)
    with pytest.raises(InputError, match=re.escape("wrt='y' matches none of x")):
        check_gradients(residuals, X, jac=jacobian, wrt="y")
    call = "if it is by that, write check_gradients(f, w, x, jac=..., wrt='x')"
    with pytest.raises(InputError, match=re.escape(call)):
        check_gradients(lambda w, x: w[0] * residuals(x), np.ones(3), X, jac=lambda w, x: w[0] * jacobian(x))


def test_an_operators_other_product_is_checked_too():
    """least_squares uses both."""
    scipy = pytest.importorskip("scipy.sparse.linalg")

    def products(x, k=1.0):
        D = jacobian(x)
        return scipy.LinearOperator(D.shape, matvec=lambda p: D @ p, rmatvec=lambda u: k * D.T @ u, dtype=float)

    assert [*assert_gradients(residuals, X, jac=products).tensors] == ["J", "J.rmatvec"]
    found = check_gradients(residuals, X, jac=lambda x: products(x, 2.0))
    assert {e.tensor for e in found.wrong} == {"J.rmatvec"}


def test_a_series_stays_a_series():
    """The function is called with what it was given, and its table of derivatives is read."""
    pd = pytest.importorskip("pandas")
    point = pd.Series(X, index=list("abcde"))

    def f(p):
        return pd.Series(np.tanh(A @ p.to_numpy()) * p["a"])

    def table(p):
        t = np.tanh(A @ p.to_numpy())
        return pd.DataFrame(p["a"] * (1 - t**2)[:, None] * A + np.outer(t, [1, 0, 0, 0, 0]))

    assert_gradients(f, point, jac=table)
    assert "J[3,2]" in [e.name for e in check_gradients(f, point, jac=lambda p: table(p) * [1, 1, 2, 1, 1]).wrong]
