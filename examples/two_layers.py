"""A two-layer network as courses write it: forward fills a cache, backward reads it.

The check of such a course makes one number of all entries, |g - g'| / (|g| + |g'|), and calls it right below 1e-7. Here
the features are areas in square feet, some ten thousand: the first weights have gradients that are huge beside those of
the biases, and the step of 1e-7 is too long for them. First a bias leaves out the last example, then all is right; the
number of the course is above 1e-7 both times.
"""

import numpy as np

from gradcheck import check_gradients

rng = np.random.default_rng(1)
X = 1e4 * (1 + rng.random((4, 50)))  # one column for each house
Y = (rng.random((1, 50)) < 0.5).astype(float)
parameters = {
    "W1": rng.standard_normal((5, 4)) / 2e4,
    "b1": np.zeros((5, 1)),
    "W2": rng.standard_normal((1, 5)),
    "b2": np.zeros((1, 1)),
}


def forward_propagation(parameters):
    W1, b1, W2, b2 = parameters.values()
    A1 = np.tanh(W1 @ X + b1)
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)), (A1, W2, A2)


def backward_propagation(cache, last=None):
    A1, W2, A2 = cache
    m = X.shape[1]
    dZ2 = (A2 - Y) / m
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    db1, db2 = (dZ.sum(axis=1, keepdims=True) for dZ in (dZ1[:, :last], dZ2))
    return {"W1": dZ1 @ X.T, "b1": db1, "W2": dZ2 @ A1.T, "b2": db2}


def cost(parameters):
    return forward_propagation(parameters)[0]


def number_of_the_course(gradients, epsilon=1e-7):
    approx = []
    for name, array in parameters.items():
        for step in epsilon * np.eye(array.size).reshape(-1, *array.shape):
            up, down = (cost({**parameters, name: array + s * step}) for s in (1, -1))
            approx.append((up - down) / (2 * epsilon))
    g, h = np.concatenate([g.ravel() for g in gradients.values()]), np.array(approx)
    return np.linalg.norm(g - h) / (np.linalg.norm(g) + np.linalg.norm(h))


for last in (-1, None):

    def gradients(parameters, last=last):
        return backward_propagation(forward_propagation(parameters)[1], last)

    print(f"the number of the course: {number_of_the_course(gradients(parameters)):.0e}")
    print(check_gradients(cost, parameters, grad=gradients))
