"""What do all tests of workers need? That workers work, wherever the tests themselves run."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """Let workers work: these tests may themselves run in a worker of pytest-xdist, which has a core to itself."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
