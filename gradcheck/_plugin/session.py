"""What is known of a session of pytest? What was asked for, which test runs now, and what the checks found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradcheck._plugin import settings
from gradcheck._plugin.row import ROWS, Row

if TYPE_CHECKING:
    from gradcheck._plugin.destinations import Destination


class Session:
    """One session of pytest; what its hooks remember from one to the next."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the options; raises UsageError, before the first test, for invalid ones."""
        self.config: pytest.Config = config
        self.is_worker: bool = hasattr(config, "workerinput")  # of pytest-xdist
        self.settings: dict[str, Any] = settings.said(config)
        self.running: pytest.Item | None = None  # the fixture, of the whole session, cannot know
        self.rows: dict[tuple[str, str], list[Row]] = {}  # by test and worker
        self.written: list[str] = []  # what became of the reports
        given = config.getoption("gradcheck_report")
        self.strict: bool = settings.strict(config)
        kinds = given or config.getini("gradcheck_report") or settings.older(config, "report") or []
        self.full: bool = any(kind != "term" for kind in kinds)
        self.destinations: tuple[Destination, ...] = ()
        if kinds and not self.is_worker:
            from gradcheck._plugin.destinations import parse

            folder = config.inipath.parent if config.inipath and not given else config.invocation_params.dir
            self.destinations = parse(kinds, folder)

    @property
    def header(self) -> str:
        """Name the seed, and what else was set for all checks, so that the run can be repeated."""
        said = {"seed": 0} | self.settings | ({"strict": "yes"} if self.strict else {})
        return "gradcheck: " + ", ".join(f"{name} {value}" for name, value in said.items())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the rows, be they from other processes; of a test that was run again, the last ones.

        This hook is told of no config, so it is the session itself that hears it.
        """
        rows = vars(report).get(ROWS)
        if rows is None or self.is_worker:
            return
        each = self.config.getoption("dist", "") == "each"  # every test in every worker; else again in any of them
        key = report.nodeid, vars(report).get("worker_id", "") if each else ""
        self.rows.pop(key, None)
        if rows:
            self.rows[key] = rows


SESSION = pytest.StashKey[Session]()  # on the config
