"""The same question, as a test."""

import pytest
from network import grads, loss, params


@pytest.mark.gradcheck(seed=7)
def test_network(gradcheck):
    gradcheck(loss, params, grad=grads)
