"""Can the manual be read without a network: searched, and its formulas seen?"""

from __future__ import annotations

import built
import pytest


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    """Build it once."""
    return built.manual(tmp_path_factory.mktemp("manual"))


@pytest.fixture
def window(browser):
    """A window that reaches no network, and what it asked of one."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.asked = []
    page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or page.asked.append(asked.url))
    yield page
    assert page.asked == []
    context.close()


def test_a_word_is_found(manual, window):
    """From a file, without a server."""
    window.goto(f"{(manual / 'search.html').as_uri()}?q=subgradient")
    window.wait_for_selector('#search-results li a[href*="docs/verdicts.html"]')  # one after another they appear


def test_a_formula_is_drawn(manual, window):
    """By the browser itself."""
    window.goto((manual / "docs" / "mathematics.html").as_uri())
    formula = window.query_selector(".formula math")
    assert formula.bounding_box()["height"] > 0
    assert formula.query_selector("mfrac, msup, msub, mrow") is not None


def test_the_entrance_leads_to_the_first_page(manual, window):
    """Whoever opens the folder sees the manual."""
    window.goto((manual / "index.html").as_uri())
    window.wait_for_url("**/docs/index.html")
    assert window.title() == "gradcheck"


def test_nothing_is_cut_on_a_phone(manual, window):
    """No page is wider than its window; wide tables scroll by themselves."""
    window.set_viewport_size({"width": 390, "height": 800})
    for page in sorted((manual / "docs").rglob("*.html")):
        window.goto(page.as_uri())
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.name
