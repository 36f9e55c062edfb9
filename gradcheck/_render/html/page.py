"""How does a report look in a browser? One page, no network, readable without its script, light or dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradcheck._render.html.runs import sections
from gradcheck._render.html.sections import section
from gradcheck._render.html.templates import fill

if TYPE_CHECKING:
    from gradcheck._results.report import Report
    from gradcheck._results.run import Run

IN_A_NOTEBOOK = 3  # so many tensors with their evidence


def render(report: Report) -> str:
    """Return the report as one HTML page."""
    return fill("report", shown=section(report))


def render_run(run: Run) -> str:
    """Return the run as one HTML page."""
    return fill("run", shown=sections(run))


def fragment(report: Report) -> str:
    """Return the report as a part of another page, such as a notebook, whose own style it leaves alone."""
    return fill("fragment", shown=section(report, pictured=IN_A_NOTEBOOK))


def fragment_of_run(run: Run) -> str:
    """Return the table of a run as a part of another page."""
    return fill("fragment_of_run", shown=sections(run))
