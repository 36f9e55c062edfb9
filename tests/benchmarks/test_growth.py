"""Does what a check takes grow no faster than what is checked? Calls are counted here; seconds are for people."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import curves, growth
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
    """As well as printed: the two smallest of every axis, with a picture each, and of everything else."""
    monkeypatch.setattr(growth, "SIZES", {growth.rows: (2, 4, 8)})
    small = curves.Axis("width", "Small networks", (2, 3, 4), lambda n: curves.Network((2, n, 2), 3))
    monkeypatch.setattr(curves, "AXES", (small, replace(small, what="tensors")))
    growth.main(tmp_path / "growth.md", quick=True)
    page = (tmp_path / "growth.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out.removesuffix("\n").endswith(page)  # after a word on what is not installed
    assert "grows: width and number of tensors" in page
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]
    assert rows == ["n", "2", "3", "n", "2", "3", "what", "rows", "rows"]
    pictures = {f"growth-{what}.png" for what in ("width", "tensors")}
    assert set(re.findall(r"\]\((.*?)\)", page)) == pictures
    if find_spec("matplotlib"):
        assert {path.name for path in tmp_path.iterdir()} == {"growth.md", *pictures}


def test_the_page_kept_is_of_the_axes_there_are():
    """Run `python -m benchmarks growth --output reports/growth.md` if this fails."""
    reports = Path(__file__).parents[2] / "reports"
    page = (reports / "growth.md").read_text(encoding="utf-8")
    assert re.findall(r"!\[(.*?)\]\(growth-(.*?)\.png\)", page) == [(axis.what, axis.what) for axis in curves.AXES]
    for axis in curves.AXES:
        assert (reports / f"growth-{axis.what}.png").exists()
        section = page.partition(f"## {axis.what.capitalize()}\n")[2].partition("\n## ")[0]
        assert re.findall(r"^\| ([\d,]+) ", section, re.MULTILINE) == [f"{size:,}" for size in axis.sizes]
