"""Are the pages of docs/tutorial what their programs print?"""

from __future__ import annotations

import re

import pytest
from pages import readme, structure

PAGES = sorted(readme.TUTORIAL.glob("*.md"))
EXACT = re.compile(r"(?<![\w.])\d+(?:\.\d+|e-?\d+)(?!\w)")  # a number that was computed, not chosen: 0.47, 4e-9


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_what_its_programs_print(page):
    """Run `python docs/readme.py docs/tutorial/*.md` if this fails."""
    text = page.read_text(encoding="utf-8")
    assert structure(readme.written(text)) == structure(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_text_says_the_numbers_that_are_printed(page):
    """What it tells of a program stands in a block of the page."""
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(block[0] for block in readme.BLOCK.finditer(text))
    told = EXACT.findall(readme.BLOCK.sub("", text))
    assert told
    assert [number for number in told if number not in EXACT.findall(blocks)] == []


def test_every_block_is_filled_by_something():
    """A word that nobody knows would be left as it is."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert text.count("<!-- end -->") == len(readme.BLOCK.findall(text)) > 0
        assert text.startswith("# ")


def test_every_program_and_picture_is_shown():
    """And none lies about."""
    shown = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    programs = {path.name for path in readme.TUTORIAL.glob("*.py")}
    pictures = {path.name for path in readme.TUTORIAL.glob("*.png")}
    assert {name for name in programs if f"code {name} -->" not in shown} == set()
    assert set(re.findall(r"\]\((\w+\.png)\)", shown)) == pictures
