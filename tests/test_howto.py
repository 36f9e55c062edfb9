"""Is what the pages of docs/howto show what their examples print?"""

from __future__ import annotations

import re

import pytest
from pages import readme, structure

PAGES = sorted(readme.HOWTO.glob("*.md"))
LINES = 60  # a page is read in a minute: about ten lines beside its example


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_what_its_example_prints(page):
    """Run `python docs/readme.py docs/howto/*.md` if this fails."""
    if absent := readme.missing(page):
        pytest.skip(f"it needs {', '.join(absent)}")
    text = page.read_text(encoding="utf-8")
    assert f"<!-- code {page.stem}.py -->" in text
    assert re.search(f"<!-- output ([^>]* )?{page.stem}.py -->", text)
    assert structure(readme.written(text)) == structure(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_short(page):
    """A heading, what is typed, and what comes of it."""
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert len(text.splitlines()) <= LINES


def test_every_example_has_its_page():
    """And none lies about."""
    assert {page.stem for page in PAGES} == {example.stem for example in readme.HOWTO.glob("*.py")}


def test_a_page_whose_packages_are_not_installed_is_left_alone(tmp_path):
    """They are named: what its example imports, and what it needs without that."""
    page = tmp_path / "under_xdist.md"
    page.with_suffix(".py").write_text("import nowhere_to_be_found.below\nfrom json import loads\n", encoding="utf-8")
    assert readme.missing(page)[0] == "nowhere_to_be_found"
    assert readme.missing(tmp_path / "without_example.md") == []
