"""The strategies as a whole: their examples run, and none of them throws a draw away."""

from __future__ import annotations

import ast
import doctest
import importlib
import warnings
from pathlib import Path

import numpy as np
import pytest
from drawn import same
from hypothesis import settings
from hypothesis.errors import NonInteractiveExampleWarning

SOURCES = sorted((Path(__file__).parents[2] / "gradcheck" / "strategies").glob("*.py"))

settings.register_profile("same", **same)


def test_the_sources_are_found():
    """Else nothing would be asked of them."""
    assert {"arrays.py", "kinds.py"} < {path.name for path in SOURCES}


@pytest.mark.parametrize(
    "name", ["strategies.arrays", "strategies.architectures", "strategies.case", "strategies.faults", "_fuzz.user"]
)
def test_the_examples_in_the_docstrings_run(name):
    """What a reader pastes works."""
    module, profile = importlib.import_module(f"gradcheck.{name}"), settings.get_current_profile_name()
    settings.load_profile("same")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NonInteractiveExampleWarning)
        done = doctest.testmod(module, extraglobs={"np": np})
    settings.load_profile(profile)
    assert done.attempted > 0
    assert done.failed == 0


@pytest.mark.parametrize("path", SOURCES, ids=[p.name for p in SOURCES])
def test_they_build_and_never_filter(path):
    """No draw is thrown away: there is no assume, no reject, no .filter."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in called}
    assert names & {"assume", "reject", "filter"} == set()
