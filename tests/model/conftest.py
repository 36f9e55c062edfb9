"""What do the tests of the model share? Global generators whose state is known."""

from __future__ import annotations

import random

import numpy as np
import pytest


@pytest.fixture
def known_generators():
    """Seed the global generators of Python and of NumPy."""
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    np.random.standard_normal()  # leaves half of a pair behind, which is part of the state  # noqa: NPY002
    random.gauss(0, 1)
