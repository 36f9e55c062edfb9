"""What does pytest load at every start? The options, the marker, the fixture and the hooks; nothing heavy.

The hooks hold no logic: what they do stands in gradcheck._plugin, and is loaded when a test checks something.
"""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import pytest

if TYPE_CHECKING:
    from typing import Literal

    from gradcheck._plugin.destinations import Destination
    from gradcheck._plugin.fixture import Gradcheck

ROWS = "gradcheck"  # the attribute of a TestReport that pytest, and pytest-xdist, carry along


class Row(TypedDict):
    """What is said of all checks that one test made of one model, as plain data: it may cross to another process."""

    severity: int
    verdict: str
    name: str
    text: str
    checks: int
    expected: bool  # it failed, and its test did not
    page: str  # the whole report as JSON, if any --gradcheck-report wants it


class Setting(NamedTuple):
    """A keyword of a check that the command line, or the ini file, can give to all of them."""

    name: str
    kind: Literal["int", "float", "string"]
    read: Callable[[str], Any]
    metavar: str  # empty where the ini file alone can give it
    about: str


def _whole(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            msg = f"{text!r}: write a whole number, {least} or more"
            raise ArgumentTypeError(msg)
        return int(text)

    return read


def _entries(text: str) -> str | int:
    if text in {"auto", "all"}:
        return text
    if not text.isdecimal() or int(text) < 1:
        msg = f"{text!r}: write auto, all or a positive number"
        raise ArgumentTypeError(msg)
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        msg = f"{text!r}: write a number between 0 and 1, such as 1e-4"
        raise ArgumentTypeError(msg)
    return share


def _precision(text: str) -> str:
    if text not in {"double", "as-is"}:
        msg = f"{text!r}: write double or as-is"
        raise ArgumentTypeError(msg)
    return text


SETTINGS = (
    Setting("seed", "int", _whole(0), "N", "seed of the checks that do not name their own (default: 0)"),
    Setting("entries", "string", _entries, "N", "entries to check of each tensor: auto, all or a number"),
    Setting("workers", "int", _whole(1), "N", "processes for each check; a worker of pytest-xdist uses one"),
    Setting("neighbours", "int", _whole(0), "", "further points at which the whole gradient is screened"),
    Setting("rtol", "float", _share, "", "the smallest relative error that matters"),
    Setting("precision", "string", _precision, "", "double (default) or as-is"),
)
REPORT = (
    "where the reports go, repeatable; TYPE is term (default), term-all (every row and table), github, "
    "html, json, markdown, markdown-append or csv; DEST is a file, by default gradcheck-report and a suffix"
)


@pytest.fixture(scope="session")  # Hypothesis refuses a narrower one
def gradcheck(pytestconfig: pytest.Config) -> Gradcheck:
    """Assert that the gradients of a model are right: `gradcheck(model, *args, **keywords)`."""
    from gradcheck._plugin.fixture import Gradcheck

    return Gradcheck(pytestconfig.stash[SESSION])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all of which begin with --gradcheck-, and their like for the ini file."""
    group = parser.getgroup("gradcheck")
    group.addoption("--gradcheck-report", action="append", metavar="TYPE[:DEST]", help=REPORT)
    parser.addini("gradcheck_report", f"{REPORT}; one a line", type="linelist", default=None)
    for name, kind, read, metavar, about in SETTINGS:
        parser.addini(f"gradcheck_{name}", about, type=kind, default=None)
        if metavar:
            group.addoption(f"--gradcheck-{name}", type=read, metavar=metavar, help=about)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and what lasts as long as the session."""
    config.addinivalue_line(
        "markers",
        "gradcheck(**keywords): keywords for the checks by the fixture of this name, "
        "such as seed=7; every test that uses the fixture has it.",
    )
    config.stash[SESSION] = session = Session(config)
    config.pluginmanager.register(session, "gradcheck-session")


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let `-m gradcheck` select the tests that use the fixture."""
    if "gradcheck" in getattr(item, "fixturenames", ()) and item.get_closest_marker("gradcheck") is None:
        item.add_marker("gradcheck")


class Session:
    """One session of pytest: what was asked for, which test runs now, and what the checks found."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the options; raises UsageError, before the first test, for what makes no sense."""
        self.config = config
        self.is_worker = hasattr(config, "workerinput")  # of pytest-xdist
        self.settings = {s.name: value for s in SETTINGS if (value := _setting(config, s)) is not None}
        self.running: pytest.Item | None = None  # the fixture, of the whole session, cannot know
        self.rows: dict[tuple[str, str], list[Row]] = {}  # by test and worker
        self.written: list[str] = []  # what became of the reports
        given = config.getoption("gradcheck_report")
        kinds = given or config.getini("gradcheck_report") or []
        self.full = any(kind != "term" for kind in kinds)
        self.destinations: tuple[Destination, ...] = ()
        if kinds and not self.is_worker:
            from gradcheck._plugin.destinations import parse

            folder = config.inipath.parent if config.inipath and not given else config.invocation_params.dir
            self.destinations = parse(kinds, folder)

    def pytest_report_header(self) -> str:
        """Name the seed, and what else was set for all checks, so that the run can be repeated."""
        said = {"seed": 0} | self.settings
        return "gradcheck: " + ", ".join(f"{name} {value}" for name, value in said.items())

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Remember which test runs."""
        self.running = item
        try:
            return (yield)
        finally:
            self.running = None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put the whole table below the message of a failure, and the rows into the last report of the test."""
        if "gradcheck._results.report" not in sys.modules:  # nothing was checked
            return (yield)
        from gradcheck._plugin import outcome

        outcome.prepare(item, call)
        report = yield
        outcome.complete(report, item, call, full=self.full)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the rows, be they from other processes; of a test that was run again, the last ones."""
        rows = vars(report).get(ROWS)
        if rows is None or self.is_worker:
            return
        each = self.config.getoption("dist", "") == "each"  # every test in every worker; else again in any of them
        key = report.nodeid, vars(report).get("worker_id", "") if each else ""
        self.rows.pop(key, None)
        if rows:
            self.rows[key] = rows

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports."""
        if self.full and self.destinations and not self.config.option.collectonly:
            from gradcheck._plugin import write

            write.reports(self, session)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print a row for each model that was checked, wrong ones first; nothing if there was none."""
        if self.rows or self.written:
            from gradcheck._plugin import summary

            summary.show(self, terminalreporter)


SESSION = pytest.StashKey[Session]()  # on the config


def _setting(config: pytest.Config, setting: Setting) -> Any:  # noqa: ANN401  of the type that the check wants
    """Return what the command line or else the ini file says, None if neither does."""
    name = f"gradcheck_{setting.name}"
    given = config.getoption(name, None)
    if given is not None:
        return given
    try:
        value = config.getini(name)
        return None if value is None else setting.read(str(value).strip())
    except (ArgumentTypeError, ValueError, TypeError, pytest.UsageError) as error:
        msg = f"{name} in {config.inipath.name if config.inipath else 'the ini file'}: {error}"
        raise pytest.UsageError(msg) from None
