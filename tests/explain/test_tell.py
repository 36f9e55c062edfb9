"""The command `gradcheck explain`: a story with numbers in it, a page, and pictures."""

from __future__ import annotations

import pytest

from gradcheck._explain import tell


def test_the_story_fits_two_screens(run, without_matplotlib):
    """Some sixty lines of 100 columns, whatever the digit; the words of learning are in it."""
    for digit in ("2", "9"):
        done = run("--digit", digit)
        lines = done.out.splitlines()
        assert (done.code, done.err) == (0, "")
        assert len(lines) <= 64
        assert max(map(len, lines)) <= 100
    for word in ("Predict", "Compare", "Go back", "Average", "Change", "Repeat", "raise output 9"):
        assert word in " ".join(done.out.split())


def test_without_matplotlib_the_tables_remain(run, without_matplotlib):
    """A sentence says what to install; the page shows no pictures that are not there."""
    done = run()
    assert "install matplotlib: pip install 'gradcheck[plot]'" in done.out
    assert [file.name for file in (done.folder / "reports").iterdir()] == ["explain.md"]
    page = (done.folder / "reports" / "explain.md").read_text(encoding="utf-8")
    assert "![" not in page
    assert "gradcheck[plot]" in page
    assert page.count("\n\n|") == 5  # tables


def test_the_command_is_one_of_a_function():
    """Lines may be had without the command."""
    with pytest.raises(ValueError, match="no digit 10"):
        next(iter(tell.explain(folder=None, digit=10)))
