"""A network of two layers that has learned to read handwritten digits, and a mini-batch of 32 of them."""

import numpy as np

from gradcheck.networks import SGD, Tanh, load_digits, mlp, train

data = load_digits()
young = mlp((64, 32, 10), Tanh(), np.random.default_rng(0))
network, history = train(
    young,
    data.x_train,
    data.y_train,
    epochs=60,
    optimiser=SGD(rate=0.1),
    validation=(data.x_test, data.y_test),
    target_accuracy=0.95,
)
x, labels = data.x_train[:32], data.y_train[:32]
