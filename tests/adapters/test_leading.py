"""What a gradient is for: the leading argument of its shape, or those that wrt= names; all else is held fixed."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import InputError, Verdict, assert_gradients, check_gradients

RNG = np.random.default_rng(0)
X, Y, W = RNG.normal(size=(20, 3)), RNG.normal(size=20), RNG.normal(size=3)
ONE = np.array([0.0, 1.0, 0.0])


def cost(w, X, y):
    return 0.5 * np.mean((X @ w - y) ** 2)


def dw(w, X, y):
    return X.T @ (X @ w - y) / len(y)


def wrong(w, X, y):
    return dw(w, X, y) * (1 + ONE / 100)


CALLS = {
    "data beside": ((W, X, Y), {}),
    "args=": ((W,), {"args": (X, Y)}),
    "integers": ((W, RNG.integers(0, 5, (20, 3)), Y), {}),
    "labels": ((W, X, RNG.integers(0, 2, 20)), {}),
    "a list of whole numbers": (([0, 1, 2], X, Y), {}),
}


@pytest.mark.parametrize(("args", "keywords"), CALLS.values(), ids=CALLS)
def test_the_leading_argument_counts_and_the_others_are_data(args, keywords):
    """The wrong entry is named, the right gradient passes, and it is said what is held fixed."""
    found = check_gradients(cost, *args, grad=wrong, **keywords)
    assert [e.index[0] if e.index else e.tensor for e in found.wrong] in ([1], ["w[1]"])
    report = assert_gradients(cost, *args, grad=dw, **keywords)
    assert report.notes[0] == "the gradient is for w; held fixed, as data: X, y"
    assert {name.partition("[")[0] for name in report.tensors} == {"w"}


def test_one_value_of_args_stands_for_itself():
    """As in SciPy."""
    assert_gradients(lambda x, a: np.sum(a * x**2), np.ones(3), args=2.0, grad=lambda x, a: 2 * a * x)


def test_data_may_be_nan_text_or_nothing_at_all():
    """None of it is moved."""
    missing = Y.copy()
    missing[3] = np.nan

    def f(w, X, y, how, mask):
        return np.nansum((X @ w - y) ** 2)

    def g(w, X, y, how, mask):
        return 2 * X.T @ np.nan_to_num(X @ w - y)

    report = assert_gradients(f, W, X, missing, "nan", None, grad=g)
    assert report.notes[0].endswith("as data: X, y, how, mask")


def test_a_dict_or_a_list_of_parameters_may_lead():
    """Its gradient is like it."""
    weights = {"a": W.copy(), "b": np.zeros(())}

    def f(p, X, y):
        return cost(p["a"], X, y - p["b"])

    def g(p, X, y):
        off = X @ p["a"] + p["b"] - y
        return {"a": X.T @ off / len(y), "b": np.mean(off)}

    assert [*assert_gradients(f, weights, X, Y, grad=g).tensors] == ["p.a", "p.b"]
    listed = assert_gradients(
        lambda p, X, y: f(dict(zip("ab", p, strict=True)), X, y),
        [*weights.values()],
        X,
        Y,
        grad=lambda p, X, y: [*g(dict(zip("ab", p, strict=True)), X, y).values()],
    )
    assert [*listed.tensors] == ["p[0]", "p[1]"]


@pytest.mark.parametrize("way", ["value_and_grad", "vjp"])
def test_other_ways_of_saying_it(way):
    """The value beside the gradient, and a pullback."""
    if way == "vjp":
        calls = [(lambda w, X: X @ w, lambda w, X, v, k=k: X.T @ v * (1 + k * ONE)) for k in (0, 0.01)]
        right, bad = (check_gradients(f, W, X, vjp=p) for f, p in calls)
    else:
        right, bad = (
            check_gradients(lambda w, X, y, g=g: (cost(w, X, y), g(w, X, y)), W, X, Y, value_and_grad=True)
            for g in (dw, wrong)
        )
    assert right.verdict is Verdict.CORRECT
    assert [e.name for e in bad.wrong] == ["w[1]"]


def test_wrt_says_it_where_the_shape_is_that_of_another_argument():
    """The gradient for y is no gradient for w; the message quotes the call."""

    def dy(w, X, y):
        return (y - X @ w) / len(y)

    call = "write check_gradients(cost, w, X, y, grad=..., wrt='y')"
    with pytest.raises(InputError, match=re.escape(f"it has the shape of y: if it is the gradient for that, {call}")):
        check_gradients(cost, W, X, Y, grad=dy)
    assert [*assert_gradients(cost, W, X, Y, grad=dy, wrt="y").tensors] == ["y"]
    two = check_gradients(cost, W, X, Y, grad=lambda *a: (dw(*a), 2 * dy(*a)), wrt=["w", "y"])
    assert {e.tensor for e in two.wrong} == {"y"}


def test_a_shorter_tuple_is_for_the_leading_arguments_if_it_fits_no_others():
    """An intercept beside the weights; of three arguments of one shape nobody knows which two are meant."""

    def f(w, b, X, y):
        return cost(w, X, y - b)

    def g(w, b, X, y):
        off = X @ w + b - y
        return X.T @ off / len(y), off.mean()

    assert [*assert_gradients(f, W, 0.5, X, Y, grad=g).tensors] == ["w", "b"]
    with pytest.raises(InputError, match=re.escape("return the tuple (da, db, dc), or say what it is for, wrt=['a'")):
        check_gradients(lambda a, b, c: a @ b + c @ c, W, W, W, grad=lambda a, b, c: (b, a))


def test_what_fits_nothing_is_refused_with_both_ways_to_write_it():
    """In the user's own names."""
    said = "for check_gradients(cost, w, X, y, grad=...) return the gradient for w alone, dw, in its shape"
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        check_gradients(cost, W, X, Y, grad=lambda *a: dw(*a)[:2])
    assert "returned an array of shape (2,) where w is an array of shape (3,)" in str(caught.value)
    assert str(caught.value).endswith("or the tuple (dw, dX, dy)")


def test_what_raises_is_left_to_the_check():
    """Who raised is said by whoever calls first in earnest; a call that cannot be is refused."""
    with pytest.raises(AssertionError, match="the function raised ZeroDivisionError"):
        check_gradients(lambda w, y: float(w[0]) / 0, W, Y, grad=lambda w, y: w)
    with pytest.raises(
        InputError, match=re.escape("f(w) cannot be called with 2 arguments; write check_gradients(f, w,")
    ):
        check_gradients(lambda w: w @ w, W, Y, grad=lambda w: 2 * w)


def test_models_of_statsmodels():
    """Score, Hessian, and the scores of every observation, with the names of a table."""
    pd = pytest.importorskip("pandas")
    sm = pytest.importorskip("statsmodels.api")
    table = pd.DataFrame(X, columns=list("abc"))
    model = sm.Logit((RNG.random(20) < 0.5).astype(int), table)
    assert_gradients(model.loglike, W, grad=model.score, hess=model.hessian)
    assert_gradients(model.loglikeobs, W, jac=model.score_obs)
    found = check_gradients(
        model.loglike, W, grad=lambda p: model.score(p) * (1 + ONE / 100), names=list(table.columns)
    )
    assert [e.name for e in found.wrong] == ["params.b"]


def test_kernels_of_scikit_learn():
    """Value and gradient in one call, of a number and of a matrix."""
    process = pytest.importorskip("sklearn.gaussian_process")
    kernel = process.kernels.RBF() + process.kernels.WhiteKernel()
    fitted = process.GaussianProcessRegressor(kernel, optimizer=None).fit(X, Y)
    theta = fitted.kernel_.theta + 0.1
    assert_gradients(lambda t: fitted.log_marginal_likelihood(t, eval_gradient=True), theta, jac=True)
    report = assert_gradients(lambda t: kernel.clone_with_theta(t)(X[:5], eval_gradient=True), theta, jac=True)
    assert report.tensors["J"].shape == (5, 5, 2)


def test_a_table_with_text_is_data():
    """Its columns are taken by name."""
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"a": X[:3, 0], "who": list("uvw"), "k": [1, 2, 3]})

    def f(w, table):
        return float(np.sum((w * table["a"].to_numpy() - table["k"].to_numpy()) ** 2))

    def g(w, table):
        a = table["a"].to_numpy()
        return 2 * a * (w * a - table["k"].to_numpy())

    assert assert_gradients(f, W, table, grad=g).notes[0] == "the gradient is for w; held fixed, as data: table"


@pytest.mark.parametrize("way", ["vjp", "value_and_grad"])
def test_every_call_of_the_function_is_counted(way):
    """That which shows what the gradient is for, too."""
    calls = []

    def f(w, X):
        calls.append(1)
        return X @ w if way == "vjp" else (w @ w, 2 * w)

    claim = {"vjp": lambda w, X, v: X.T @ v} if way == "vjp" else {"value_and_grad": True}
    report = check_gradients(f, W, X, **claim)
    gradients = report.gradients if way == "value_and_grad" else 0  # which are calls of the same function
    assert len(calls) == report.evaluations + gradients
