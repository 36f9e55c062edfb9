"""What does pytest load at every start? The fixture, the marker and the option; nothing heavy.

A check leaves one row in the properties of its test, as plain JSON: so it reaches the controller of
pytest-xdist, which prints the summary, and the JUnit file.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from gradcheck import Report

PROPERTY = "gradcheck"
ROWS = 10  # the summary has no more
COLOURS = {"WRONG": {"red": True}, "BROKEN": {"red": True}, "UNDECIDED": {"yellow": True}}

RUNNING = pytest.StashKey[pytest.Item | None]()  # on the config: the test that runs now
TABLE = pytest.StashKey[str]()  # on the test: the whole of the last report that failed


class Row(TypedDict):
    """What the summary says of all checks that one test made of one model."""

    severity: int
    verdict: str
    name: str
    text: str
    checks: int


class Check:
    """The fixture: `gradcheck(model, *args, **keywords)` asserts that the gradients are right."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def __call__(self, model: Any, *args: Any, **keywords: Any) -> Report:  # noqa: ANN401  whatever can be checked
        """Call `assert_gradients`, with the keywords of the marker and the command line.

        Raises GradientError, or InputError for a call that cannot be checked as written.
        """
        __tracebackhide__ = True
        from gradcheck import GradientError, InputError, assert_gradients

        item = self._config.stash.get(RUNNING, None)
        try:
            report = assert_gradients(model, *args, **(_keywords(self._config, item) | keywords))
        except (GradientError, InputError) as error:
            _record(item, getattr(error, "report", None), failed=True)
            # Not a frame of ours between the user's line and the message.
            raise error.with_traceback(None) from error.__cause__
        _record(item, report, failed=False)
        return report


@pytest.fixture(scope="session")  # Hypothesis refuses a narrower one
def gradcheck(pytestconfig: pytest.Config) -> Check:
    """Assert that the gradients of a model are right: `gradcheck(model, *args, **keywords)`."""
    return Check(pytestconfig)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all of which begin with --gradcheck-."""
    parser.getgroup("gradcheck").addoption(
        "--gradcheck-seed",
        type=int,
        metavar="N",
        help="seed of every check that does not name its own (default: 0)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        "gradcheck(**keywords): keywords for the checks by the fixture of this name, "
        "such as seed=7; every test that uses the fixture has it.",
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    """Name the seed, if one was given, so that the run can be repeated."""
    seed = config.getoption("gradcheck_seed")
    return None if seed is None else f"gradcheck: --gradcheck-seed={seed}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-m gradcheck` select the tests that use the fixture."""
    if "gradcheck" in getattr(item, "fixturenames", ()):
        item.add_marker("gradcheck")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Remember which test runs: the fixture, of the whole session, cannot know."""
    item.config.stash[RUNNING] = item
    try:
        return (yield)
    finally:
        item.config.stash[RUNNING] = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the whole table below the message of a failure."""
    report = yield
    if report.failed and TABLE in item.stash:
        report.sections.append(("Captured gradcheck report", item.stash[TABLE]))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print a row for each model that was checked, wrong ones first; nothing if there was none."""
    rows = sorted(_rows(terminalreporter), key=lambda named: -named[1]["severity"])
    if not rows:
        return
    terminalreporter.ensure_newline()
    terminalreporter.section("gradcheck")
    shown = rows if len(rows) <= ROWS else rows[: ROWS - 1]
    for test, row in shown:
        times = f" ({row['checks']} checks)" if row["checks"] > 1 else ""
        line = f"{row['verdict']:<9}  {test}  {row['name']}: {row['text']}{times}"
        terminalreporter.write_line(line, **COLOURS.get(row["verdict"], {}))
    if more := rows[len(shown) :]:
        kinds = Counter(row["verdict"].lower() for _, row in more)
        counts = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
        terminalreporter.write_line(f"and {len(more)} more: {counts}")


def _rows(terminalreporter: pytest.TerminalReporter) -> Iterator[tuple[str, Row]]:
    """Yield what the tests reported, be it from other processes; after teardown all is said."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "teardown":
                for key, value in report.user_properties:
                    if key == PROPERTY:
                        yield from ((report.nodeid, row) for row in json.loads(value))


def _keywords(config: pytest.Config, item: pytest.Item | None) -> dict[str, Any]:
    """Return the keywords of the command line and of the markers, the closest last."""
    seed = config.getoption("gradcheck_seed")
    keywords = {} if seed is None else {"seed": seed}
    for mark in reversed(list(item.iter_markers("gradcheck")) if item else []):
        if mark.args:
            pytest.fail(
                f"the marker gradcheck takes keywords, such as seed=7, not {mark.args!r}",
                pytrace=False,
            )
        keywords |= mark.kwargs
    return keywords


def _record(item: pytest.Item | None, report: Report | None, *, failed: bool) -> None:
    """Note the outcome of a check on its test: a row, and the table if it failed."""
    if item is None or report is None:
        return
    from gradcheck.render import render, summary
    from gradcheck.render.escape import visible

    if failed:
        item.stash[TABLE] = render(report, "text")
    row = Row(
        severity=int(report.verdict),
        verdict=str(report.verdict),
        name=visible(report.name),
        text=summary(report),
        checks=1,
    )
    others = [value for key, value in item.user_properties if key == PROPERTY]
    rows = _with(json.loads(str(others[0])) if others else [], row)
    kept = [pair for pair in item.user_properties if pair[0] != PROPERTY]
    item.user_properties[:] = [*kept, (PROPERTY, json.dumps(rows))]


def _with(rows: list[Row], row: Row) -> list[Row]:
    """Return the rows with one more; of the checks of one model the worst stays, the last of them.

    A test of Hypothesis makes hundreds of checks, and the last that fails is the smallest example.
    """
    same = next((r for r in rows if r["name"] == row["name"]), None)
    if same is None:
        return [*rows, row]
    worse = row if row["severity"] >= same["severity"] else same
    merged = Row(**(worse | {"checks": same["checks"] + 1}))
    return [merged if r is same else r for r in rows]
