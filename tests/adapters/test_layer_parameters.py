"""The gradient of a parameter is found by its name and the time it is set; what has none is said to be held fixed."""

from __future__ import annotations

import functools
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import InputError, Verdict, check_gradients
from gradcheck._adapters.layer_parameters import candidates, matters, outputs
from gradcheck._adapters.layer_places import LayerState

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 3))
W, B = RNG.normal(size=(3, 4)), RNG.normal(size=4)


class Linear:
    """x W + b, of which each kind keeps the two, and their gradients, elsewhere."""

    def __init__(self, off=1.0):
        self.off = off
        self.put(W.copy(), B.copy())

    def put(self, w, b):
        self.W, self.b = w, b

    def read(self):
        return self.W, self.b

    def forward(self, x):
        self.x = x
        w, b = self.read()
        return x @ w + b

    def backward(self, dy):
        self.leave(self.x.T @ dy, self.off * dy.sum(axis=0))
        return dy @ self.read()[0].T


class AsOfALoss(Linear):
    def leave(self, dw, db):
        self.dLdW, self.dLdb = dw, db


class OfAnotherCase(Linear):
    def leave(self, dw, db):
        self.nabla_w, self.B_gradient = dw, db


class Filled(Linear):
    def put(self, w, b):
        super().put(w, b)
        self.dl_dw, self.dl_db = np.zeros_like(w), np.zeros_like(b)

    def leave(self, dw, db):
        self.dl_dw[...], self.dl_db[...] = dw, db


class Plural(Linear):
    def put(self, w, b):
        self.weight, self.bias = w, b

    def read(self):
        return self.weight, self.bias

    def leave(self, dw, db):
        self.grad_weights, self.grad_biases = dw, db


class InLists(Linear):
    def put(self, w, b):
        self.weights, self.biases = [w], [b]

    def read(self):
        return self.weights[0], self.biases[0]

    def leave(self, dw, db):
        self.dweights, self.dbiases = [dw], [db]


class InDicts(Linear):
    def put(self, w, b):
        self.parameters, self.gradients = {"W": w, "b": b}, {}

    def read(self):
        return tuple(self.parameters.values())

    def leave(self, dw, db):
        self.gradients = {"W": dw, "b": db}


class Nested(InDicts):
    def put(self, w, b):
        self.params, self.grads = {"first": {"W": w, "b": b}}, {}

    def read(self):
        return tuple(self.params["first"].values())

    def leave(self, dw, db):
        self.grads = {"first": {"W": dw, "b": db}}


class UnderOtherKeys(InDicts):
    def put(self, w, b):
        self.params, self.grads = {"W": w, "b": b}, {}

    def read(self):
        return tuple(self.params.values())

    def leave(self, dw, db):
        self.grads = {"dW": dw, "db": db}


class Tensor:
    def __init__(self, data):
        self.data, self.grad = data, None


class Objects(Linear):
    def put(self, w, b):
        self.W, self.b = Tensor(w), Tensor(b)

    def read(self):
        return self.W.data, self.b.data

    def leave(self, dw, db):
        self.W.grad, self.b.grad = dw, db


class BesideAttributes(Linear):
    """Beside what an optimiser keeps under the same names."""

    def put(self, w, b):
        super().put(w, b)
        self.momentum = {"W": np.zeros_like(w), "b": np.zeros_like(b)}

    def leave(self, dw, db):
        self.grads = {"W": dw, "b": db}


class Hidden(Linear):
    def put(self, w, b):
        self._W, self._b = w, b

    def read(self):
        return self._W, self._b

    def leave(self, dw, db):
        self._dW, self._db = dw, db


class Slots(Linear):
    __slots__ = ("W", "b", "dW", "db")

    def leave(self, dw, db):
        self.dW, self.db = dw, db


class Called(Tensor):
    """As the parameters of toy frameworks are."""

    def __call__(self):
        return self.data


class CalledObjects(Objects):
    def put(self, w, b):
        self.W, self.b = Called(w), Called(b)

    def read(self):
        return self.W(), self.b()


class Subclass(np.ndarray):
    grad = None


class OfASubclass(Objects):
    def put(self, w, b):
        self.W, self.b = w.view(Subclass), b.view(Subclass)

    def read(self):
        return self.W, self.b


class Matrices(AsOfALoss):
    def put(self, w, b):
        with warnings.catch_warnings(action="ignore"):  # it is not recommended, and used
            self.W, self.b = np.matrix(w), np.matrix(b)

    def read(self):
        return np.asarray(self.W), np.asarray(self.b)[0]

    def leave(self, dw, db):
        self.dLdW, self.dLdb = dw, db[None]


class WholeNumbers(AsOfALoss):
    def put(self, w, b):
        self.W, self.b = np.round(9 * w).astype(int), np.round(9 * b).astype(int)


class PlainLists(AsOfALoss):
    def put(self, w, b):
        self.W, self.b = w.tolist(), b.tolist()

    def read(self):
        return np.array(self.W), np.array(self.b)

    def leave(self, dw, db):
        self.dLdW, self.dLdb = dw.tolist(), db.tolist()


class Rebound(AsOfALoss):
    """As where forward takes them to a dtype, or into bounds."""

    def read(self):
        self.W, self.b = self.W.astype(float), np.clip(self.b, -9, 9)
        return self.W, self.b


class MadeLater(AsOfALoss):
    """By the first call, which shows how many inputs there are."""

    def put(self, w, b):
        self.W, self.b = None, None

    def read(self):
        if self.W is None:
            self.W, self.b = W.copy(), B.copy()
        return self.W, self.b


class MadeLaterInADict(InDicts):
    def put(self, w, b):
        pass

    def read(self):
        if not hasattr(self, "parameters"):
            self.parameters = {"W": np.random.standard_normal((3, 4)), "b": np.zeros(4)}  # noqa: NPY002  as users write
        return tuple(self.parameters.values())


class Abbreviated(Linear):
    def put(self, w, b):
        self.weights, self.bias = w, b

    def read(self):
        return self.weights, self.bias

    def leave(self, dw, db):
        self.dW, self.db = dw, db


class AbbreviatedInLists(InLists):
    def leave(self, dw, db):
        self.nabla_w, self.nabla_b = [dw], [db]


class Private(Linear):
    def put(self, w, b):
        self.__W, self.__b = w, b

    def read(self):
        return self.__W, self.__b

    def leave(self, dw, db):
        self.__dW, self.__db = dw, db


class InACache(Linear):
    def leave(self, dw, db):
        self.cache = {"dW": dw, "db": db}


KINDS = [
    BesideAttributes,
    Abbreviated,
    AbbreviatedInLists,
    Private,
    InACache,
    CalledObjects,
    OfASubclass,
    Matrices,
    WholeNumbers,
    PlainLists,
    Rebound,
    MadeLater,
    MadeLaterInADict,
    Hidden,
    Slots,
    AsOfALoss,
    OfAnotherCase,
    Filled,
    Plural,
    InLists,
    InDicts,
    Nested,
    UnderOtherKeys,
    Objects,
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_gradient_is_found_whatever_it_is_called(kind):
    """And the right one passes, with nothing held fixed."""
    right = check_gradients(kind(), X)
    assert right.verdict is Verdict.CORRECT
    assert len(right.tensors) == 3
    assert not any("held fixed" in note for note in right.notes)
    wrong = check_gradients(kind(off=1.01), X)
    (name,) = {entry.tensor for entry in wrong.wrong}
    assert name.lower().rpartition(".")[2].startswith(("b", "_b", "data", "_private__b"))


class OfShape(Linear):
    """The gradient of the bias is made as it should not be."""

    def __init__(self, made):
        super().__init__()
        self.made = made

    def backward(self, dy):
        self.dW, self.db = self.x.T @ dy, self.made(dy)
        return dy @ self.W.T


SHAPES = {
    "one number": np.sum,
    "a float": lambda dy: float(dy.sum()),
    "a row": lambda dy: dy.sum(axis=0, keepdims=True),
    "of each example": lambda dy: dy,
}


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES)
def test_a_gradient_of_another_shape_is_not_overlooked(made):
    """It says which shape it has and which it should have."""
    report = check_gradients(OfShape(made), X)
    assert report.verdict is Verdict.WRONG
    assert "the gradient of b has shape" in str(report)


@pytest.mark.parametrize("made", [lambda _: None, None], ids=["none", "nothing at all"])
def test_what_moves_the_output_and_has_no_gradient_is_named(made):
    """It is held fixed, as a buffer is; what moves nothing is not spoken of."""

    class Silent(OfShape):
        def __init__(self):
            super().__init__(made)
            self.unused = np.ones(3)

        def backward(self, dy):
            dx = super().backward(dy) if made else dy @ self.W.T
            self.dW = self.x.T @ dy
            return dx

    report = check_gradients(Silent(), X)
    assert report.verdict is Verdict.CORRECT
    assert [note for note in report.notes if "held fixed" in note] == [
        "held fixed, as backward leaves no gradient beside it, as dW is beside W: b"
    ]


def test_a_buffer_that_forward_fills_is_no_parameter():
    """Though backward sets what is called after it."""

    class Buffered(Linear):
        def put(self, w, b):
            super().put(w, b)
            self.out = np.zeros((5, 4))

        def forward(self, x):
            self.x = x
            self.out[...] = x @ self.W + self.b
            return self.out.copy()

        def backward(self, dy):
            self.dout = dy
            return super().backward(dy)

        def leave(self, dw, db):
            self.dW, self.db = dw, db

    report = check_gradients(Buffered(), X)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"W", "b", "x"}


def test_the_longest_name_has_the_gradient():
    """What ends in Wx belongs to Wx and not to W, and two that could be meant are none."""

    class Recurrent:
        def __init__(self):
            self.W, self.Wx = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))

        def forward(self, x):
            self.x = x
            return x @ self.Wx @ self.W

        def backward(self, dy):
            self.gWx, self.gW, self.hW = self.x.T @ (dy @ self.W.T), (self.x @ self.Wx).T @ dy, np.zeros((3, 3))
            return dy @ self.W.T @ self.Wx.T

    report = check_gradients(Recurrent(), X)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"Wx", "x"}
    assert any(note.endswith("beside W: W") for note in report.notes)


def test_a_layer_that_draws_is_not_asked_what_it_depends_on_in_vain():
    """A generator is put back before each run, so that only the array makes the difference."""

    class Noisy(Linear):
        def forward(self, x):
            self.x = x
            return (x + np.random.standard_normal(x.shape)) @ self.W + self.b  # noqa: NPY002  as users write

        def backward(self, dy):
            return dy @ self.W.T

    report = check_gradients(Noisy(), X)
    assert any(note.endswith("beside W: W, b") for note in report.notes)


def test_the_library_s_own_objects_in_a_layer_are_left_alone():
    """A namespace is looked into; a generator and a function are not."""

    class Holding(AsOfALoss):
        def put(self, w, b):
            self.held = SimpleNamespace(W=w, b=b)
            self.rng, self.act = np.random.default_rng(0), np.tanh

        def read(self):
            return self.held.W, self.held.b

        def leave(self, dw, db):
            self.held.dW, self.held.db = dw, db

    assert check_gradients(Holding(off=1.01), X).verdict is Verdict.WRONG
    assert check_gradients(Holding(), X).verdict is Verdict.CORRECT


class Squares:
    """The mean of squares of x w + b, from which the way back begins; b is a plain number."""

    rate = 0.1

    def __init__(self, off=1.0):
        self.w, self.b, self.off, self.scale, self.dscale = W[:, 0].copy(), 0.5, off, 2.0, 0.0

    def forward(self, x, y):
        self.x, self.r = x, self.scale * (x @ self.w + self.b - y)
        return (self.r**2).mean()

    def backward(self):
        self.dw = 2 * self.scale * self.x.T @ self.r / len(self.x)
        self.db = 2 * self.scale * self.off * self.r.mean()


def test_a_plain_number_is_a_parameter_where_the_way_back_sets_one_beside_it():
    """And the way back may take nothing; a number beside which another one stands as it stood is none."""
    layer = Squares()
    right = check_gradients(layer, X, RNG.normal(size=5))
    assert right.verdict is Verdict.CORRECT
    assert {*right.tensors} == {"w", "b"}
    assert layer.b == 0.5
    assert {entry.tensor for entry in check_gradients(Squares(off=1.1), X, RNG.normal(size=5)).wrong} == {"b"}


def test_a_way_back_without_a_cotangent_begins_at_one_number():
    """Of several it cannot."""

    class Many(Squares):
        def forward(self, x, y):
            super().forward(x, y)
            return self.r

    with pytest.raises(InputError, match=r"Many.backward\(\) takes no cotangent, and forward returns 5 numbers"):
        check_gradients(Many(), X, RNG.normal(size=5))


def test_a_parameter_that_several_share_has_the_gradient_that_is_least_deep():
    """Which the layer itself has made of theirs."""

    class Tied:
        def __init__(self, share=1.0):
            self.share, self.W = share, W[:, :3].copy()
            self.parts = [SimpleNamespace(W=self.W, dW=None) for _ in range(2)]

        def forward(self, x):
            self.x, self.h = x, x @ self.parts[0].W
            return self.h @ self.parts[1].W

        def backward(self, dy):
            first, second = self.parts
            first.dW, second.dW = self.x.T @ (dy @ self.W.T), self.h.T @ dy
            self.dW = first.dW + self.share * second.dW
            return dy @ self.W.T @ self.W.T

    assert check_gradients(Tied(), X).verdict is Verdict.CORRECT
    assert {entry.tensor for entry in check_gradients(Tied(0.9), X).wrong} == {"W"}


class Scalars(Linear):
    """x W + b of one output, whose bias is a plain number wherever it stands."""

    def put(self, w, b):
        self.params, self.grads = {"W": w[:, :1].copy(), "b": 0.5}, {}

    def read(self):
        return tuple(self.params.values())

    def leave(self, dw, db):
        self.grads = {"W": dw, "b": float(db.sum())}


class OfNumPy(Scalars):
    def put(self, w, b):
        self.W, self.b = w[:, :1].copy(), np.float64(0.5)

    def read(self):
        return self.W, self.b.copy()  # which a float has not

    def leave(self, dw, db):
        self.dW, self.db = dw, db.sum()


class FromZero(OfNumPy):
    def put(self, w, b):
        self.W, self.b = w[:, :1].copy(), 0

    def read(self):
        return self.W, self.b


class InAList(Scalars):
    def put(self, w, b):
        self.params, self.grads = [w[:, :1].copy(), 0.5], []

    def read(self):
        return self.params

    def leave(self, dw, db):
        self.grads = [dw, db.sum()]


class OtherName(FromZero):
    def put(self, w, b):
        self.W, self.bias = w[:, :1].copy(), 0.5

    def read(self):
        return self.W, self.bias

    def leave(self, dw, db):
        self.dW, self.bias_gradient = dw, db.sum()


@pytest.mark.parametrize("kind", [Scalars, OfNumPy, FromZero, InAList, OtherName])
def test_a_plain_number_is_a_parameter(kind):
    """And is what it was when the check is over."""
    layer = kind()
    before = layer.read()[1]
    right = check_gradients(layer, X)
    assert right.verdict is Verdict.CORRECT
    assert len(right.tensors) == 3
    assert type(layer.read()[1]) is type(before)
    assert layer.read()[1] == before
    wrong = {entry.tensor for entry in check_gradients(kind(off=1.01), X).wrong}
    assert wrong & {"b", "bias", "layer.params[1]"} == wrong != set()


class Neuron:
    """Of plain Python; it is called, and so looks like a function."""

    def __init__(self, weights, bias):
        self.weights, self.bias = weights.tolist(), float(bias)

    def __call__(self, row):
        return sum(w * x for w, x in zip(self.weights, row, strict=True)) + self.bias


class Neurons(Linear):
    def put(self, w, b):
        self.neurons = [Neuron(*each) for each in zip(w.T, b, strict=True)]

    def read(self):
        return np.array([each.weights for each in self.neurons]).T, np.array([each.bias for each in self.neurons])

    def forward(self, x):
        self.x = x
        return np.array([[neuron(row) for neuron in self.neurons] for row in x])

    def leave(self, dw, db):
        for neuron, weights, bias in zip(self.neurons, dw.T, db, strict=True):
            neuron.dweights, neuron.dbias = weights.tolist(), float(bias)


def test_neurons_of_plain_numbers_are_looked_at_and_left_as_they_were():
    """An object that holds no array is put back as well."""
    layer = Neurons()
    report = check_gradients(layer, X)
    assert report.verdict is Verdict.CORRECT
    assert len(report.tensors) == 9
    assert all(type(neuron.bias) is float and type(neuron.weights) is list for neuron in layer.neurons)
    np.testing.assert_array_equal(layer.read()[0], W)
    np.testing.assert_array_equal(layer.read()[1], B)
    wrong = check_gradients(Neurons(off=1.01), X).wrong
    assert {entry.tensor.rpartition(".")[2] for entry in wrong} == {"bias"}


def test_parameters_in_an_array_of_objects_are_looked_at():
    """As in repositories that keep layers of different widths in one array."""

    class Together(InDicts):
        def put(self, w, b):
            self.params, self.grads = np.empty(2, object), np.empty(2, object)
            self.params[:] = [w, b]

        def read(self):
            return tuple(self.params)

        def leave(self, dw, db):
            self.grads[:] = [dw, db]

    assert check_gradients(Together(), X).verdict is Verdict.CORRECT
    assert {entry.tensor for entry in check_gradients(Together(off=1.01), X).wrong} == {"layer.params[1]"}


def test_a_vector_of_all_parameters_is_not_moved_beside_them():
    """It lies in their memory, so that one would undo the other; that its gradient is not looked at is said."""

    class Vector(Linear):
        def put(self, w, b):
            self.theta = np.concatenate([w.ravel(), b])
            self.W, self.b = self.theta[:12].reshape(3, 4), self.theta[12:]

        def leave(self, dw, db):
            self.dW, self.db, self.dtheta = dw, db, np.concatenate([dw.ravel(), db])

    report = check_gradients(Vector(), X)
    assert report.verdict is Verdict.CORRECT
    assert any("lies in the memory" in note and "theta" in note for note in report.notes)
    assert check_gradients(Vector(off=1.01), X).verdict is Verdict.WRONG


def test_a_plain_number_is_no_parameter_because_another_begins_with_its_letter():
    """A batch's loss, beside b."""

    class Noting(OfNumPy):
        def leave(self, dw, db):
            self.dW, self.batch_loss = dw, float(np.sum(dw))

    report = check_gradients(Noting(), X)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"W", "x"}


def test_what_forward_keeps_for_the_way_back_is_no_parameter():
    """Though it has the same numbers at each call, and its gradient is set beside it."""

    class Keeping(AsOfALoss):
        def backward(self, dy):
            self.dx = super().backward(dy)
            return self.dx

    report = check_gradients(Keeping(), X)
    assert report.verdict is Verdict.CORRECT
    assert len(report.tensors) == 3
    assert not any("held fixed" in note for note in report.notes)


def test_a_gradient_that_may_be_called_after_two_is_that_of_none():
    """One of them would be compared with what belongs to the other."""

    class Twice:
        def __init__(self):
            self.weights_in, self.weights_out = RNG.normal(size=(2, 3, 3))

        def forward(self, x):
            self.x = x
            return x @ self.weights_in @ self.weights_out

        def backward(self, dy):
            self.dW = self.x.T @ (dy @ self.weights_out.T)
            return dy @ self.weights_out.T @ self.weights_in.T

    report = check_gradients(Twice(), X)
    assert report.verdict is Verdict.CORRECT
    assert {*report.tensors} == {"x"}
    assert any(note.endswith(": weights_in, weights_out") for note in report.notes)


def test_a_layer_that_keeps_its_last_call_in_a_tuple_is_looked_at():
    """Nothing can be put into a tuple, and nothing need be: it is made at each call."""

    class Cell:
        def __init__(self, off=1.0):
            self.Wx, self.Wh, self.off = W.copy(), RNG.normal(size=(4, 4)), off

        def forward(self, x, h):
            y = np.tanh(x @ self.Wx + h @ self.Wh)
            self.cache = (x, h, y)
            return y

        def backward(self, dy):
            x, h, y = self.cache
            dz = dy * (1 - y**2)
            self.dWx, self.dWh = x.T @ dz, self.off * h.T @ dz
            return dz @ self.Wx.T, dz @ self.Wh.T

    h = RNG.normal(size=(5, 4))
    assert {e.tensor for e in check_gradients(Cell(1.01), X, h).wrong} == {"Wh"}
    assert check_gradients(Cell(), X, h).verdict is Verdict.CORRECT


def test_numbers_of_which_only_differences_matter_are_not_moved_alike():
    """As biases before a softmax, which are zero at first."""

    class Differences:
        def __init__(self):
            self.offsets = np.zeros(3)

        def forward(self, x):
            return x + (self.offsets - self.offsets[0])

        def backward(self, dy):
            return dy

    assert check_gradients(Differences(), X).notes == (
        "held fixed, as backward leaves no gradient beside it, as dW is beside W: offsets",
    )


def test_what_a_layer_keeps_and_its_output_depends_on_is_found_once():
    """Under the name that it has in params; what each call makes anew, and what matters not, are left out."""

    class Holder:
        def __init__(self):
            self.W, self.unused = W.copy(), np.ones(4)
            self.params = {"b": B.copy(), "W": self.W}

        def forward(self, x):
            self.y = x @ self.W + self.params["b"]
            return self.y

    layer = Holder()
    state = LayerState.of("", layer)
    run = outputs(layer.forward, (X,))
    run()
    found = candidates([state], set(), functools.partial(matters, run))
    assert [*found] == ["W", "b"]
    assert found["W"].thing is layer.W
