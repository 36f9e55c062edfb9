"""What does the page say of a run? A table of its checks, and a section for each that one may want to read."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck._render.checks import RunPage, run_page
from gradcheck._render.html.sections import PICTURED, Section, section

if TYPE_CHECKING:
    from gradcheck._results.run import Check, Run

SHOWN = 100  # checks that need a look and are shown in full
FOLDED = 50  # of the others, which are folded


@dataclass(frozen=True)
class Shown:
    """A check: where it was made, how to repeat it, and its report."""

    test: str
    place: str
    commands: tuple[str, ...]
    section: Section

    @property
    def name(self) -> str:
        """What it is called in the heading."""
        return self.test or self.section.page.name


@dataclass(frozen=True)
class Sections:
    """A run, as a page shows it."""

    page: RunPage
    links: tuple[str, ...]  # for each row of the table the place of its section, or nothing
    shown: tuple[Shown, ...]
    unshown: int
    folded: tuple[Shown, ...]
    unfolded: int
    environment: tuple[tuple[str, str], ...]


def sections(run: Run) -> Sections:
    """Return what is shown of a run; the pictures of a page are shared out, the worst checks first."""
    page = run_page(run)
    shown, left = [], PICTURED
    for number, check in enumerate(page.shown[:SHOWN], 1):
        shown.append(_shown(check, number, left))
        left -= len(shown[-1].section.findings)
    first = len(page.shown) + 1
    folded = tuple(_shown(check, number, 0) for number, check in enumerate(page.rest[:FOLDED], first))
    anchors = [check.section.anchor for check in shown] + [""] * (len(page.shown) - len(shown))
    anchors += [check.section.anchor for check in folded] + [""] * (len(page.rest) - len(folded))
    return Sections(
        page=page,
        links=tuple(anchors),
        shown=tuple(shown),
        unshown=len(page.shown) - len(shown),
        folded=folded,
        unfolded=len(page.rest) - len(folded),
        environment=_environment(run),
    )


def _shown(check: Check, number: int, pictured: int) -> Shown:
    return Shown(check.test, check.place, commands(check), section(check.report, f"c{number}", pictured))


def commands(check: Check) -> tuple[str, ...]:
    """Return what repeats a check, typed into a shell: the saved case, or else the test."""
    if check.case:
        return (f"gradcheck replay {shlex.quote(check.case)}",)
    if "::" in check.test:
        return (f"pytest {shlex.quote(check.test)} --gradcheck-seed {check.report.seed}",)
    if ":" in check.test:
        return (f"gradcheck check {shlex.quote(check.test)} --seed {check.report.seed}",)
    return ()


def _environment(run: Run) -> tuple[tuple[str, str], ...]:
    """Return what the checks ran on; where they differ, all of it."""
    found = {pair for check in run.checks for pair in check.report.environment.items()}
    return tuple(sorted(found))
