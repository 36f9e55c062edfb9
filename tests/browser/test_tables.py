"""Do the tables sort and filter, by mouse and by keyboard?"""

from __future__ import annotations

import pytest


def column(page, number, table="table[data-sortable]"):
    """Return the cells of a column that are shown."""
    cells = page.locator(table).first.locator(f"tbody tr:not([hidden]) > :nth-child({number})")
    return [text.strip() for text in cells.all_inner_texts()]


def head(page, name):
    return page.locator("table[data-sortable]").first.locator("th", has=page.get_by_role("button", name=name))


def test_a_number_is_sorted_as_a_number(show, right):
    """The largest first, then the smallest; the head says which."""
    page = show(right)
    checked = head(page, "checked")
    assert checked.get_attribute("aria-sort") is None
    checked.get_by_role("button").click()
    assert checked.get_attribute("aria-sort") == "descending"
    largest = [int(text.replace(",", "")) for text in column(page, 4)]
    assert largest == sorted(largest, reverse=True)
    assert len(set(largest)) > 3
    checked.get_by_role("button").click()
    assert checked.get_attribute("aria-sort") == "ascending"
    assert column(page, 4) == [str(n) for n in reversed(largest)]


def test_a_power_of_ten_is_a_number_too(show, right):
    """2e-9 lies below 1e-8."""
    page = show(right)
    head(page, "relative").get_by_role("button").click()
    sizes = [float(text) for text in column(page, 8)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1]


def test_names_are_sorted_as_one_counts(show, right):
    """Layer 10 would come after layer 2; another column takes the arrow with it."""
    page = show(right)
    head(page, "checked").get_by_role("button").click()
    head(page, "tensor").get_by_role("button").click()
    assert head(page, "checked").get_attribute("aria-sort") is None
    assert column(page, 1) == [f"layers[{k}].{name}" for k in (0, 2, 4) for name in ("b", "W")] + ["x"]


def test_test_10_comes_after_test_9(show, run):
    """The numbers in names are sorted as numbers."""
    page = show(run)
    head(page, "test").get_by_role("button").click()
    numbered = [name.rpartition("_")[2] for name in column(page, 1) if name[-1].isdigit()]
    assert numbered == ["7", "8", "9", "10", "11", "12"]


def test_verdicts_are_sorted_by_severity(show, run):
    """The worst first, as severe as the design has it and not as the alphabet has it."""
    page = show(run)
    head(page, "verdict").get_by_role("button").click()
    found = [text.split()[-1] for text in column(page, 8)]
    assert list(dict.fromkeys(found)) == ["WRONG", "UNDECIDED", "UNTESTED", "KINK", "CORRECT"]
    head(page, "verdict").get_by_role("button").click()
    assert column(page, 8)[0] == "✔ CORRECT"


def test_what_is_empty_comes_last_either_way(show, run):
    """A check of nothing has no worst entry, which is neither the largest nor the smallest."""
    page = show(run)
    for _ in range(2):
        head(page, "error / ±").get_by_role("button").click()
        assert column(page, 6)[-1] == ""
        assert column(page, 6)[0] != ""


def test_a_table_without_verdicts_is_sorted_and_filtered(show, compared, fuzzed):
    """That of changes by their sort, that of families by text alone."""
    page = show(compared)
    assert len(set(column(page, 4))) > 1
    head(page, "change").get_by_role("button").click()
    assert column(page, 4) == sorted(column(page, 4))
    page.get_by_label("Change").first.select_option("vanished")
    assert column(page, 4) == ["vanished"]
    page = show(fuzzed)
    head(page, "entries").get_by_role("button").click()
    assert head(page, "entries").get_attribute("aria-sort") == "descending"
    families = column(page, 1)
    assert len(families) == 2
    page.get_by_label("Filter").first.fill(families[0])
    assert column(page, 1) == families[:1]


def test_the_filter_leaves_what_it_names(show, run):
    """By text and by verdict, both at once; how many are left is told."""
    page = show(run)
    rows = page.locator("table[data-sortable]").first.locator("tbody tr:not([hidden])")
    text, verdict, told = (
        page.get_by_label("Filter").first,
        page.get_by_label("Verdict").first,
        page.locator("output").first,
    )
    assert rows.count() == 10
    assert told.inner_text() == ""
    text.fill("TEST_NET")
    assert rows.count() == 9
    verdict.select_option("KINK")
    assert column(page, 1) == ["tests/test_net.py::test_kink"]
    assert told.inner_text() == "1 of 10 shown"
    text.fill("nobody has this name")
    assert rows.count() == 0
    verdict.select_option("all")
    text.fill("")
    assert rows.count() == 10


def test_only_verdicts_that_occur_can_be_chosen(show, run):
    """The worst first."""
    options = show(run).get_by_label("Verdict").first.locator("option").all_inner_texts()
    assert options == ["all", "WRONG", "UNDECIDED", "UNTESTED", "KINK", "CORRECT"]


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_sorts(show, right, key):
    """A head is a button, reached by tab, and one sees where one is."""
    page = show(right)
    button = page.get_by_role("button", name="checked")
    button.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert button.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press(key)
    assert head(page, "checked").get_attribute("aria-sort") == "descending"


def test_a_table_of_one_row_has_nothing_to_press(show, kink):
    """There is nothing to sort."""
    assert show(kink).locator("button").count() == 0
