"""Whole networks: do they learn?"""

from __future__ import annotations

import numpy as np

from gradcheck import Verdict, check_gradients
from gradcheck.networks import Adam, accuracy, convnet, load_digits, parameters, train


def test_the_convnet_learns_to_read_digits():
    """From one in ten to nineteen in twenty, of those it has not seen, in eight epochs."""
    data = load_digits()
    network = convnet(np.random.default_rng(0))
    trained, _ = train(network, data.x_train, data.y_train, optimiser=Adam(0.01), epochs=8)
    assert accuracy(network, data.x_test, data.y_test) < 0.3
    assert accuracy(trained, data.x_test, data.y_test) > 0.95


def test_the_convnet_is_made_of(rng):
    """Every kind of layer that it is meant to show, and nothing else."""
    kinds = [type(layer).__name__ for layer in convnet(rng).layers]
    block = ["Conv2d", "GroupNorm", "ReLU", "MaxPool2d"]
    assert kinds == ["Reshape", *block, *block, "Flatten", "Dense"]


def test_the_convnet_in_other_sizes(rng):
    """Other channels, other outputs, another dtype."""
    network = convnet(rng, channels=(2, 4), n_out=3, dtype=np.float32)
    y, backward = network.forward(np.ones((5, 64), np.float32))
    dx, grad = backward(np.ones_like(y))
    assert (y.shape, dx.shape) == ((5, 3), (5, 64))
    assert {array.dtype for array in (y, dx, *parameters(grad).values())} == {np.dtype(np.float32)}


def test_the_checker_agrees_with_the_convnet(rng):
    """Of every weight, and of every pixel; random ones, for equal ones would tie in the pools."""
    report = check_gradients(convnet(rng, channels=(2, 4), n_out=3), rng.normal(size=(2, 64)))
    assert report.verdict is Verdict.CORRECT, str(report)
