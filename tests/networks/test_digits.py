"""The digits are what they were, and a small network learns to read them."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from gradcheck.networks import SGD, ReLU, Tanh, load_digits, mlp, train


@pytest.fixture(scope="module")
def digits():
    return load_digits()


def checksum(x, y):
    pixels = (x * 16).astype(np.uint8)
    return hashlib.sha256(pixels.tobytes() + y.astype(np.uint8).tobytes()).hexdigest()[:16]


def test_there_are_1797_of_them(digits):
    """Sixty-four pixels from 0 to 1, in sixteenths, and a class from 0 to 9 each."""
    assert (digits.x_train.shape, digits.y_train.shape) == ((1438, 64), (1438,))
    assert (digits.x_test.shape, digits.y_test.shape) == ((359, 64), (359,))
    x = np.concatenate([digits.x_train, digits.x_test])
    assert (x.dtype, digits.y_train.dtype) == (np.float64, np.int64)
    assert set(x.ravel()) == {k / 16 for k in range(17)}


def test_each_class_has_its_share(digits):
    """As UCI counts them, 174 to 183; of the test, 32 to 39."""
    counts = np.bincount(np.concatenate([digits.y_train, digits.y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(digits.y_test).tolist() == [34, 39, 38, 32, 38, 34, 33, 39, 37, 35]


def test_they_are_the_same_for_ever(digits):
    """Pixels, labels, order and split, by checksum."""
    assert checksum(digits.x_train, digits.y_train) == "afdf878e3278fe31"
    assert checksum(digits.x_test, digits.y_test) == "66039fcec897b4b4"


def test_the_first_is_a_nought(digits):
    """Row by row from the top: a ring, with nothing in the middle."""
    image = 16 * digits.x_test[0].reshape(8, 8)
    assert digits.y_test[0] == 0
    assert image[1].tolist() == [0, 0, 13, 15, 10, 15, 5, 0]
    assert image[4].tolist() == [0, 5, 8, 0, 0, 9, 8, 0]


def test_each_call_gives_arrays_of_its_own():
    """To write into one does not spoil the next."""
    load_digits().x_train[:] = 7
    assert load_digits().x_train.max() == 1


@pytest.mark.parametrize(("activation", "init"), [(Tanh(), "glorot"), (ReLU(), "he")], ids=repr)
def test_a_small_network_learns_to_read(activation, init, digits):
    """Plain mini-batch descent brings 64-32-10 to 95 % of the test images in 20 epochs."""
    _, history = train(
        mlp((64, 32, 10), activation, np.random.default_rng(0), init=init),
        digits.x_train,
        digits.y_train,
        optimiser=SGD(0.5),
        epochs=20,
        validation=(digits.x_test, digits.y_test),
        target_accuracy=0.95,
    )
    assert history.validation_accuracy[-1] >= 0.95
