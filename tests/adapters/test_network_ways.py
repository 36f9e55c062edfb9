"""Networks whose loss and gradients are methods: which are called, with what, and when nothing can be."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))


class Network:
    """Two layers and a mean square; the gradient of b1 times a factor."""

    def __init__(self, off=1.0):
        rng = np.random.default_rng(1)
        self.W1, self.b1 = rng.normal(size=(3, 4)), np.zeros(4)
        self.W2, self.b2 = rng.normal(size=(4, 2)), np.zeros(2)
        self.off = off

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.W1 + self.b1)
        self.out = self.h @ self.W2 + self.b2
        return self.out

    def mean_square(self, out, y):
        return float(np.mean((out - y) ** 2))

    def gradients_of(self, y):
        d = 2 * (self.out - y) / y.size
        dh = d @ self.W2.T * (1 - self.h**2)
        return self.x.T @ dh, self.off * dh.sum(axis=0), self.h.T @ d, d.sum(axis=0)

    def keep(self, y):
        self.dW1, self.db1, self.dW2, self.db2 = self.gradients_of(y)


class LossOfLabels(Network):
    def loss(self, y):
        return self.mean_square(self.out, y)

    def backward(self, y):
        self.keep(y)


class LossOfOutput(Network):
    def compute_loss(self, y_hat, y):
        return self.mean_square(y_hat, y)

    def backward(self, x, y, y_hat):
        dW1, db1, dW2, db2 = self.gradients_of(y)
        return dW1, db1, dW2, db2


class LossOfInput(Network):
    def loss(self, x, t):
        return self.mean_square(self.forward(x), t)

    def backward(self):
        self.grads = dict(zip(("W1", "b1", "W2", "b2"), self.gradients_of(Y), strict=True))


class CostFunction(Network):
    forward_pass = Network.forward
    forward = None

    def costFunction(self, X, y):  # noqa: N802
        return self.mean_square(self.forward_pass(X), y)

    def costFunctionPrime(self, X, y):  # noqa: N802
        self.forward_pass(X)
        return self.gradients_of(y)


class Pair(LossOfInput):
    def loss(self, x, t):
        value = super().loss(x, t)
        return value, dict(zip(("dW1", "db1", "dW2", "db2"), self.gradients_of(t), strict=True))


class WithAccuracy(LossOfInput):
    def loss(self, x, t):
        return super().loss(x, t), 0.9


class Leaves(Network):
    def loss(self, x, t):
        value = self.mean_square(self.forward(x), t)
        self.keep(t)
        return np.array([[value]])


class Wrapper(Network):
    def forward(self, x, y):
        return self.mean_square(super().forward(x), y)

    def backward(self, x, y):
        self.keep(y)


class Criterion(LossOfLabels):
    loss = None

    def __init__(self, off=1.0):
        super().__init__(off)
        self.criterion = lambda out, y: np.mean((out - y) ** 2)


NETWORKS = [LossOfLabels, LossOfOutput, LossOfInput, CostFunction, Pair, WithAccuracy, Leaves, Wrapper, Criterion]


@pytest.mark.parametrize("network", NETWORKS)
def test_a_wrong_gradient_of_a_network_is_named_and_the_right_one_passes(network):
    """However its loss is asked for; the network is afterwards as it was."""
    assert {entry.tensor for entry in check_gradients(network(1.01), X, Y).wrong} == {"b1"}
    net = network()
    before = {name: (thing, np.array(thing)) for name, thing in vars(net).items() if isinstance(thing, np.ndarray)}
    report = check_gradients(net, X, Y)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"W1", "b1", "W2", "b2"}
    assert report.name == network.__name__
    assert any(note.startswith("the gradient is for W1, b1, W2, b2; held fixed, as data: ") for note in report.notes)
    after = {name: thing for name, thing in vars(net).items() if isinstance(thing, np.ndarray)}
    assert after.keys() == before.keys()
    assert all(after[name] is was and np.array_equal(was, numbers) for name, (was, numbers) in before.items())


def test_parameters_in_lists_go_with_lists_of_gradients():
    """As backprop(x, y) returns them for one example, in a column."""

    class Lists:
        def __init__(self, off=1.0):
            rng = np.random.default_rng(2)
            self.weights = [rng.normal(size=(3, 3)), rng.normal(size=(3, 3))]
            self.biases, self.off = [np.zeros((3, 1)), np.zeros((3, 1))], off

        def feedforward(self, a):
            for w, b in zip(self.weights, self.biases, strict=True):
                a = np.tanh(w @ a + b)
            return a

        def cost(self, output, y):
            return 0.5 * np.sum((output - y) ** 2)

        def backprop(self, x, y):
            h = np.tanh(self.weights[0] @ x + self.biases[0])
            out = np.tanh(self.weights[1] @ h + self.biases[1])
            delta = (out - y) * (1 - out**2)
            below = self.weights[1].T @ delta * (1 - h**2)
            return [self.off * below, delta], [below @ x.T, delta @ h.T]

    x, y = X[:1].T, X[1:2].T
    assert {entry.tensor for entry in check_gradients(Lists(1.01), x, y).wrong} == {"layer.biases[0]"}
    report = check_gradients(Lists(), x, y)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {f"layer.{kind}[{n}]" for kind in ("weights", "biases") for n in (0, 1)}


def test_a_gradient_that_is_missing_is_said():
    """Its parameter is held fixed."""

    class Less(Pair):
        def loss(self, x, t):
            value, grads = super().loss(x, t)
            return value, {"dW1": grads["dW1"]}

    report = check_gradients(Less(), X, Y)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"W1"}
    assert any(note.endswith(": b1, W2, b2") for note in report.notes)


class Updates(LossOfInput):
    def backward(self, x, t):
        self.W1 = self.W1 - 0.1 * self.gradients_of(t)[0]


class UpdatesAll(LossOfInput):
    def backward(self, x, t):
        for name, gradient in zip(("W1", "b1", "W2", "b2"), self.gradients_of(t), strict=True):
            setattr(self, name, getattr(self, name) - gradient)
        return 0.5


class WithRate(LossOfInput):
    def backward(self, x, t, lr):
        self.W1 = self.W1 - lr * self.gradients_of(t)[0]


class WithCotangent(LossOfInput):
    def backward(self, x, dout):
        return x.T @ dout


class Flat(LossOfInput):
    def gradient(self, x, t):
        self.loss(x, t)
        return np.concatenate([g.ravel() for g in self.gradients_of(t)])


class NoLoss(Network):
    def backward(self, y):
        self.keep(y)


class NoLossOfTwo(Network):
    def backward(self, x, y):
        self.keep(y)


class PerExample(NoLoss):
    def loss(self, y):
        return np.sum((self.out - y) ** 2, axis=1)


REFUSED = [
    (Updates, "Updates.backward left no gradient .*; it has changed W1.*: if it updates the parameters, leave that"),
    (
        UpdatesAll,
        "UpdatesAll.backward returned .*, and holds no array that it leaves as it was: if it updates the para",
    ),
    (
        WithRate,
        r"no method that can be called .* with x, t alone; it has backward\(x, t, lr\); write def gradient\(self",
    ),
    (WithCotangent, r"no method that can be called for its gradients with x, t alone; it has backward\(x, dout\)"),
    (Flat, r"Flat.gradient returned an array of shape \(26,\) that fits no parameter; return .* {'W1': dW1, 'b1': db1"),
    (NoLoss, r"NoLoss.backward takes y, and there is no loss to which it belongs; write a method loss\(y\)"),
    (PerExample, "PerExample.backward takes y, and there is no loss to which it belongs"),
    (NoLossOfTwo, r"NoLossOfTwo.backward\(x, y\) goes back from a loss, and NoLossOfTwo has no method loss\(x, y\)"),
]


@pytest.mark.parametrize(("network", "said"), REFUSED)
def test_a_network_that_cannot_be_asked_for_its_gradients_is_told_what_to_write(network, said):
    """By the name of the method that is missing, or does something else."""
    with pytest.raises(InputError, match=said):
        check_gradients(network(), X, Y)


def test_labels_are_not_taken_for_a_cotangent():
    """Where they are not given, the call is refused: with ones in their place a right gradient would seem wrong."""
    with pytest.raises(InputError, match=r"check_gradients\(noloss, x, y\), or call the argument dy"):
        check_gradients(NoLoss(), X)


def test_a_loss_that_depends_on_nothing_that_is_held_is_none():
    """As one of a layer, which is checked as a layer."""

    class Layer:
        def __init__(self, off=1.0):
            self.W, self.off = np.ones((3, 2)), off

        def loss(self, x, y):
            return float(np.sum(x) + np.sum(y))

        def forward(self, x, y):
            self.x = x
            return x @ self.W * y

        def backward(self, dz):
            self.dW = self.off * self.x.T @ dz
            return dz @ self.W.T, None

    assert {entry.tensor for entry in check_gradients(Layer(1.01), X, 1.0).wrong} >= {"W"}


class SquaredError:
    def __init__(self, off=1.0):
        self.off = off

    def forward(self, out, y):
        self.error = out - y
        return float(np.sum(self.error**2))

    def backward(self, y):
        return self.off * 2 * self.error


class OfBoth(SquaredError):
    def backward(self, y_pred, y_true):
        return self.off * 2 * (y_pred - y_true)


@pytest.mark.parametrize("loss", [SquaredError, OfBoth])
def test_a_loss_by_itself_goes_back_to_its_input(loss):
    """Though its way back takes the labels again."""
    assert {entry.tensor for entry in check_gradients(loss(1.01), Y, Y * 1.3 + 0.1).wrong} == {"out"}
    report = check_gradients(loss(), Y, Y * 1.3 + 0.1)
    assert (report.verdict, [*report.tensors]) == (Verdict.CORRECT, ["out"])
