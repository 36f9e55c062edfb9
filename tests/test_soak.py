"""The examples of Hypothesis: the same in every run of the tests, and others, more of them, in a soak."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soak
from hypothesis import settings

TESTS = """
import json
from pathlib import Path
from hypothesis import given, settings
from hypothesis import strategies as st

drawn = [], []

@settings(max_examples=7, derandomize=True, database=None)
@given(st.integers(0, 2**64))
def test_some(n): drawn[0].append(n)

@settings(max_examples=7)
@given(st.integers(0, 2**64))
def test_others(n): drawn[1].append(n)

def test_without_examples(): raise NotImplementedError

@given(st.integers())
def test_failing(n):
    Path("drawn").write_text(json.dumps(drawn))
    assert n < 1000
"""


@pytest.fixture
def soaked(tmp_path):
    """Run some tests under the profile of a soak, and return what they drew and printed."""
    (tmp_path / "conftest.py").write_text((Path(__file__).parent / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").touch()

    def run(seed):
        _, (variables, words) = soak.searches(seed, [])[-2:]
        command = [sys.executable, *words[:-1], "test_it.py"]
        done = subprocess.run(command, cwd=tmp_path, env=os.environ | variables, capture_output=True, check=False)
        return *json.loads((tmp_path / "drawn").read_text()), done.stdout.decode()

    return run


def test_a_commit_is_judged_by_the_same_examples_everywhere():
    """None are drawn at random, and none are left from another run."""
    assert settings().derandomize
    assert settings().database is None


def test_a_soak_draws_more_and_its_seed_decides_which(soaked, tmp_path):
    """Whatever a test says of it; what fails is kept, and a test without examples is left out."""
    some, others, said = soaked(3)
    assert len(some) >= 7 * 10
    assert some == others
    assert "1 failed, 2 passed, 1 deselected" in said
    assert "n=1000" in said
    assert list((tmp_path / ".hypothesis" / "examples").iterdir())
    assert soaked(4)[0] != some
