"""The embedding: a row for each word, and the same row wherever the word stands."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Chain, CrossEntropy, Dense, Embedding, Flatten, parameters

W = np.array([[1.0, 2], [3, 4], [5, 6]])
IDS = np.array([[2, 0, 2], [2, 1, 2]])


class FirstUseOnly(Embedding):
    """Wrong: of a word that stands in several places, one place alone is used."""

    def forward(self, ids):
        y, _ = super().forward(ids)

        def backward(dy):
            dW = np.zeros_like(self.W)
            dW[ids] += dy
            return None, Embedding(dW, self.padding)

        return y, backward


def network(embedding, rng):
    return Chain((embedding, Flatten(), Dense.random(6, 2, rng)))


def test_a_word_heard_in_one_place_only_is_seen(rng):
    """The classic mistake: `dW[ids] += dy` counts each word once."""
    assert check_gradients(FirstUseOnly(W), IDS).verdict is Verdict.WRONG
    assert check_gradients(network(FirstUseOnly(W), rng), IDS).verdict is Verdict.WRONG


def test_by_hand():
    """Word 2 stands in two places and hears both; word 1 stands nowhere and hears nothing."""
    y, backward = Embedding(W).forward(np.array([2, 0, 2]))
    np.testing.assert_array_equal(y, [[5, 6], [1, 2], [5, 6]])
    dids, grad = backward(np.array([[1.0, 10], [100, 1000], [2, 20]]))
    assert dids is None
    np.testing.assert_array_equal(grad.W, [[100, 1000], [0, 0], [3, 30]])


@pytest.mark.parametrize("padding", [None, 0, 2])
def test_the_checker_agrees(padding, rng):
    """Alone, below a network, and below a loss; where there is a padding, too."""
    embedding = Embedding.random(3, 2, rng, padding=padding)
    for report in (
        check_gradients(embedding, IDS),
        check_gradients(network(embedding, rng), IDS),
        check_gradients(network(embedding, rng), IDS, loss=CrossEntropy(np.array([0, 1]))),
    ):
        assert report.verdict is Verdict.CORRECT, str(report)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 2), (0,), (0, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("whole", [np.int64, np.uint8])
def test_ids_of_any_shape(shape, dtype, whole, rng):
    """A row for each, in the dtype of W."""
    ids = rng.integers(3, size=shape).astype(whole)
    y, backward = Embedding(W.astype(dtype)).forward(ids)
    np.testing.assert_array_equal(y, W[ids])
    _, grad = backward(np.ones_like(y))
    np.testing.assert_array_equal(grad.W, [[n, n] for n in np.bincount(ids.ravel(), minlength=3)])
    assert (y.dtype, grad.W.dtype) == (dtype, dtype)


def test_the_padding_says_nothing_and_hears_nothing():
    """Whatever its row holds."""
    y, backward = Embedding(W, padding=2).forward(IDS)
    np.testing.assert_array_equal(y[:, ::2], np.zeros((2, 2, 2)))
    np.testing.assert_array_equal(y[:, 1], W[:2])
    np.testing.assert_array_equal(backward(np.ones_like(y))[1].W, [[1, 1], [1, 1], [0, 0]])


def test_nothing_is_changed():
    """Arrays that cannot be written to will do, and a second use gives the same."""
    layer, ids = Embedding(W.copy()), IDS.copy()
    for array in (layer.W, ids):
        array.flags.writeable = False
    y, backward = layer.forward(ids)
    dy = np.ones_like(y)
    dy.flags.writeable = False
    assert np.array_equal(backward(dy)[1].W, backward(dy)[1].W)


def test_a_random_layer():
    """Normal, of variance 1."""
    layer = Embedding.random(300, 200, np.random.default_rng(0), dtype=np.float32)
    assert parameters(layer)["W"].dtype == np.float32
    assert (layer.W.mean(), layer.W.var()) == pytest.approx((0, 1), abs=0.02)


@pytest.mark.parametrize(
    ("layer", "ids", "message"),
    [
        (Embedding(W), [[0, 3]], r"ids\[0, 1\] is 3, but W with 3 rows takes ids from 0 to 2; shift yours"),
        (Embedding(W), [1, -1], r"ids\[1\] is -1"),
        (Embedding(W), [1.0, 2.0], r"takes whole numbers, .* not float64; write ids.astype\(int\)"),
        (Embedding(W), [True, False], r"not bool"),
        (Embedding(W[0]), [1], r"takes W of shape \(V, D\), .* not \(2,\)"),
        (Embedding(W, padding=3), [1], r"a padding from 0 to V - 1, not \(3, 2\) and 3"),
    ],
    ids=str,
)
def test_misfits_are_refused(layer, ids, message):
    """NumPy would take -1 for the last word."""
    with pytest.raises(ValueError, match=message):
        layer.forward(np.array(ids))
