"""How a fuzz looks: a line for each family, what was drawn, and what failed."""

from __future__ import annotations

import numpy as np
import pytest
from fuzzing import fuzzed

from gradcheck import (
    Verdict,
)
from gradcheck._fuzz.faces import render
from gradcheck._fuzz.rows import told
from gradcheck._fuzz.search import Fuzz
from gradcheck.strategies.architectures import FAMILIES
from gradcheck.strategies.case import FAMILIES as NAMES


def test_an_unknown_form_is_refused():
    """The error names those that would do."""
    with pytest.raises(
        ValueError, match="no form 'latex'; the known ones are table, markdown, html, json, csv, github"
    ):
        render(Fuzz(3), "latex")


def test_the_table_adds_up():
    """A line for each family that occurred, one for all, one column for each verdict."""
    fuzz = fuzzed(examples=18)
    _, _, head, _, *lines = render(fuzz).splitlines()
    assert all(str(verdict) in head for verdict in Verdict)
    table = lines[: lines.index("")]
    cells = {line.split()[0]: [float(n) for n in line.split()[1:]] for line in table}
    every = np.array(cells.pop("all"))
    assert set(cells) <= {*NAMES, "dense"} == set(FAMILIES)
    assert np.array_equal(sum(map(np.array, cells.values()))[:-1], every[:-1])
    assert every[0] == 18
    assert every[1] == every[2:-1].sum()
    assert every[-1] == max(cell[-1] for cell in cells.values())


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_page_shows_the_distribution_of_what_was_drawn(form):
    """A table of kinds of layers, one of depths; on the terminal a sentence."""
    fuzz = fuzzed(examples=6)
    page = render(fuzz, form)
    assert "Layers" in page
    assert all(kind["kind"] in page for kind in told(fuzz)["kinds"])
    assert "layers deep" in page
    assert "layers deep" not in render(fuzz)
    assert "\nlayers " in render(fuzz)


@pytest.mark.parametrize("width", range(40, 120, 7))
def test_no_line_is_longer_than_the_terminal(width):
    """Columns are left out, then each family stands on lines of its own."""
    page = render(Fuzz(3, rows=fuzzed(examples=6).rows), width=width)
    assert max(map(len, page.splitlines())) <= width


def test_a_run_that_checked_nothing_has_a_table():
    """All zeros."""
    line = next(line for line in render(Fuzz(3)).splitlines() if line.startswith("all"))
    assert line.split() == ["all", *["0"] * 9]
    assert render(Fuzz(3)).startswith("CORRECT  0 of 3 networks checked")
