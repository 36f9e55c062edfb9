"""Does what a check takes grow no faster than what is checked? Calls are counted here; seconds are for people."""

from __future__ import annotations

import pytest

from benchmarks import growth
from benchmarks.growth import SIZES, layers, measured, table, tensors


def test_each_is_measured_in_a_process_of_its_own():
    """A row for each size, the first of which has nothing to be compared with."""
    page = table({"entries": (50, 100), "rows": (2, 4)}).splitlines()
    assert [line.split("|")[1].strip() for line in page[2:]] == ["entries", "entries", "rows", "rows"]
    assert page[2].split("|")[5].strip() == ""
    assert float(page[3].split("|")[5]) > 0


@pytest.mark.parametrize("what", [what.__name__ for what in SIZES])
def test_what_is_measured_is_time_and_memory(what):
    """Of every one of them."""
    found = measured(what, 20)
    assert found["seconds"] > 0
    assert found["bytes"] > 1 << 20
    assert (found["evaluations"] > 0) == (what != "rows")


@pytest.mark.parametrize(("what", "small"), [(tensors, 8), (tensors, 16), (layers, 8), (layers, 16)])
def test_twice_as_much_takes_no_more_than_twice_the_calls(what, small):
    """And a few more, which the beginning takes."""
    assert what(2 * small) <= 2.2 * what(small)


def test_the_page_is_written(tmp_path, monkeypatch, capsys):
    """As well as printed."""
    monkeypatch.setattr(growth, "SIZES", {growth.rows: (2, 4, 8)})
    growth.main(tmp_path / "growth.md", quick=True)
    assert (tmp_path / "growth.md").read_text() == f"# Growth\n\n{capsys.readouterr().out}"
    assert len((tmp_path / "growth.md").read_text().splitlines()) == 6
