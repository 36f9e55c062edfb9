"""The table of a run: a row for each check, the worst first."""

from __future__ import annotations

from gradcheck import Check, Run
from gradcheck._render.faces import render


def test_a_column_that_says_nothing_is_left_out(mlp):
    """No tests, no repetitions."""
    assert render(Run((Check(mlp),))).splitlines()[2].split() == [
        "model", "entries", "wrong", "worst", "at", "error", "/", "±", "verdict",
    ]  # fmt: skip
    assert "checks" in render(Run((Check(mlp, "test_it", times=2),))).splitlines()[2]
