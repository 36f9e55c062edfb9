"""Is the manual whole? It is built with warnings as errors, and every link within it leads somewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import built
import pytest

PARTS = {"mfrac": 2, "mover": 2, "mroot": 2, "msub": 2, "msubsup": 3, "msup": 2, "munder": 2, "munderover": 3}


class Page(HTMLParser):
    """The links of a page, the places that can be linked, and what a reader sees."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places, self.seen = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.places.update(value for name in ("id", "name") if (value := given.get(name)))
        self.links += [value for name in ("href", "src") if (value := given.get(name))]

    def handle_data(self, data):
        self.seen.append(data)


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    """Build it once."""
    out = built.manual(tmp_path_factory.mktemp("manual"))
    return {path: Page(path.read_text(encoding="utf-8")) for path in out.rglob("*.html")}


def test_every_link_within_it_leads_somewhere(manual):
    """To a file of the manual, and there to a place that has that name."""
    lost = []
    for path, page in manual.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            found = there.exists() and (
                not parts.fragment or there not in manual or unquote(parts.fragment) in manual[there].places
            )
            lost += [] if found else [f"{path.name}: {link}"]
    assert lost == []


def test_no_page_shows_what_is_said_to_the_program_that_fills_it(manual):
    """Comments and the fences of blocks are read, not shown."""
    for path, page in manual.items():
        if "docs" in path.parts:
            assert not re.search(r"<!-- |```|:::", "".join(page.seen)), path.name


def test_every_page_of_the_folders_is_in_it(manual):
    """What lies in docs/ or reports/ can be read there."""
    shown = {"/".join(path.parts) for path in manual}
    for folder in ("docs", "reports"):
        for page in (built.ROOT / folder).rglob("*.md"):
            name = page.relative_to(built.ROOT).with_suffix(".html").as_posix()
            assert any(path.endswith(f"/{name}") for path in shown), name


def test_every_formula_has_the_parts_that_browsers_ask_for(manual):
    """What is raised is one thing and its exponent: with more, a browser sets all in one line."""
    formulas = [
        found for path in manual for found in re.findall(r"<math.*?</math>", path.read_text("utf-8"), re.DOTALL)
    ]
    assert formulas
    for formula in formulas:
        for element in ET.fromstring(formula).iter():
            name = element.tag.rpartition("}")[2]
            assert len(element) == PARTS.get(name, len(element)), f"{name} in {formula}"


def test_it_can_be_searched_from_a_file(manual):
    """What was indexed comes as a script, since a page that is opened as a file may fetch nothing."""
    search = next(path for path in manual if path.name == "search.html")
    assert "searchindex.js" in [Path(urlsplit(link).path).name for link in manual[search].links]
    index = (search.parent / "searchindex.js").read_text(encoding="utf-8")
    assert index.startswith("Search.setIndex(")
    assert "cotang" in index  # as the search stems it
