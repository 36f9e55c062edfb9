"""What NumPy's users hand in: each way of stating a gradient is understood, and a wrong one found in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.choose import choose
from gradcheck._adapters.cotangent import random_cotangent
from gradcheck._adapters.introspect import argument_names
from gradcheck._options import Options
from gradcheck.networks import Array, Chain, CrossEntropy, Dense, MeanSquaredError, Tanh, constant, mlp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2))
W = RNG.normal(size=(2, 4))
LABELS = np.array([0, 3, 1])


def worst(report):
    return {name: t.verdict for name, t in report.tensors.items()}


def right(*names):
    return dict.fromkeys(names, Verdict.CORRECT)


class Network:
    """An object with params and loss(...) -> (loss, grads), each gradient times its own factor."""

    def __init__(self, **factors):
        self.params = {"W": W.copy(), "b": np.zeros(4)}
        self.factors = factors

    def loss(self, x, y):
        error = x @ self.params["W"] + self.params["b"] - y
        grads = {"W": 2 * x.T @ error, "b": 2 * error.sum(axis=0)}
        return float(np.sum(error**2)), {k: g * self.factors.get(k, 1) for k, g in grads.items()}


@dataclass(frozen=True)
class Scale:
    """y = x g, its way back wrong by the factors."""

    g: Array
    factors: tuple[float, float] = constant()

    def forward(self, x):
        a, b = self.factors
        return x * self.g, lambda dy: (a * dy * self.g, replace(self, g=b * (dy * x).sum(axis=0)))


@dataclass(frozen=True)
class Cell:
    """A layer of two inputs and two outputs: y = tanh(x W + h), and h + x."""

    W: Array

    def forward(self, x, h):
        y = np.tanh(x @ self.W + h)

        def backward(dy, dsum):
            d = dy * (1 - y**2)
            return d @ self.W.T + dsum, d + dsum, replace(self, W=x.T @ d)

        return y, h + x, backward


# ---------------------------------------------------------------------------------------- functions

FUNCTIONS = {
    "grad": lambda k: check_gradients(lambda x: float(np.sum(x**3)), X, grad=lambda x: k * 3 * x**2),
    "vjp": lambda k: check_gradients(lambda x: x**3, X, vjp=lambda x, u: k * 3 * x**2 * u),
    "value_and_grad": lambda k: check_gradients(lambda x: (float(np.sum(x**3)), k * 3 * x**2), X, value_and_grad=True),
}


@pytest.mark.parametrize("check", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("factor", [-1, 2, 0, 1 + 1e-4])
def test_a_wrong_gradient_of_a_function(check, factor):
    """In each of the three ways of stating it, every entry is found to be wrong."""
    report = check(factor)
    assert len(report.wrong) == X.size
    assert {e.tensor for e in report.wrong} == {"x"}


@pytest.mark.parametrize("check", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_right_gradient_of_a_function(check):
    """All of it is correct, and without a problem."""
    report = check(1)
    assert worst(report) == right("x")
    assert report.problems == ()


@pytest.mark.parametrize("wrong", ["a", "c"])
def test_of_several_arguments_the_wrong_one_is_named(wrong):
    """By its name in the signature; integers among them need no gradient."""
    factor = {"a": 1, "c": 1} | {wrong: -1}

    def f(a, k, c):
        return float(np.sum(a**k * c))

    def df(a, k, c):
        return factor["a"] * k * a ** (k - 1) * c, factor["c"] * a**k

    report = check_gradients(f, X + 3, 2, X.copy(), grad=df)
    assert {e.tensor for e in report.wrong} == {wrong}
    assert (
        worst(
            check_gradients(f, X + 3, 2, X.copy(), grad=lambda *args: (df(*args)[0] * factor["a"], None, args[0] ** 2))
        )["c"]
        is Verdict.CORRECT
    )


GRADIENTS = {
    "a tuple": lambda a, b: (b, a),
    "a list": lambda a, b: [b, a],
    "a dict of names": lambda a, b: {"b": a, "a": b},
}


@pytest.mark.parametrize("df", GRADIENTS.values(), ids=GRADIENTS)
def test_gradients_of_several_arguments(df):
    """As a tuple or a list in their order, or by name."""
    assert worst(check_gradients(lambda a, b: float(np.sum(a * b)), X, 2 * X, grad=df)) == right("a", "b")


def test_a_gradient_for_the_only_float_argument():
    """May stand alone, in a tuple of one, or in its place among Nones."""

    def f(x, n):
        return float(np.sum(x**n))

    for df in (
        lambda x, n: n * x ** (n - 1),
        lambda x, n: (n * x ** (n - 1),),
        lambda x, n: (n * x ** (n - 1), None),
    ):
        assert worst(check_gradients(f, X, 3, grad=df)) == right("x")


def test_a_dict_of_arrays_brings_its_own_names():
    """And so does a dataclass; they are kinds of parameters, not inputs."""
    report = check_gradients(
        lambda p: float(np.sum((X @ p["W"] + p["b"]) ** 2)),
        {"W": W, "b": np.ones(4)},
        grad=lambda p: {"W": 2 * X.T @ (X @ p["W"] + p["b"]), "b": 2 * (X @ p["W"] + p["b"]).sum(axis=0)},
    )
    assert {n: (t.kind, t.verdict) for n, t in report.tensors.items()} == {
        "W": ("weight", Verdict.CORRECT),
        "b": ("bias", Verdict.CORRECT),
    }
    report = check_gradients(lambda s: float(np.sum(s.g**2)), Scale(W, (1, 1)), grad=lambda s: replace(s, g=2 * s.g))
    assert worst(report) == right("g")


@pytest.mark.parametrize(
    ("f", "count", "names"),
    [
        (lambda a, b: a, 2, ["a", "b"]),
        (lambda a, b=2: a, 1, ["a"]),
        (lambda *args: args, 1, ["x"]),
        (lambda *args: args, 2, ["x0", "x1"]),
        (lambda a, *rest: a, 3, ["x0", "x1", "x2"]),
        (lambda a, *, b: a, 1, ["a"]),
        (max, 1, ["x"]),
    ],
)
def test_arguments_have_the_names_of_the_signature(f, count, names):
    """Or x, or x0, x1, ... where it has none."""
    assert argument_names(f, count) == names


# ----------------------------------------------------------------------------------- several outputs


def test_a_pullback_that_mixes_up_two_outputs():
    """Is found: the cotangents of the two are different random numbers."""
    report = check_gradients(lambda x: (np.sin(x), np.cos(x)), X, vjp=lambda x, u: u[1] * np.cos(x) - u[0] * np.sin(x))
    assert report.verdict is Verdict.WRONG


OUTPUTS = {
    "a tuple": (lambda x: (np.sin(x), np.exp(x)), lambda x, u: u[0] * np.cos(x) + u[1] * np.exp(x)),
    "a dict": (lambda x: {"s": np.sin(x), "n": 3}, lambda x, u: u["s"] * np.cos(x)),
    "an integer between": (lambda x: (np.sin(x), np.argmax(x), x), lambda x, u: u[0] * np.cos(x) + u[2]),
    "a scalar": (lambda x: float(np.sum(np.sin(x))), lambda x, u: u * np.cos(x)),
    "a matrix and a number": (lambda x: [x, np.sum(x)], lambda x, u: u[0] + u[1]),
    "float32": (lambda x: x.astype(np.float32), lambda x, u: u.astype(np.float64)),
}


@pytest.mark.parametrize(("f", "pullback"), OUTPUTS.values(), ids=OUTPUTS)
def test_outputs_of_any_structure(f, pullback):
    """The cotangent has the structure, shapes and dtypes of the output; None where it is no float."""
    report = check_gradients(f, X, vjp=pullback)
    assert worst(report) == right("x")
    assert report.problems == ()


def test_the_cotangent_has_the_dtype_of_the_output():
    """A pullback that relies on it is not disturbed."""
    seen = []

    def pullback(x, u):
        seen.append((u.dtype, u.shape))
        return u.astype(np.float64)

    check_gradients(lambda x: x.astype(np.float32), X, vjp=pullback)
    assert set(seen) == {(np.dtype(np.float32), X.shape)}


def test_the_seed_draws_the_cotangent():
    """Of which no entry is near zero: nothing of the output is left out."""
    u = random_cotangent(10_000, 0)
    assert np.array_equal(u, random_cotangent(10_000, 0))
    assert not np.array_equal(u, random_cotangent(10_000, 1))
    assert 0.5 <= np.abs(u).min() <= np.abs(u).max() <= 1.5
    assert 4000 < np.count_nonzero(u > 0) < 6000


# ------------------------------------------------------------------------------ objects with params


@pytest.mark.parametrize("name", ["W", "b"])
def test_a_wrong_gradient_of_a_network_is_named(name):
    """The other one agrees."""
    report = check_gradients(Network(**{name: 1.01}), X, np.ones((3, 4)))
    assert {e.tensor for e in report.wrong} == {name}
    assert report.name == "Network"


def test_a_right_network():
    """Weights and biases are told apart by their names."""
    report = check_gradients(Network(), X, np.ones((3, 4)))
    assert worst(report) == right("W", "b")
    assert {n: t.kind for n, t in report.tensors.items()} == {"W": "weight", "b": "bias"}


def test_nested_params_and_lists():
    """Names are paths."""

    class Deep:
        def __init__(self):
            self.params = {"enc": {"W": [W.copy(), 2 * W]}, "rate": 0.5}

        def loss(self):
            a, b = self.params["enc"]["W"]
            rate = self.params["rate"]
            return rate * float(np.sum(a * b)), {"enc": {"W": [rate * b, rate * a]}, "rate": float(np.sum(a * b))}

    assert worst(check_gradients(Deep())) == right("enc.W[0]", "enc.W[1]", "rate")


def test_a_network_may_hold_its_arrays_under_other_names():
    """They are written to in place, so that a forward that reads self.W sees the step."""

    class Aliased(Network):
        def __init__(self):
            super().__init__()
            self.W = self.params["W"]

        def loss(self, x, y):
            assert self.W is self.params["W"]
            return super().loss(x, y)

    assert worst(check_gradients(Aliased(), X, np.ones((3, 4)))) == right("W", "b")


class Tied(Network):
    """One array under two names; each is claimed the gradient of both its uses."""

    def __init__(self):
        A = np.array([1.0, 2.0, 3.0])
        self.params = {"W": A, "V": A}

    def loss(self):
        W, V = self.params["W"], self.params["V"]
        return float(np.sum(W**2 * V)), {"W": 3 * W**2, "V": 3 * W**2}


def test_tied_parameters_are_moved_together():
    """A right gradient of tied weights is not accused, or the call is refused."""
    try:
        assert check_gradients(Tied()).wrong == ()
    except InputError as error:
        assert "W" in str(error)  # noqa: PT017  either is fine


def test_params_that_are_copies_are_refused():
    """A property that builds its arrays anew cannot be moved; the error says so."""

    class Copies:
        def __init__(self):
            self._W = W.copy()

        @property
        def params(self):
            return {"W": self._W.copy()}

        def loss(self):
            return float(np.sum(self._W**2)), {"W": 2 * self._W}

    with pytest.raises(InputError, match="params"):
        check_gradients(Copies())


def test_a_number_in_params_that_are_made_anew_is_refused():
    """Nothing that is written to it would be kept."""

    class Rate:
        rate = 0.5

        @property
        def params(self):
            return {"rate": self.rate}

        def loss(self):
            return self.rate**2, {"rate": 2 * self.rate}

    with pytest.raises(InputError, match="params of Rate is made anew"):
        check_gradients(Rate())


def test_params_that_are_views_of_one_array_can_be_moved():
    """They do not overlap, and writing to them is writing to it."""

    class Flat:
        def __init__(self):
            self.flat = np.linspace(1, 2, 6)

        @property
        def params(self):
            return {"W": self.flat[:4].reshape(2, 2), "b": self.flat[4:]}

        def loss(self):
            return float(np.sum(self.flat**3)), {k: 3 * v**2 for k, v in self.params.items()}

    net = Flat()
    assert worst(check_gradients(net)) == right("W", "b")
    assert np.array_equal(net.flat, np.linspace(1, 2, 6))


def test_nested_params_may_be_held_under_other_names():
    """They are written to in place too, in dicts, lists and tuples."""

    class Nested:
        def __init__(self):
            self.W, self.V, self.b = W.copy(), 2 * W, np.ones(4)
            self.params = {"enc": {"W": [self.W, self.V]}, "b": (self.b,)}

        def loss(self):
            grads = {"enc": {"W": [self.V, self.W]}, "b": (3 * self.b**2,)}
            return float(np.sum(self.W * self.V) + np.sum(self.b**3)), grads

    net = Nested()
    assert worst(check_gradients(net)) == right("enc.W[0]", "enc.W[1]", "b[0]")
    assert net.params["enc"]["W"][0] is net.W


# --------------------------------------------------------------------------------- reference layers


@pytest.mark.parametrize(("factors", "name"), [((-1, 1), "x"), ((1, 2), "g")])
def test_a_wrong_layer_is_named(factors, name):
    """Its gradient to the input, or to the parameter."""
    report = check_gradients(Scale(np.array([0.5, 2.0]), factors), X)
    assert {e.tensor for e in report.wrong} == {name}


def test_a_right_layer():
    """The input is an input, a weight a weight."""
    report = check_gradients(Dense.random(2, 4, RNG), X)
    assert worst(report) == right("W", "b", "x")
    assert {n: t.kind for n, t in report.tensors.items()} == {"W": "weight", "b": "bias", "x": "input"}
    assert report.name == "Dense"


def test_a_layer_of_several_inputs_and_outputs():
    """Each input has the name that forward gives it."""
    cell = Cell(RNG.normal(size=(2, 2)))
    report = check_gradients(cell, X, RNG.normal(size=(3, 2)))
    assert worst(report) == right("W", "x", "h")


@pytest.mark.parametrize("loss", [CrossEntropy(LABELS), MeanSquaredError(np.ones((3, 4)))], ids=["entropy", "squares"])
def test_a_loss_on_top(loss):
    """Its way back is part of what is checked; its targets are no parameters."""
    net = mlp((2, 5, 4), Tanh(), RNG)
    names = ["layers[0].W", "layers[0].b", "layers[2].W", "layers[2].b", "x"]
    assert worst(check_gradients(net, X, loss=loss)) == right(*names)


def test_a_wrong_loss_on_top():
    """Makes every gradient wrong."""

    @dataclass(frozen=True)
    class Halved(CrossEntropy):
        def forward(self, x):
            cost, back = super().forward(x)
            return cost, lambda dcost: (back(dcost)[0] / 2, self)

    report = check_gradients(mlp((2, 5, 4), Tanh(), RNG), X, loss=Halved(LABELS))
    assert all(t.wrong for t in report.tensors.values())


def test_a_layer_used_twice():
    """Its two gradients are two, each under its own path."""
    dense = Dense.random(2, 2, RNG)
    report = check_gradients(Chain((dense, Tanh(), dense)), X)
    assert worst(report) == right("layers[0].W", "layers[0].b", "layers[2].W", "layers[2].b", "x")


def test_the_batch_size_is_known():
    """To those who explain a wrong factor; not where the arguments disagree on one."""
    options = Options(vjp=lambda *a: a)
    assert next(iter(choose(lambda x: x, (X,), options).sizes.items())) == ("the batch size", 3)
    assert not any("batch" in name for name in choose(lambda x, w: x @ w, (X, W), options).sizes)
