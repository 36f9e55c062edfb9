"""Objects with a dict of params and a loss that returns its gradients: moved in place, or refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
X = RNG.normal(size=(3, 2))
W = RNG.normal(size=(2, 4))


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

    with pytest.raises(InputError, match="params of Rate is made new"):
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


def test_gradients_may_come_from_a_method_of_their_own():
    """Beside a loss that returns one number; a pair is taken as it is, whatever else the object can do."""

    class Apart(Network):
        def loss(self, x, y):
            return super().loss(x, y)[0]

        def gradient(self, x, y):
            return super().loss(x, y)[1]

    class Both(Network):
        def gradient(self):
            raise ZeroDivisionError

    y = np.ones((3, 4))
    assert {e.tensor for e in check_gradients(Apart(b=1.01), X, y).wrong} == {"b"}
    assert worst(check_gradients(Apart(), X, y)) == worst(check_gradients(Both(), X, y)) == right("W", "b")


def test_a_loss_that_comes_alone_is_told_where_its_gradients_are_looked_for():
    """What the message says to write is then taken, and what is wrong in it found."""

    class Alone(Network):
        def loss(self, x, y):
            value, self.grads = super().loss(x, y)
            return value

    y = np.ones((3, 4))
    with pytest.raises(InputError, match=r"or write def gradient\(self, x, y\): self.loss\(x, y\); return self.grads$"):
        check_gradients(Alone(), X, y)

    class Told(Alone):
        def gradient(self, x, y):
            self.loss(x, y)
            return self.grads

    assert worst(check_gradients(Told(), X, y)) == right("W", "b")
    assert {e.tensor for e in check_gradients(Told(b=1.01), X, y).wrong} == {"b"}


def test_a_loss_of_three_things_is_no_pair():
    """Whatever these are: arrays of different shapes are no array together."""

    class Three(Network):
        def loss(self, x, y):
            return super().loss(x, y)[0], x, {}

    with pytest.raises(InputError, match=r"Three.loss returned tuple where \(value, gradient\) is promised"):
        check_gradients(Three(), X, np.ones((3, 4)))


def test_what_the_loss_depends_on_beside_params_is_named():
    """An array, and one of an object; not what is in params under another name, nor what nothing depends on."""

    class Scaled(Network):
        def __init__(self, **factors):
            super().__init__(**factors)
            self.scale, self.unused, self.W = np.array([2.0]), np.ones(3), self.params["W"]
            self.parts = [SimpleNamespace(shift=np.ones(4))]

        def loss(self, x, y):
            value, grads = super().loss(self.scale * x, y - self.parts[0].shift)
            return value, grads

    y = np.ones((3, 4))
    assert {e.tensor for e in check_gradients(Scaled(b=1.01), X, y).wrong} == {"b"}
    report = check_gradients(Scaled(), X, y)
    assert worst(report) == right("W", "b")
    assert report.notes == ("held fixed, as they are not in params: scale, parts[0].shift",)
    assert check_gradients(Network(), X, y).notes == ()


def test_gradients_may_be_a_list_or_come_from_a_way_back():
    """Of params of different shapes; a network with params is then asked as one without."""

    class Listed(Network):
        def loss(self, x, y):
            return super().loss(x, y)[0]

        def gradient(self, x, y):
            return [*super().loss(x, y)[1].values()]

    class Back(Network):
        def loss(self, x, y):
            value, self.kept = super().loss(x, y)
            return value

        def backward(self, y):
            self.grads = self.kept

    y = np.ones((3, 4))
    for network in (Listed, Back):
        assert {e.tensor for e in check_gradients(network(b=1.01), X, y).wrong} == {"b"}
        assert worst(check_gradients(network(), X, y)) == right("W", "b")


def test_layers_of_a_network_with_params_are_left_as_they_were():
    """What they keep for the way back is gone after a check."""

    class Layered(Network):
        def __init__(self):
            super().__init__()
            self.last = SimpleNamespace()

        def loss(self, x, y):
            self.last.x = x
            return super().loss(x, y)

    network = Layered()
    assert worst(check_gradients(network, X, np.ones((3, 4)))) == right("W", "b")
    assert vars(network.last) == {}
