"""Is a page read as well without its script, on a telephone, in the dark, on paper, and by keyboard?"""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradcheck import Report
from gradcheck._render.html import page as html
from gradcheck._results.report import Problem, Stage, TensorResult
from gradcheck._results.verdict import Verdict

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>\u202eevil\x1b[31m" + "long" * 60


def hostile():
    """Return a report in which every string wants to be obeyed."""
    one = np.array([2.0, 2.0])
    tensor = TensorResult(NASTY, NASTY, (2,), NASTY, np.arange(2), one, one / 2, one / 1e9, one, one, np.array([6, 6]))
    said = (NASTY,)
    return Report(
        NASTY, 0, {NASTY: tensor}, (Problem(Verdict.BROKEN, NASTY, NASTY),), said, said, said,
        environment={NASTY: NASTY}, stages=(Stage(f"{NASTY} ({NASTY})", Verdict.WRONG, NASTY),),
    )  # fmt: skip


def test_a_wrong_layer_is_seen_at_once(show, wrong):
    """Above the fold stand the verdict, the message and the layer that is guilty, framed."""
    page = show(wrong)
    assert page.title() == "WRONG Chain"
    assert page.locator("h1").inner_text() == "✘ WRONG Chain"
    guilty = page.locator(".chain .guilty")
    assert guilty.inner_text().startswith("Dense\nlayers[0]\n✘ WRONG\n8 of 104 entries wrong")
    assert guilty.bounding_box()["y"] < 800
    frames = page.locator(".chain li").evaluate_all("all => all.map(li => getComputedStyle(li).borderTopWidth)")
    assert frames == ["3px", "1px", "1px", "1px", "1px", "1px"]


def test_the_pictures_are_drawn(show, wrong):
    """Three heat maps, as large as they say, decoded by the browser; a curve; a histogram."""
    page = show(wrong)
    sizes = page.evaluate(
        """Promise.all([...document.querySelectorAll("image")].map(async (image) => {
            const picture = new Image();
            picture.src = image.getAttribute("href");
            await picture.decode();
            return [picture.naturalWidth, picture.naturalHeight];
        }))"""
    )
    assert sizes == [[8, 12], [49, 1]] * 3
    for label in ("Heat map of claim", "Heat map of measured", "Heat map of difference", "Slope of", "Histogram of"):
        box = page.get_by_role("img", name=label).bounding_box()
        assert min(box["width"], box["height"]) > 100


def test_the_ring_lies_on_the_wrong_row(show, wrong):
    """The worst entry is in row 1 of 12: the ring is drawn there."""
    page = show(wrong)
    picture = page.get_by_role("img", name="Heat map of difference")
    image, ring = picture.locator("image").first.bounding_box(), picture.locator(".ring").bounding_box()
    assert 1 < (ring["y"] + ring["height"] / 2 - image["y"]) * 12 / image["height"] < 2


@pytest.mark.parametrize("thing", ["wrong", "run"])
def test_all_is_read_without_the_script(show, thing, request):
    """No control is left that would do nothing; what is folded is unfolded by a click."""
    page = show(request.getfixturevalue(thing), java_script_enabled=False)
    assert page.locator("button, input, select").count() == 0
    assert page.get_by_text("layers[0].W[1,").first.is_visible()
    folded = page.locator("details:not([open])").filter(has_text="In numbers").first
    assert not folded.locator("td").first.is_visible()
    folded.locator("summary").click()
    assert page.get_by_role("group", name=re.compile("^Slope of")).first.is_visible()


@pytest.mark.parametrize("thing", ["wrong", "right", "kink", "noisy", "run"])
def test_a_telephone_shows_it_without_scrolling_sideways(show, thing, request):
    """At 360 pixels messages are wrapped and tables folded; what scrolls all the same the keyboard can reach."""
    page = show(request.getfixturevalue(thing), width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    wide = page.locator("*").evaluate_all(
        """all => all.filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === "auto")
                      .map(e => e.tabIndex)"""
    )
    assert set(wide) <= {0}


def test_hostile_names_are_shown_not_obeyed(show):
    """No dialog opens, nothing is asked for, nothing grows beyond the page; the name is there to be read."""
    page = show(hostile(), width=360)
    assert "<script>alert(1)</script>" in page.locator("h1").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator("script").count() == 1
    assert page.locator("img").count() == 0


def test_what_is_smuggled_in_does_not_run(show, unforeseen, right):
    """The policy of the page stops a script that is not ours, and the browser says so."""
    page = show(html.render(right).replace("</h1>", "</h1><script>document.title = 'taken'</script>"))
    assert page.title() == "CORRECT Chain"
    assert "Content Security Policy" in unforeseen.pop()


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_the_page_is_dark_where_the_system_is(show, wrong, scheme, dark):
    """Paper and ink change places, and the pictures with them."""
    page = show(wrong, color_scheme=scheme)
    paper, ink, mark = (
        page.locator(where).first.evaluate(f"e => getComputedStyle(e).{what}")
        for where, what in (("body", "backgroundColor"), ("body", "color"), ("circle.both", "fill"))
    )
    brightness = [sum(map(int, re.findall(r"\d+", colour)[:3])) / 765 for colour in (paper, ink, mark)]
    assert [b < 0.5 for b in brightness] == [dark, not dark, not dark]


def test_on_paper_all_is_unfolded_and_light(show, wrong):
    """Printing needs no script: no controls, nothing folded, nothing dark, nothing cut off."""
    page = show(wrong, color_scheme="dark")
    numbers = page.locator("figure details td").first
    assert not numbers.is_visible()
    page.emulate_media(media="print")
    assert numbers.is_visible()
    assert not page.locator(".controls").is_visible()
    paper = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", paper)[:3])) > 700
    assert page.locator("pre").first.evaluate("e => getComputedStyle(e).whiteSpace") == "pre-wrap"
    assert page.pdf().startswith(b"%PDF")


def test_printing_unfolds_and_folds_again(show, wrong):
    """Browsers that unfold nothing by style are helped by the script."""
    page = show(wrong)
    folded = page.locator("details:not([open])")
    before = folded.count()
    assert before > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folded.count() == before


def test_a_link_unfolds_what_it_points_to(show, run):
    """A right check is folded until its row is followed."""
    page = show(run)
    target = page.locator("details.check").filter(has_text="test_9").locator("table")
    assert not target.is_visible()
    page.get_by_role("link", name="test_9").click()
    assert target.is_visible()


def test_the_script_unfolds_for_browsers_that_do_not(show, run):
    """Where the browser follows a link without unfolding anything, the script does."""
    page = show(run)
    page.get_by_role("link", name="test_9").click()
    folded = page.locator("details.check").filter(has_text="test_9")
    folded.evaluate("e => { e.open = false; }")
    page.evaluate("dispatchEvent(new Event('hashchange'))")
    assert folded.locator("table").is_visible()


@pytest.mark.parametrize("thing", ["wrong", "run"])
def test_a_telephone_shows_every_verdict(show, thing, request):
    """However wide a table is, its verdicts stand at its right edge."""
    page = show(request.getfixturevalue(thing), width=360)
    box = page.locator("table[data-sortable] td .badge").first.bounding_box()
    assert box["x"] + box["width"] <= 360


def test_the_first_key_skips_to_the_findings(show, run):
    """The first tab stop is a link past the table, and it is seen while it has the focus."""
    page = show(run)
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the findings")
    assert link.evaluate("e => e === document.activeElement")
    assert link.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#c1")
    assert page.locator("#c1").bounding_box()["y"] < 400


def test_a_notebook_is_left_as_it_was(show, wrong):
    """A report inside another page changes nothing around it, and follows the theme of the notebook."""
    around = "<!DOCTYPE html><title>n</title><body data-jp-theme-light='{}'><h2>mine</h2><table><td>1</table>{}"
    look = """["h2", "body > table td", "body"].map(s => {
        const found = getComputedStyle(document.querySelector(s));
        return [found.font, found.color, found.backgroundColor, found.padding, found.margin, found.colorScheme];
    })"""
    alone = show(around.format("true", "")).evaluate(look)
    part = html.fragment(wrong)
    for light, bright in (("true", True), ("false", False)):
        page = show(around.format(light, part))
        assert page.evaluate(look) == alone
        paper = page.locator("div.gradcheck").evaluate("e => getComputedStyle(e).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", paper)[:3])) > 382) is bright
        assert page.get_by_text("layers[0].W[1,").first.is_visible()
