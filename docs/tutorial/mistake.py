"""The network learns with a mistake in its way back, and the check finds it."""

import numpy as np
from digits import data, labels, x

from gradcheck import check_gradients
from gradcheck.networks import SGD, CrossEntropy, Tanh, accuracy, forgotten_mean, mlp, train

network = forgotten_mean(mlp((64, 32, 10), Tanh(), np.random.default_rng(0)))
network, _ = train(network, data.x_train, data.y_train, epochs=10, optimiser=SGD(rate=0.1))
print(f"it reads {accuracy(network, data.x_test, data.y_test):.0%} of the test pictures")
print(check_gradients(network, x, loss=CrossEntropy(labels), wrt="layers*"))
