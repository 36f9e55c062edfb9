"""The question, asked by pytest from now on."""

from mended_model import cost, gradient, params


def test_gradient(gradcheck):
    gradcheck(cost, params, grad=gradient)
