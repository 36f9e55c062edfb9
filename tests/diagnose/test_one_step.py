"""Is the step named that is followed back wrongly, and nothing else?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from suspects import E, met, spoilt, suspect

from gradcheck import Verdict, check_gradients
from gradcheck._diagnose import one_step
from gradcheck._diagnose.cause import Slip
from gradcheck._diagnose.conclusion import NOT_RECOGNISED
from gradcheck._diagnose.one_step import otherwise

RNG = np.random.default_rng(5)
X, Y, W, U = (RNG.normal(size=shape) for shape in ((6, 3), (6, 4), (3, 4), (4, 4)))
B, T = RNG.normal(size=4), RNG.normal(size=(5, 2))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Cell:
    """A step of an LSTM without an output gate, from c0; its backward has a mistake, if it is told which."""

    def __init__(self, mistake=""):
        self.mistake = mistake

    def run(self, W, U):
        h, c, steps = np.zeros((2, 2)), np.zeros((2, 2)), []
        for x in X[:4, :2].reshape(2, 2, 2):
            z = x @ W + h @ U
            i, f, g = sigmoid(z[:, :2]), sigmoid(z[:, 2:4]), np.tanh(z[:, 4:])
            steps.append((x, h, c, i, f, g))
            c = f * c + i * g
            h = np.tanh(c)
        return h, c, steps

    def cost(self, W, U):
        h, c, _ = self.run(W, U)
        return np.sum(h**2) + np.sum(c)

    def grad(self, W, U):
        h, c, steps = self.run(W, U)
        dh, dc, dW, dU = 2 * h, np.ones_like(c), np.zeros_like(W), np.zeros_like(U)
        for x, before, old, i, f, g in reversed(steps):
            new = f * old + i * g
            dc = dc + dh * (1 if self.mistake == "tanh" else 1 - np.tanh(new) ** 2)
            di = dc * g * i * (1 - i)
            df = dc * old * (i * (1 - i) if self.mistake == "gate" else f * (1 - f))
            dg = dc * i * (g * (1 - g) if self.mistake == "slope" else 1 - g**2)
            dz = np.concatenate([df, di, dg] if self.mistake == "order" else [di, df, dg], axis=1)
            dW, dU = dW + x.T @ dz, dU + before.T @ dz
            dh, dc = dz @ U.T, 0 * dc if self.mistake == "cell" else dc * (1 if self.mistake == "forget" else f)
        return dW, dU


WEIGHTS = RNG.normal(size=(2, 6)), RNG.normal(size=(2, 6))


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (
            "tanh",
            "every tensor: the derivative of tanh is missing: the cotangent is passed on unchanged, in np.",
        ),
        ("gate", "the derivative of the sigmoid in 1 / (1 + np.exp(-z)) "),
        (
            "slope",
            "y (1 - y) where 1 - y^2 is meant: the derivative of the sigmoid, taken for that of tanh, in np",
        ),
        ("order", "what comes back to z[:, :2] "),
        ("cell", "W: the way back through c, in f * c "),
        ("forget", "W: f is left out on the way back to c, in f * c "),
    ],
)
def test_the_gates_of_a_cell(mistake, words):
    """Each mistake is named as it is written, and the line; each of the right gradients passes."""
    cell = Cell(mistake)
    report = check_gradients(cell.cost, *WEIGHTS, grad=cell.grad)
    assert words in report.diagnosis[0]
    assert check_gradients(cell.cost, *WEIGHTS, grad=Cell().grad).verdict is Verdict.CORRECT


def centred(x):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)


@pytest.mark.parametrize(
    ("f", "point", "claim", "words"),
    [
        (lambda a: np.sum(np.sin(a @ a)), U, lambda a: np.cos(a @ a) @ a.T, "the way back through a, in a @ a "),
        (lambda x: np.sum(x * np.sin(x)), B, lambda x: x * np.cos(x), "the way back through x, in x * np.sin(x) "),
        (
            lambda x: np.sum(np.sin(x) / x),
            B,
            lambda x: np.cos(x) / x + np.sin(x) / x**2,
            "has the wrong sign",
        ),
        (
            lambda x: np.sum(np.sin(x) + np.exp(x) / 2),
            B,
            lambda x: np.cos(x) + 1.37 * np.exp(x) / 2,
            "counts 1.37 times",
        ),
        (
            lambda w: np.sum((np.clip(X @ w, -1, 1) - Y) ** 2),
            W,
            lambda w: 2 * X.T @ (np.clip(X @ w, -1, 1) - Y),
            "the derivative is left out on the way back to X @ w, in np.clip(X @ w, -1, 1) ",
        ),
        (
            lambda w: np.sum((centred(X @ w) - Y) ** 2),
            W,
            lambda w: 2 * X.T @ ((centred(X @ w) - Y) / np.sqrt((X @ w).var(axis=0) + 1e-5)),
            "mean and variance are taken for constants, on the way back through a normalisation, in",
        ),
        (
            lambda b: np.sum(np.tanh(Y[:4] + b) ** 3),
            B,
            lambda b: (3 * np.tanh(Y[:4] + b) ** 2 * (1 - np.tanh(Y[:4] + b) ** 2)).sum(axis=1),
            "the sum over axis 1 where that over axis 0 is meant, for b in Y[:4] + b ",
        ),
        (
            lambda w: np.sum(np.tanh(np.tanh(X[:3, :3] @ w) @ U[:3, :3])),
            W[:, :3],
            lambda w: (
                X[:3, :3].T
                @ (
                    ((1 - np.tanh(np.tanh(X[:3, :3] @ w) @ U[:3, :3]) ** 2) @ U[:3, :3])
                    * (1 - np.tanh(X[:3, :3] @ w) ** 2)
                )
            ),
            "U[:3, :3] where its transpose is meant, in np.tanh(X[:3, :3] @ w) @ U[:3, :3] ",
        ),
    ],
)
def test_steps_of_a_function(f, point, claim, words):
    """Products, quotients, clips, normalisations, sums over repeated axes, transposes."""
    (found,) = met(f, point, grad=claim)
    cause = otherwise(found)
    assert cause.kind is Slip.ONE_STEP
    assert words in cause.sentence


def product(by=1.0):
    (found,) = met(lambda x: by * np.sum(x * np.sin(x)), B, grad=lambda x: by * (x * np.cos(x)))
    return found


def test_the_unit_of_the_function_is_no_mistake():
    """A million times as much, or as little."""
    told = {otherwise(product(by)).sentence.partition(",")[0] for by in (1.0, 2.0**-20, 2.0**20)}
    assert len(told) == 1


def test_a_claim_that_is_nearly_so_is_not_taken_for_it():
    """By some per mille; nor is one that is wrong in another way."""
    assert otherwise(product()) is not None
    assert otherwise(spoilt(product())) is None


def test_it_costs_one_call():
    """The rest is done with the steps alone."""
    found = product()
    before = found.context.lab.budget.spent
    otherwise(found)
    assert found.context.lab.budget.spent == before + 1


def test_without_a_record_nothing_is_said():
    """Where there is no laboratory, no call left, or a function that leaves NumPy; and of a few entries."""
    found = product()
    assert otherwise(replace(found, context=replace(found.context, lab=None))) is None
    found.context.lab.budget.most = found.context.lab.budget.spent
    assert otherwise(found) is None
    (plain,) = met(lambda x: sum(v * np.sin(v) for v in x.tolist()), B, grad=lambda x: x * np.cos(x))
    assert otherwise(plain) is None
    (few,) = met(lambda x: np.sum(x * np.sin(x)), B[:2], grad=lambda x: x * np.cos(x))
    assert otherwise(few) is None


def test_a_model_of_a_framework_is_not_called_for_a_record():
    """Its steps are not NumPy's, and what NumPy makes for it meanwhile it may keep."""
    found = product()
    lab = found.context.lab
    lab.subject = replace(lab.subject, oracle=replace(lab.subject.oracle, versions={"jax": "1.0"}))
    before = lab.budget.spent
    assert otherwise(found) is None
    assert lab.budget.spent == before


def test_small_whole_numbers_agree_by_chance():
    """Of those nothing is said."""
    x = np.array([1.0, 2.0, -1.0, 3.0])
    (found,) = met(lambda x: np.sum(x * x + x**3), x, grad=lambda x: x + 3 * x**2)
    assert otherwise(found) is None


def test_what_explains_every_tensor_comes_first():
    """A step before which both tensors stand, though one of them alone is explained by others as well."""

    def f(a, b):
        return np.sum(np.exp(np.tanh(a @ b)))

    def grad(a, b):
        d = np.exp(np.tanh(a @ b))
        return d @ b.T, a.T @ d

    report = check_gradients(f, X[:, :3], W, grad=grad)
    assert report.diagnosis[0].startswith("every tensor: the derivative of tanh is missing")


def test_few_steps_are_tried_of_a_long_run(monkeypatch):
    """As many as are followed in about a second."""
    monkeypatch.setattr(one_step, "FOLLOWED", 5)
    assert otherwise(product()) is None


def test_a_step_that_does_not_exist_with_another_array_is_passed_over():
    """As the inverse of what is singular."""
    singular = np.ones((4, 4))

    def f(a):
        return np.sum(np.linalg.solve(a, Y[:4].T[:4]) @ singular)

    report = check_gradients(f, U + 3 * np.eye(4), grad=lambda a: 0.3 * a + np.sin(a))
    assert NOT_RECOGNISED in report.diagnosis[0]


def test_how_often_a_part_counts_is_told_with_the_size_that_it_is():
    """The mean over the batch taken twice, or left out, beside weight decay that is right."""
    x, y = np.random.default_rng(0).normal(size=(6, 4)), np.arange(6) % 3

    def f(w):
        s = x @ w
        p = np.exp(s - s.max(axis=1, keepdims=True))
        return -np.mean(np.log(p[np.arange(6), y] / p.sum(axis=1))) + 0.5 * np.sum(w * w)

    def df(factor):
        def gradient(w):
            p = np.exp(x @ w)
            return factor * x.T @ (p / p.sum(axis=1, keepdims=True) - np.eye(3)[y]) / 6 + w

        return gradient

    w = np.random.default_rng(1).normal(size=(4, 3))
    many, few, other = (check_gradients(f, w, grad=df(factor)).diagnosis[0] for factor in (6, 1 / 6, 1.37))
    assert "in x @ w (line " in many
    assert "counts 6 times: 6 is the first axis of x and y: a sum where a mean over it is meant" in many
    assert "counts 0.166667 times: 1/6 with 6 the first axis of x and y: a mean taken once too often" in few
    assert other.endswith("counts 1.37 times")
    assert check_gradients(f, w, grad=df(1)).diagnosis == ()


def test_an_object_with_params_is_recorded_too():
    """And has its own arrays afterwards."""

    class Net:
        def __init__(self):
            self.params = {"W": W.copy(), "b": B.copy()}

        def loss(self, x):
            z = x.dot(self.params["W"]) + self.params["b"]
            d = 2 * np.maximum(z, 0)
            return np.sum(np.maximum(z, 0) ** 2 + z), {"W": x.T @ (d + 1), "b": (d * 0.3 + 1).sum(axis=0)}

    net = Net()
    report = check_gradients(net, X)
    assert report.diagnosis[0].startswith("b: the way back through z, in np.maximum(z, 0) (line ")
    assert report.diagnosis[0].endswith(", counts 0.3 times")
    assert {name: type(array) for name, array in net.params.items()} == {"W": np.ndarray, "b": np.ndarray}
    np.testing.assert_array_equal(net.params["W"], W)


@pytest.mark.parametrize(("entries", "told"), [(2, False), (3, True)])
def test_three_entries_show_a_step_of_which_no_number_is_fitted(entries, told):
    """Of another derivative each; where a part counts any number of times they must be four."""
    x = np.array([0.3, -0.7, 1.1])[:entries]
    found = met(
        lambda x: np.sum(np.tanh(x) * B[:entries]), x, grad=lambda x: B[:entries] * np.tanh(x) * (1 - np.tanh(x))
    )
    assert any(otherwise(one) is not None for one in found) is told


@pytest.mark.parametrize(("sign", "same"), [(1, True), (-1, False)])
def test_gradients_make_the_claims_of_all_tensors_or_not(sign, same):
    """About, and with their signs; of a tensor without a claim nothing is known."""
    claims = {"W": E, "b": E[0]}
    evidence = suspect(2 * E, claims=claims)
    assert one_step.makes(evidence, {"W": E * (1 + 1e-6), "b": sign * E[0]}) is same
    assert one_step.makes(evidence, {"W": E, "other": E})
