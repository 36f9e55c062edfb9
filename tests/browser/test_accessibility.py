"""Does axe-core find anything that keeps somebody out?"""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def axe():
    """Return the examiner."""
    return pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python"
    ).Axe()


def violations(axe, page):
    page.locator("details").evaluate_all("all => all.forEach(details => { details.open = true; })")
    return [
        f"{found['id']}: {found['help']}: {found['nodes'][0]['html']}" for found in axe.run(page).response["violations"]
    ]


@pytest.mark.parametrize(
    ("thing", "width", "scheme"),
    [
        *(
            (thing, width, scheme)
            for thing in ("wrong", "run")
            for width in (1280, 360)
            for scheme in ("light", "dark")
        ),
        ("right", 1280, "dark"),
        ("kink", 360, "light"),
        ("noisy", 360, "dark"),
    ],
)
def test_nobody_is_kept_out(show, axe, thing, width, scheme, request):
    """No violation of any rule, with everything unfolded, sorted and filtered."""
    page = show(request.getfixturevalue(thing), width, color_scheme=scheme)
    for button in page.get_by_role("button", name="verdict").all()[:1]:
        button.click()
    assert violations(axe, page) == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
@pytest.mark.parametrize("sheet", ["compared", "fuzzed"])
def test_nobody_is_kept_out_of_what_is_no_report(show, axe, sheet, width, scheme, request):
    """The pages of `compare` and `fuzz`, whose names are no markup; nor do they complain, or run off to the side."""
    page = show(request.getfixturevalue(sheet), width, color_scheme=scheme)
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator("table").count() >= 1
    assert violations(axe, page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_examiner_does_find_faults(show, axe):
    """A page without a language, with a picture that says nothing, does not pass."""
    found = violations(axe, show("<!DOCTYPE html><title>x</title><main><h1>x</h1><svg role=img></svg></main>"))
    assert {text.partition(":")[0] for text in found} == {"html-has-lang", "svg-img-alt"}
