"""Several checks, shared among the workers of pytest-xdist."""

import numpy as np
import pytest

FUNCTIONS = {"sin": (np.sin, np.cos), "exp": (np.exp, np.exp), "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradient(gradcheck, name):
    f, slope = FUNCTIONS[name]

    def total(x):
        return np.sum(f(x))

    gradcheck(total, np.linspace(-1, 1, 5), grad=slope)
