"""How do the reports of a session get where they are wanted? From the rows of its tests, at its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gradcheck._plugin.destinations import Destination
from gradcheck._plugin.summary import ordered
from gradcheck._render.faces import render
from gradcheck._render.read import parse
from gradcheck._results.files import append, write
from gradcheck._results.run import Check, Run

if TYPE_CHECKING:
    from pathlib import Path

    from gradcheck._plugin.session import Session


def reports(session: Session, running: pytest.Session) -> None:
    """Write every report that is wanted, and note for the summary what became of it; fail if one cannot be written."""
    checks = list(gathered(session))
    run = Run(tuple(check for check, _ in checks), "pytest")
    annotated = Run(tuple(check for check, expected in checks if not expected), "pytest")
    for destination in session.destinations:
        try:
            session.written += _report(
                annotated if destination.kind == "github" else run, destination, session.config.invocation_params.dir
            )
        except OSError as error:
            session.written.append(f"{destination.kind}: could not be written: {error.strerror}")
            running.exitstatus = running.exitstatus or pytest.ExitCode.INTERNAL_ERROR
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None:  # -p no:terminal
        sys.stdout.writelines(f"{line}\n" for line in session.written)
    elif session.config.option.no_summary:
        terminal.ensure_newline()
        for line in session.written:
            terminal.write_line(line)


def gathered(session: Session) -> Iterator[tuple[Check, bool]]:
    """Yield the checks of all tests, the worst first, and of each whether it failed as its test expects."""
    for _, row in ordered(session):
        run = parse(row["page"])
        if isinstance(run, Run):
            yield from ((check, row["expected"]) for check in run.checks)


def _report(run: Run, destination: Destination, folder: Path) -> list[str]:
    """Write a file, and return a line that says so; or return the lines for the terminal."""
    kind, path = destination
    if kind == "term":  # the summary stands there anyhow
        return []
    if kind == "term-all":
        return [line for check in run.checks for line in ("", check.name, *str(check.report).splitlines())]
    text = render(run, destination.form)
    if path is None:
        return text.splitlines()
    path.parent.mkdir(parents=True, exist_ok=True)
    appended = kind == "markdown-append"
    (append if appended else write)(path, text)
    done = "appended" if appended else "written"
    return [f"{destination.form}: {done} to {os.path.relpath(path, folder)}"]
