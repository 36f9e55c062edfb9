"""What a gradient is for: the leading argument of its shape, or those that wrt= names; all else is held fixed."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import GradientError, InputError, Verdict, assert_gradients, check_gradients

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


RETURNED = {
    "None for the others": lambda g: (g, None, None),
    "a dict": lambda g: {"w": g},
    "a tuple of one": lambda g: (g,),
}


@pytest.mark.parametrize("returned", RETURNED.values(), ids=RETURNED)
def test_what_is_returned_says_which_arguments_it_is_for(returned):
    """None holds an argument fixed, float or not."""
    cost = lambda w, X, y: float(np.sum((X @ w - y) ** 2))  # noqa: E731
    right = assert_gradients(cost, W, X, Y, grad=lambda w, X, y: returned(2 * X.T @ (X @ w - y)))
    assert [*right.tensors] == ["w"]
    assert "the gradient is for w; held fixed, as data: X, y" in right.notes
    wrong = check_gradients(cost, W, X, Y, grad=lambda w, X, y: returned(2 * X.T @ (X @ w - y) * (1 + ONE)))
    assert [e.name for e in wrong.wrong] == ["w[1]"]


def test_the_one_in_the_middle_may_be_meant():
    """By None on either side of it."""
    f = lambda a, w, b: float(a @ w**2 * (b @ b))  # noqa: E731
    right = assert_gradients(f, W, W + 1, W + 2, grad=lambda a, w, b: (None, 2 * a * w * (b @ b), None))
    assert [*right.tensors] == ["w"]
    assert {e.tensor for e in check_gradients(f, W, W + 1, W + 2, grad=lambda a, w, b: (None, a * w, None)).wrong} == {
        "w"
    }


def test_leading_numbers_have_a_vector_of_gradients():
    """As those of curve_fit have columns."""
    cost = lambda a, b, x, y: float(np.sum((a + b * x - y) ** 2))  # noqa: E731

    def gradient(a, b, x, y, k=2):
        return np.array([2 * np.sum(a + b * x - y), k * np.sum((a + b * x - y) * x)])

    assert_gradients(cost, 0.3, 1.2, X[:, 0], Y, grad=gradient)
    wrong = check_gradients(cost, 0.3, 1.2, X[:, 0], Y, grad=lambda a, b, x, y: gradient(a, b, x, y, 1))
    assert [e.name for e in wrong.wrong] == ["b"]


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


def test_a_gradient_that_is_seen_once_only_is_refused():
    """It is named, and so is the list that it stands beside."""
    pair = [(W, W), (W, W)]
    with pytest.raises(InputError, match=r"a generator where p is a list of 2; .*: return list\(...\) of it"):
        assert_gradients(lambda p, X: float(p[0][0] @ p[0][1]), pair, X, grad=lambda p, X: (a for a, _ in p))


def test_gradients_by_name_may_be_called_after_their_arguments():
    """As `propagate` of a course returns them."""

    def f(w, b, X):
        return float(np.sum((X @ w + b) ** 2))

    def g(w, b, X):
        return {"dw": 2 * X.T @ (X @ w + b), "db": 2 * np.sum(X @ w + b)}

    assert assert_gradients(f, W, 0.3, X, grad=g).notes == ("the gradient is for w, b; held fixed, as data: X",)
    with pytest.raises(GradientError, match="b  claimed 1"):
        assert_gradients(f, W, 0.3, X, grad=lambda w, b, X: g(w, b, X) | {"db": 1.0})


def test_gradients_of_a_dict_in_front_may_be_called_after_what_is_in_it():
    """As dW beside W, in a dict or in a list of dicts; the others are data."""

    def value(layers, x):
        for layer in layers:
            x = np.tanh(x @ layer["W"] + layer["b"])
        return float(np.sum(x))

    def backward(layers, x, off=1.0):
        kept = [x]
        for layer in layers:
            kept.append(np.tanh(kept[-1] @ layer["W"] + layer["b"]))
        dy, grads = np.ones_like(kept[-1]), []
        for layer, below, y in zip(layers[::-1], kept[-2::-1], kept[:0:-1], strict=True):
            dz = dy * (1 - y**2)
            grads.insert(0, {"dW": below.T @ dz, "db": off * dz.sum(axis=0)})
            dy = dz @ layer["W"].T
        return grads

    layers = [{"W": RNG.normal(size=(3, 3)), "b": np.zeros(3)} for _ in range(2)]
    alone = lambda layer, x: value([layer], x)  # noqa: E731
    for off, verdict in ((1.01, Verdict.WRONG), (1.0, Verdict.CORRECT)):
        both = check_gradients(value, layers, X, grad=lambda p, x, off=off: backward(p, x, off))
        first = check_gradients(alone, layers[0], X, grad=lambda p, x, off=off: backward([p], x, off)[0])
        assert (both.verdict, first.verdict) == (verdict, verdict)
        assert {entry.tensor for entry in both.wrong} <= {"layers[0].b", "layers[1].b"}
        assert {entry.tensor for entry in first.wrong} <= {"layer.b"}
