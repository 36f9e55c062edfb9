"""Do README.md and the pages of the manual show what their examples print?"""

from __future__ import annotations

import re

import pytest
from pages import readme, structure

TEXTS = {page.stem: page.read_text(encoding="utf-8") for page in readme.PAGES}
FRONT = 150  # lines of README.md: a stranger reads them in a minute


@pytest.mark.parametrize("page", TEXTS)
def test_the_page_is_what_its_examples_print(page):
    """Run `python docs/readme.py` if this fails."""
    assert structure(readme.written(TEXTS[page])) == structure(TEXTS[page])


def test_every_block_is_filled_by_something():
    """A word that nobody knows would be left as it is, and one that nobody says is of no use."""
    said = {block[2] for text in TEXTS.values() for block in readme.BLOCK.finditer(text)}
    assert said == set(readme.WORDS)
    for text in TEXTS.values():
        assert text.count("<!-- end -->") == len(readme.BLOCK.findall(text))


def test_no_page_with_blocks_is_left_out():
    """Each is filled by one of the programs."""
    others = {"mathematics", "frameworks", "reference", "reference_networks", "causes"}  # elsewhere
    pages = {page.stem for page in (readme.ROOT / "docs").glob("*.md") if "<!-- end -->" in page.read_text("utf-8")}
    assert pages - others <= set(TEXTS)


def test_the_front_page_is_short_and_leads_somewhere():
    """Every file that it links or shows is there."""
    text = TEXTS["README"]
    assert len(text.splitlines()) <= FRONT
    for link in re.findall(r'\]\(([^)#]+)|(?:src|srcset)="([^"]+)"', text):
        assert (readme.ROOT / "".join(link)).exists(), link


def test_every_call_that_the_pages_show_runs():
    """The list of what a user types is a program."""
    assert "claimed" in readme.run("calls.py", readme.sys.executable, "-W", "error")


def test_a_number_differs_only_in_its_digits():
    """What depends on the machine is left out of the comparison, and nothing else."""
    assert structure("b1[7]  -22.2378  -0.69 ± 7e-13") == structure("b1[7]  -22.23  -0.7 ± 1e-12")
    assert structure("b1[7]  wrong") != structure("b1[7]  right")
