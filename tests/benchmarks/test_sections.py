"""Does a benchmark change its own section of a page, and nothing else?"""

from __future__ import annotations

from benchmarks.sections import put, replaced

PAGE = "# Speed\n\nfast\n\n## Waiting\n\nlong\n\n### Part\n\npart\n"


def test_a_section_is_put_in_the_place_of_its_older_self():
    """With what stands below its smaller headings."""
    assert replaced(PAGE, "# Speed\n\nfaster\n") == PAGE.replace("fast", "faster")
    assert replaced(PAGE, "## Waiting\n\nshort\n") == "# Speed\n\nfast\n\n## Waiting\n\nshort\n"


def test_a_new_section_comes_last():
    """Also on a page that is empty."""
    assert replaced("# Speed\n\nfast\n", "## Waiting\n\nlong\n") == "# Speed\n\nfast\n\n## Waiting\n\nlong\n"
    assert replaced("", "# Speed\n") == "# Speed\n"


def test_a_page_is_made_where_there_is_none(tmp_path):
    """And found again."""
    page = tmp_path / "page.md"
    put(page, "# Speed\n\nfast\n")
    put(page, "## Waiting\n\nlong\n")
    put(page, "# Speed\n\nfaster\n")
    assert page.read_text(encoding="utf-8") == "# Speed\n\nfaster\n\n## Waiting\n\nlong\n"
