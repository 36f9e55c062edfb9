"""A rule for HIPS autograd, one of whose gradients is wrong."""

import autograd.numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive

from gradcheck import GradientError, assert_gradients


@primitive
def ratio(x, y):
    return x / y


defvjp(ratio, lambda _z, _x, y: lambda dz: dz / y, lambda _z, x, y: lambda dz: dz * x / y**2)


def loss(x, y):
    return np.sum(np.sin(ratio(x, y)))


try:
    assert_gradients(loss, np.linspace(-1, 1, 4), np.linspace(2, 3, 4), grad=grad(loss, (0, 1)))
except GradientError as error:
    print(error)
