"""A table fits the terminal: long names lose their middle, then each row stands on lines of its own."""

from __future__ import annotations

from gradcheck._render import columns
from gradcheck._render.rows import Table


def test_names_are_as_short_as_can_be_before_a_table_falls_apart():
    """Eight letters of each, where sixteen do not fit."""
    table = Table(("test", "model", "verdict"), ("left",) * 3, (("t" * 30, "m" * 30, "WRONG"),))
    assert columns.drawn(table, 31)[2] == "ttttt…tttt  mmmmm…mmmm  WRONG"
    assert columns.drawn(table, 27)[2] == "tttt…ttt  mmmm…mmm  WRONG"
    assert columns.drawn(table, 26) == ["t" * 13 + "…" + "t" * 12, "  model    mmmmmmm…mmmmmmm", "  verdict  WRONG"]


def test_what_fits_nowhere_stands_on_lines():
    """A row becomes a name and a line for each of its other cells."""
    table = Table(
        ("case", "claimed", "measured"), ("left",) * 3, (("W2[5,0]", "-0.1", "-0.0790481 ± 7e-11"), ("b", "", "1"))
    )
    assert columns.drawn(table, 32) == [
        "W2[5,0]",
        "  claimed   -0.1",
        "  measured  -0.0790481 ± 7e-11",
        "b",
        "  measured  1",
    ]
