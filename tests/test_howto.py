"""Is what the pages of docs/howto show what their examples print?"""

from __future__ import annotations

import ast

import pytest
from pages import readme, structure

PAGES = sorted(readme.HOWTO.glob("*.md"))
LINES = 50  # a page is read in a minute: about ten lines beside its example


def packages(page):
    """Return the packages of others that the example of a page needs."""
    tree = ast.parse(page.with_suffix(".py").read_text(encoding="utf-8"))
    modules = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    modules += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_page_is_what_its_example_prints(page):
    """Run `python docs/readme.py docs/howto/*.md` if this fails."""
    for package in packages(page):
        pytest.importorskip(package)
    text = page.read_text(encoding="utf-8")
    assert f"<!-- code {page.stem}.py -->" in text
    assert f"<!-- output {page.stem}.py -->" in text
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
