"""What does the fixture cost in a suite of thousands of small checks? Beside the bare function, in one session."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from benchmarks.waiting.figure import Figure, WaitingRow, spread
from benchmarks.waiting.process import python

GROUP = "under pytest"
CHECKS, IN_A_HURRY = 2000, 40
BLOCK = 100  # tests of either kind that make a ratio
BLOCK_IN_A_HURRY = 10
TESTS = """
import numpy as np
import pytest
from gradcheck import Verdict, check_gradients

def f(x):
    return float(np.sum(np.sin(x) * x))

def grad(x):
    return FACTOR * (np.cos(x) * x + np.sin(x))

@pytest.mark.parametrize("k", range(COUNT))
def test_fixture(gradcheck, k):
    gradcheck(f, np.array([0.3, -0.7, 1.1]), grad=grad)

@pytest.mark.parametrize("k", range(COUNT))
def test_bare(k):
    assert check_gradients(f, np.array([0.3, -0.7, 1.1]), grad=grad).verdict is Verdict.CORRECT
"""
HOOKS = """
import json, time
import pytest

TIMES = {"test_fixture": [], "test_bare": [], "end": []}

def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.callspec.params["k"])

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    begin = time.process_time()
    outcome = yield
    TIMES[item.originalname].append(time.process_time() - begin)
    return outcome

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary():
    begin = time.process_time()
    outcome = yield
    TIMES["end"].append(time.process_time() - begin)
    return outcome

def pytest_unconfigure():
    with open("times.json", "w") as file:
        json.dump(TIMES, file)
"""


def rows() -> list[WaitingRow]:
    """Return the one question."""
    return [WaitingRow(GROUP, f"{CHECKS:,} small checks by the fixture", "by check_gradients", 1.2, fixture)]


def fixture(*, quick: bool, factor: float = 1.0) -> Figure:
    """Return the ratio, block by block; what the session ends with is shared out among the tests with the fixture."""
    times = run(IN_A_HURRY if quick else CHECKS, factor)
    with_fixture, bare = (times[name] for name in ("test_fixture", "test_bare"))
    share = sum(times["end"]) / len(with_fixture)
    size = BLOCK_IN_A_HURRY if quick else BLOCK
    blocks = [slice(k, k + size) for k in range(0, len(bare), size)]
    ratios = [(sum(with_fixture[b]) / size + share) / (sum(bare[b]) / size) for b in blocks]
    ours, other = (spread(side)[0] * 1e3 for side in (with_fixture, bare))
    return Figure(*spread(ratios), ours + share * 1e3, other, remark=f"a ratio for each {size} tests of either kind")


def run(count: int, factor: float) -> dict[str, list[float]]:
    """Return the CPU time of every test, in a session of its own; raises NotAsExpected if a test fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = TESTS.replace("COUNT", str(count)).replace("FACTOR", repr(factor))
        (folder / "test_small.py").write_text(source, encoding="utf-8")
        (folder / "conftest.py").write_text(HOOKS, encoding="utf-8")
        for tests in ("test_small.py::test_fixture[0]", "test_small.py"):  # what is compiled once is so before
            python(folder, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "-p", "no:cacheprovider", tests)
        times: dict[str, list[float]] = json.loads((folder / "times.json").read_text(encoding="utf-8"))
    return times
