"""What does pytest load at every start? The fixture and the hooks, which hold no logic, and nothing heavy.

What they do stands in gradcheck._plugin: options and session are loaded at the start, all else when a test checks
something.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gradcheck._plugin.fixture import Gradcheck


@pytest.fixture(scope="session")  # Hypothesis refuses a narrower one
def gradcheck(pytestconfig: pytest.Config) -> Gradcheck:
    """Assert that the gradients of a model are right: `gradcheck(model, *args, **keywords)`."""
    from gradcheck._plugin.fixture import Gradcheck
    from gradcheck._plugin.session import SESSION

    return Gradcheck(pytestconfig.stash[SESSION])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    from gradcheck._plugin.settings import add

    add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and what lasts as long as the session."""
    from gradcheck._plugin.session import SESSION, Session

    config.addinivalue_line(
        "markers",
        "gradcheck(**keywords): keywords for the checks by the fixture of this name, "
        "such as seed=7; every test that uses the fixture has it.",
    )
    config.stash[SESSION] = session = Session(config)
    config.pluginmanager.register(session, "gradcheck-session")


def pytest_report_header(config: pytest.Config) -> str:
    """Say what was set for all checks."""
    from gradcheck._plugin.session import SESSION

    return config.stash[SESSION].header


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-m gradcheck` select the tests that use the fixture."""
    if "gradcheck" in getattr(item, "fixturenames", ()) and item.get_closest_marker("gradcheck") is None:
        item.add_marker("gradcheck")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Remember which test runs."""
    from gradcheck._plugin.session import SESSION

    session = item.config.stash[SESSION]
    session.running = item
    try:
        return (yield)
    finally:
        session.running = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the whole table below the message of a failure, and the rows into the last report of the test."""
    if "gradcheck._results.report" not in sys.modules:  # nothing was checked
        return (yield)
    from gradcheck._plugin.outcome import complete, prepare
    from gradcheck._plugin.session import SESSION

    prepare(item, call)
    report = yield
    complete(report, item, call, full=item.config.stash[SESSION].full)
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the reports."""
    from gradcheck._plugin.session import SESSION

    ours = session.config.stash[SESSION]
    if ours.full and ours.destinations and not session.config.option.collectonly:
        from gradcheck._plugin.write import reports

        reports(ours, session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print a row for each model that was checked, wrong ones first; nothing if there was none."""
    from gradcheck._plugin.session import SESSION

    session = config.stash[SESSION]
    if session.rows or session.written:
        from gradcheck._plugin.summary import show

        show(session, terminalreporter)
