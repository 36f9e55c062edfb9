"""Is the gradient of a random batch, or a random estimate of a slope that is no random one, left undecided?

The function is the loss of all examples, or an expectation that is known, and only its gradient draws: it agrees with
the slope on average. With the batch drawn in the function and the gradient that of all examples it is the reverse.
"""

import numpy as np

from traps import normal, right, times, wrong

A, w = normal(200, 5), normal(5, seed=1)
y = A @ np.arange(5.0) + normal(200, seed=2)
batches, noises = np.random.default_rng(3), np.random.default_rng(4)


def loss(w, of=slice(None)):
    return np.mean((A[of] @ w - y[of]) ** 2)


def slope(w, of=slice(None)):
    return 2 * A[of].T @ (A[of] @ w - y[of]) / len(y[of])


def of_batch(w):
    return slope(w, batches.choice(200, 32))


def on_batch(w):
    return loss(w, batches.choice(200, 32))


def smooth(x):
    return np.sum(np.sin(x))


def evolution(x):
    e = noises.standard_normal((300, 5))
    return np.mean([(smooth(x + 0.1 * move) - smooth(x)) * move / 0.1 for move in e], axis=0)


def seeded(w):
    return loss(w, np.random.default_rng(0).choice(200, 32))


LEFT_OPEN = "UNDECIDED"
CASES = [
    right("of a batch, of the loss of all", loss, w, grad=of_batch, verdict=LEFT_OPEN),
    right("of all, of the loss of a batch", on_batch, w, grad=slope, verdict=LEFT_OPEN),
    right("of the batch that was drawn", on_batch, w, grad=of_batch),
    right("by evolution", smooth, w, grad=evolution, verdict=LEFT_OPEN),
    wrong("of a batch, summed where a mean is meant", loss, w, grad=times(32.0, of_batch)),
    wrong("of a batch, twice", loss, w, grad=times(2.0, of_batch)),
    wrong("of all, three times, of the loss of a batch", on_batch, w, grad=times(3.0, slope)),
    wrong("of the batch that was drawn, 1 % off", on_batch, w, grad=times(1.01, of_batch)),
    wrong("by evolution, the other sign", smooth, w, grad=times(-1.0, evolution)),
    wrong("of all, of a batch that is always the same", seeded, w, grad=slope),
]
