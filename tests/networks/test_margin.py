"""Margins: by hand, by slopes, at their kinks, and what they refuse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Chain, CosineEmbedding, Dense, Hinge, MultiHinge, Triplet

RNG = np.random.default_rng(3)
X, A, B = RNG.normal(size=(3, 4, 3))
SIGNS = np.where(RNG.normal(size=(4, 3)) > 0, 1, -1)
CASES = {
    "hinge": (Hinge(SIGNS), X),
    "hinge, wider": (Hinge(SIGNS, 2.0), X),
    "hinge of classes": (MultiHinge(np.array([2, 0, 1, 1])), X),
    "hinge of classes, narrower": (MultiHinge(np.array([2, 0, 1, 1]), 0.5), X),
    "triplet": (Triplet(), X, A, B),
    "triplet, wider": (Triplet(4.0), X, A, B),
    "cosine": (CosineEmbedding(np.array([1, -1, -1, 1])), X, A),
    "cosine with a margin": (CosineEmbedding(np.array([1, -1, -1, -1]), 0.1), X, A),
}
every = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def first(case, n):
    loss, *inputs = case
    truth = {k: v[:n] if isinstance(v, np.ndarray) else v for k, v in vars(loss).items()}
    return type(loss)(**truth), *(x[:n] for x in inputs)


@dataclass(frozen=True)
class WrongSide(Hinge):
    """Wrong: those within the margin are left alone, the others pull."""

    def forward(self, y):
        return super().forward(y)[0], lambda dcost=1.0: (-dcost / y.size * self.target * (self.target * y > 1), self)


def test_a_wrong_derivative_is_seen(disagreements):
    """By what all else is measured with, and by the checker."""
    assert disagreements(WrongSide(SIGNS), X) == ["x"]
    assert check_gradients(WrongSide(SIGNS), X).verdict is Verdict.WRONG


@every
@pytest.mark.parametrize("n", [4, 1])
def test_every_gradient_is_the_slope(case, n, slopes):
    """Of every input; a batch of one is a batch."""
    loss, *inputs = first(case, n)
    *claims, same = loss.forward(*inputs)[1](-3.0)
    assert same is loss
    for k, claim in enumerate(claims):
        slope = slopes(lambda x, k=k: loss.forward(*inputs[:k], x, *inputs[k + 1 :])[0], inputs[k])
        np.testing.assert_allclose(claim, -3 * slope, rtol=1e-8, atol=1e-9)
    assert check_gradients(loss, *inputs).verdict in {Verdict.CORRECT, Verdict.UNTESTED}


def test_the_hinges_by_hand():
    """Inside the margin the slope is one, outside it is nothing, on the border nothing."""
    cost, backward = Hinge(np.array([1, -1, 1, -1])).forward(np.array([0.25, 0.5, 1.0, -3.0]))
    assert cost == (0.75 + 1.5) / 4
    np.testing.assert_array_equal(backward()[0], np.array([-1, 1, 0, 0]) / 4)
    cost, backward = MultiHinge(np.array([0])).forward(np.array([[1.0, 0.5, 0.0, 2.0]]))
    assert cost == (0.5 + 2) / 4
    np.testing.assert_array_equal(backward()[0], np.array([[-2, 1, 0, 1]]) / 4)


def test_a_triplet_by_hand():
    """The anchor lies 3 from the right one and 4 from the wrong one, with a margin of 2 that is 1 too much."""
    a, p, n = np.zeros((1, 2)), np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]])
    cost, backward = Triplet(2.0, eps=0.0).forward(a, p, n)
    assert cost == 1
    da, dp, dn, _ = backward()
    np.testing.assert_array_equal([da, dp, dn], [[[-1, 1]], [[1, 0]], [[0, -1]]])
    assert not any(np.any(d) for d in Triplet(0.5, eps=0.0).forward(a, p, n)[1]()[:3])


def test_at_the_kinks():
    """The triplet that is just content still pulls, and one whose places coincide does not break."""
    a, p, n = np.zeros((1, 2)), np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]])
    assert np.any(Triplet(1.0, eps=0.0).forward(a, p, n)[1]()[0])
    cost, backward = Triplet(1.0, eps=0.0).forward(a, a, a)
    assert cost == 1
    assert not any(np.any(d) for d in backward()[:3])


def test_cosines_by_hand():
    """Alike in direction costs nothing, of whatever length; at a right angle 1, and less the margin if unlike."""
    x1, x2 = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[5.0, 0.0], [0.0, 2.0]])
    assert CosineEmbedding(np.array([1, 1])).forward(x1, x2)[0] == pytest.approx(0.5)
    assert CosineEmbedding(np.array([-1, -1]), 0.5).forward(x1, x2)[0] == pytest.approx(0.25)
    d1, d2, _ = CosineEmbedding(np.array([1, 1])).forward(x1, x2)[1]()
    np.testing.assert_allclose(d1, [[0, 0], [0, -0.5]], atol=1e-11)
    np.testing.assert_allclose(d2, [[0, 0], [-0.25, 0]], atol=1e-11)


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e-30, 1e4, 1e30])
def test_large_and_tiny_inputs_in_either_dtype(case, dtype, size):
    """Nothing overflows, nothing changes its dtype, and nothing is changed."""
    loss, *inputs = case
    inputs = [(size * x).astype(dtype) for x in inputs]
    for x in inputs:
        x.flags.writeable = False
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        cost, backward = loss.forward(*inputs)
        gradients = backward()[:-1]
    assert {cost.dtype, *(d.dtype for d in gradients)} == {np.dtype(dtype)}
    assert all(np.isfinite(d).all() for d in gradients)


@every
def test_an_empty_batch_has_no_cost(case):
    """The mean over nothing is refused."""
    loss, *inputs = first(case, 0)
    with pytest.raises(ValueError, match="empty, and has no mean"):
        loss.forward(*inputs)


def test_on_top_of_a_network():
    """As every loss."""
    network = Chain((Dense.random(3, 3, np.random.default_rng(1)),))
    assert check_gradients(network, X, loss=Hinge(SIGNS)).verdict is Verdict.CORRECT
    assert check_gradients(network, X, loss=MultiHinge(np.array([2, 0, 1, 1]))).verdict is Verdict.CORRECT


REFUSED = {
    "zeros and ones": (Hinge((SIGNS + 1) // 2), (X,), r"\+1 or -1, not \[0.0, 1.0\]; for 0 and 1 write 2 \* target"),
    "another shape": (Hinge(SIGNS[0]), (X,), r"the target \(3,\)"),
    "soft labels": (MultiHinge(np.full((4, 3), 1 / 3)), (X,), "takes one class for each example"),
    "a label too large": (MultiHinge(np.array([0, 1, 2, 3])), (X,), r"labels\[3\] is 3"),
    "triplets that do not match": (Triplet(), (X, A, B[:1]), r"not \(4, 3\), \(4, 3\), \(1, 3\)"),
    "vectors": (Triplet(), (X[0], A[0], B[0]), "takes matrices"),
    "pairs that do not match": (CosineEmbedding(np.ones(4)), (X, A[:, :1]), r"not \(4, 3\), \(4, 1\)"),
    "targets of pairs": (CosineEmbedding(np.zeros(4)), (X, A), r"\+1 or -1"),
    "too few targets": (CosineEmbedding(np.ones(3)), (X, A), r"the target \(3,\)"),
}


@pytest.mark.parametrize(("loss", "inputs", "message"), REFUSED.values(), ids=REFUSED)
def test_misfits_are_refused(loss, inputs, message):
    """With what to write instead."""
    with pytest.raises(ValueError, match=message):
        loss.forward(*inputs)
