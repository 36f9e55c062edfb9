"""Small pytest sessions inside the tests, each with the same two models: one right, one wrong."""

from __future__ import annotations

import pytest
from users import CUBES

import gradcheck._render.failure
import gradcheck.networks  # noqa: F401  NumPy must not be loaded anew by each inner session
from gradcheck import assert_gradients  # noqa: F401  likewise


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a session on the source of some tests, with warnings as errors."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("COLUMNS", "120")
    pytester.makepyfile(cubes=CUBES)

    def session(source, *options):
        pytester.makepyfile(test_it=f"import pytest\nfrom cubes import *\n\n{source}")
        return pytester.runpytest_inprocess("-W", "error", "--strict-markers", *options)

    return session
