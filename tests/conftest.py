"""What all tests share: pytester for the plugin's tests, and the profiles of Hypothesis."""

from __future__ import annotations

import concurrent.futures.process  # noqa: F401  as below
import os
from contextlib import suppress

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

# What a check loads when it needs it would be forgotten after a run of pytester's, and be another thing the next time.
import gradcheck._diagnose.conclusion
import gradcheck._diagnose.guilty_layer
import gradcheck._explained
import gradcheck._workers.hire  # noqa: F401

pytest_plugins = ["pytester"]

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


@pytest.hookimpl(trylast=True)  # once Hypothesis has marked its tests
def pytest_collection_modifyitems(items):
    """In a soak, draw more examples, and others each time, also where a test says how many and which."""
    if settings.default != settings.get_profile("soak"):
        return
    for test in {item.obj for item in items if item.get_closest_marker("hypothesis")}:
        own = test._hypothesis_internal_use_settings
        if SEED:
            hypothesis.seed(int(SEED))(test)
        # Last, since whoever seeds a test tells it to keep nothing.
        test._hypothesis_internal_use_settings = settings(max_examples=MORE * own.max_examples, phases=own.phases)
