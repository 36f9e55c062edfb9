"""What all tests share: pytester for the plugin's tests, and the profiles of Hypothesis."""

from __future__ import annotations

import concurrent.futures.process  # noqa: F401  as below
import os
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

# What a check loads when it needs it would be forgotten after a run of pytester's, and be another thing the next time.
import gradcheck._diagnose.conclusion
import gradcheck._diagnose.guilty_layer
import gradcheck._explained
import gradcheck._workers.hire

pytest_plugins = ["pytester"]

TESTS = Path(__file__).parent
MORE = 20  # times as many examples in a soak
SEED = os.environ.get("SOAK_SEED")

# A commit is judged by the same examples everywhere. New ones are the business of `make soak`.
settings.register_profile("tests", deadline=None, derandomize=True, database=None)
settings.register_profile(
    "soak",
    deadline=None,
    derandomize=False,
    database=DirectoryBasedExampleDatabase(".hypothesis/examples"),
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("soak" if SEED else "tests")

# Hypothesis draws, among others, the numbers it reads in the modules that are loaded: in each worker of xdist others.
with suppress(ImportError):
    from hypothesis.internal.conjecture import providers

    providers._get_local_constants = lambda: providers._local_constants


@pytest.fixture(autouse=True)
def _mistakes_of_ours_are_raised(monkeypatch):
    """A report stands where looking for a cause raises, but not in a test."""
    monkeypatch.setattr(gradcheck._explained, "stands", lambda _: nullcontext())


@pytest.fixture(autouse=True)
def _no_bytecode(request, monkeypatch):
    """Read anew what a test writes again within a second: of the same length, its bytecode would pass for new."""
    if "pytester" in request.fixturenames:
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")


def pytest_addoption(parser):
    """Let a run of more tests leave out what passed in one of fewer, on the same commit."""
    said = "leave out the tests that FILE names, and add those that pass"
    parser.addoption("--passed", metavar="FILE", type=Path, help=said)


def pytest_configure(config):
    """Note what passes in the process that hears of all tests."""
    if config.getoption("--passed") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Passing(config.getoption("--passed")))


class Passing:
    """Writes down which tests passed, one a line."""

    def __init__(self, file):
        self.file, self.passed = file, []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.passed.append(report.nodeid)

    def pytest_sessionfinish(self):
        with self.file.open("a", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in self.passed)


@pytest.hookimpl(trylast=True)  # once Hypothesis has marked its tests
def pytest_collection_modifyitems(config, items):
    """Leave out what passed before; in a soak draw more examples, and others each time, whatever a test says."""
    leave_out_what_passed(config, items)
    leave_uncovered_what_no_room_has(items)
    if settings.default != settings.get_profile("soak"):
        return
    for test in {item.obj for item in items if item.get_closest_marker("hypothesis")}:
        own = test._hypothesis_internal_use_settings
        if SEED:
            hypothesis.seed(int(SEED))(test)
        # Last, since whoever seeds a test tells it to keep nothing.
        test._hypothesis_internal_use_settings = settings(max_examples=MORE * own.max_examples, phases=own.phases)


@pytest.hookimpl(wrapper=True, trylast=True)  # once pytest-cov has paused
def pytest_runtest_call(item):
    """Let nobody count the lines of such a test: in a worker of xdist pytest-cov leaves a second tracer on."""
    tracer = sys.gettrace()
    if tracer is None or item.get_closest_marker("no_cover") is None:
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


def leave_out_what_passed(config, items):
    """Deselect the tests that the file names, if there is one by now."""
    file = config.getoption("--passed")
    passed = set(file.read_text(encoding="utf-8").splitlines()) if file and file.exists() else set()
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in passed])
    items[:] = [item for item in items if item.nodeid not in passed]


def leave_uncovered_what_no_room_has(items):
    """Measure coverage by the tests of the rooms alone: the others take twice as long under it."""
    for item in items:
        if item.path.parent in {TESTS, TESTS / "benchmarks"}:
            item.add_marker("no_cover")
