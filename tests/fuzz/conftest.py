"""Layers that are spoilt."""

from __future__ import annotations

import pytest


@pytest.fixture
def spoil(monkeypatch):
    """Spoil the way back of a kind of layer, wherever it is."""

    def spoil(kind, change):
        right = kind.forward

        def forward(self, x):
            y, way_back = right(self, x)
            return y, lambda dy: change(*way_back(dy))

        monkeypatch.setattr(kind, "forward", forward)

    return spoil
