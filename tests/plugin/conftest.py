"""Small pytest sessions inside the tests, each with the same two models: one right, one wrong."""

from __future__ import annotations

import pytest

import gradcheck.networks  # noqa: F401  NumPy must not be loaded anew by each inner session
from gradcheck import assert_gradients  # noqa: F401  likewise

MODELS = """
import numpy as np

X = np.array([0.5, -1.5, 2.5])


def cube(x):
    return float((x**3).sum())


def right(x):
    return 3 * x**2


def twice(x):
    return 3 * x**2 * np.array([1, 2, 1])
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a session on the source of some tests, with warnings as errors."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    pytester.makepyfile(cubes=MODELS)

    def session(source, *options, subprocess=False):
        pytester.makepyfile(test_it=f"import pytest\nfrom cubes import *\n\n{source}")
        runner = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return runner("-W", "error", "--strict-markers", *options)

    return session
