"""A browser for each worker, and a window in which anything unforeseen makes the test fail."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gradcheck import Check, Report, Run, check_gradients
from gradcheck._compare.faces import render as render_comparison
from gradcheck._compare.pairs import compare
from gradcheck._fuzz.faces import render as render_fuzz
from gradcheck._fuzz.search import Fuzz
from gradcheck._render.faces import render
from gradcheck.networks import FAULTS, CrossEntropy, Dense, Tanh, mlp

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    """Start a browser that shows nothing."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(NAMES)} is installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def unforeseen():
    """Collect what pages complain of, and what they ask of a network."""
    return []


@pytest.fixture
def show(browser, unforeseen, tmp_path):
    """Show a report, a run or a page from a file; anything unforeseen is a failure."""
    windows = []

    def shown(thing, width=1280, **settings):
        path = tmp_path / f"page{len(windows)}.html"
        path.write_text(thing if isinstance(thing, str) else render(thing, "html"), encoding="utf-8")
        window = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        windows.append(window)
        page = window.new_page()
        page.on("console", lambda message: unforeseen.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: unforeseen.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or unforeseen.append(asked.url))
        page.on("dialog", lambda dialog: (unforeseen.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield shown
    for window in windows:
        window.close()
    assert unforeseen == []


def checked(fault=None):
    """Return a report on a small network, with a mistake in its first layer."""
    rng = np.random.default_rng(0)
    network = mlp((12, 8, 6, 5), Tanh(), rng)
    if fault:
        network = FAULTS[fault].apply(network)
    return check_gradients(network, rng.normal(size=(8, 12)), loss=CrossEntropy(rng.integers(0, 5, 8)))


@pytest.fixture(scope="session")
def wrong():
    """Check a network of which one layer is wrong."""
    return checked("one_row")


@pytest.fixture(scope="session")
def right():
    """Check a network of which nothing is wrong."""
    return checked()


@pytest.fixture(scope="session")
def kink():
    """Check a function where it has no derivative."""
    return check_gradients(lambda w: float(abs(w).sum()), np.array([0.0, 1.0, -2.0]), grad=np.sign)


@pytest.fixture(scope="session")
def noisy():
    """Check a function of which nothing can be told."""

    def scattered(w):
        return float((w**2).sum() + 0.3 * np.random.default_rng(w.view(np.uint64)).standard_normal())

    return check_gradients(scattered, np.array([1.0, 2.0]), grad=lambda w: 2 * w)


@pytest.fixture(scope="session")
def compared(wrong, right, kink):
    """Compare two runs: what was right is wrong, something has come, something is gone."""
    name = "tests/test_net.py::test[<script>alert(1)</script>]"
    old = Run((Check(right, name), Check(kink, "tests/test_net.py::test_gone")))
    return render_comparison(compare(old, Run((Check(wrong, name), Check(kink, "new"), Check(wrong)))), "html")


@pytest.fixture(scope="session")
def fuzzed():
    """Search among networks whose dense layers count their biases twice."""
    forward = Dense.forward

    def spoilt(self, x):
        y, way_back = forward(self, x)
        return y, lambda dy: (way_back(dy)[0], replace(way_back(dy)[1], b=2 * way_back(dy)[1].b))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dense, "forward", spoilt)
        found = Fuzz(6, keywords={"entries": 1, "neighbours": 0})
        found.run()
    assert found.failures
    return render_fuzz(found, "html", paths=[Path("<script>alert(1)</script>.json")])


@pytest.fixture(scope="session")
def run(wrong, right, kink, noisy):
    """Put together a run of many checks."""
    others = [Check(right, f"tests/test_net.py::test_{k}", "tests/test_net.py", 10 + k) for k in range(7, 13)]
    return Run(
        (
            *others,
            Check(kink, "tests/test_net.py::test_kink", "tests/test_net.py", 3),
            Check(wrong, "tests/test_net.py::test_row", "tests/test_net.py", 33, 4, ".gradcheck/cases/63cc66b.json"),
            Check(noisy, "package.module:noisy"),
            Check(Report(name="empty", seed=0, tensors={}), "tests/test_net.py::test_empty"),
        ),
        "pytest tests",
    )
