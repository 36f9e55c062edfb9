"""The page of a report and of a run: what stands on it, how much of it, and that names do it no harm."""

from __future__ import annotations

import re

import numpy as np

from gradcheck._render.faces import render
from gradcheck._render.html import page as html
from gradcheck._render.html.sections import PICTURED, ROWS, section
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

MIB = 2**20


def test_a_wrong_weight_is_shown_with_all_its_evidence(mlp):
    """Message, three pictures, curve, histogram and the wrong entry, in a section that the table links to."""
    page = html.render(mlp)
    assert '<a href="#r-1"><code>W2</code></a>' in page
    assert '<h2 id="r-1"><span class="badge wrong">' in page
    for words in ("Heat map of claim", "Heat map of measured", "Heat map of difference; worst", "Histogram of"):
        assert words.split(";")[0] in page
    assert page.count("data:image/png;base64,") == 6
    assert "Slope of W2[5,0] against step" in page
    assert "Wrong entry: 1" in page
    assert "claimed -0.158096, measured -0.0790481 ± 7e-11" in page


def test_a_table_without_end_ends(report, tensor):
    """Of very many tensors the worst are listed."""
    shown = section(report(*(tensor(name=f"W{k}", shape=(2,), n=0) for k in range(ROWS + 9))))
    assert len(shown.tensors.rows) == ROWS
    assert shown.more == 9


def test_the_message_stands_once(report, wrong):
    """What the page begins with is not said again in the section of the worst tensor; the others have their own."""
    worst = wrong(name="W1", claim=8.0)
    first, second = section(report(worst, wrong(), diagnosis=("W2: twice",))).findings
    assert (first.name, first.message) == ("W1", "")
    assert second.message.startswith("W2[5,0]  claimed")


def test_a_page_of_a_million_weights_fits_into_a_mebibyte(report, tensor):
    """With every tensor wrong, and with one that has them all."""
    rng = np.random.default_rng(0)

    def noise(name, n):
        result = tensor(name=name, shape=(n, n), verdict=Verdict.WRONG, n=n * n)
        result.claims[:], result.estimates[:] = rng.normal(size=(2, n * n))
        return result

    for tensors in ([noise("W", 1000)], [noise(f"layers[{k}].weight", 224) for k in range(22)]):
        page = html.render(report(*tensors))
        assert page.count('class="finding"') == min(PICTURED, len(tensors))
        assert len(page.encode()) < MIB


def test_a_run_has_a_row_and_a_section_for_each_check(mlp, report, tensor):
    """Worst first; each row links to its section; what is right is folded."""
    right = Check(report(tensor(), name="Right"), "tests/test_a.py::test_right", "tests/test_a.py", 3)
    bad = Check(mlp, "tests/test_a.py::test_wrong", "tests/test_a.py", 9, 2, ".gradcheck/cases/63cc66b.json")
    page = html.render_run(Run((right, bad), "my run"))
    assert page.index('<a href="#c1"><code>tests/test_a.<wbr>py::test_wrong') < page.index('<a href="#c2"><code>tests')
    assert '<h2 id="c1">' in page
    assert re.search(r"<details class=\"check\">\n<summary>.*CORRECT</span> tests/test_a.py::test_right", page)
    assert "1 wrong, 1 correct" in page.lower()
    assert "gradcheck replay .gradcheck/cases/63cc66b.json" in page
    assert "tests/test_a.py:9" in page
    assert "data:image/png" in page


def test_a_notebook_keeps_its_own_style(mlp):
    """A fragment is no document: no script, no anchor, and every rule of style is for what lies inside it."""
    part = html.fragment(mlp)
    assert part.startswith('<div class="gradcheck">')
    for foreign in ("<html", "<body", "<script", " id=", 'href="#', "<table data-sortable"):
        assert foreign not in part
    assert "claimed -0.158096" in part
    sheet = re.search(r"<style>(.*?)</style>", part, re.DOTALL)[1]
    outer = re.sub(r"\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}", "{}", sheet)
    selectors = [s for s in re.findall(r"([^{}]+)\{\}", outer) if not s.strip().startswith("@media")]
    assert len(selectors) >= 3
    assert all(".gradcheck" in part for selector in selectors for part in selector.split(","))


def test_a_run_in_a_notebook_is_its_table_and_its_messages(mlp, report, tensor):
    """What failed says why, folded."""
    part = html.fragment_of_run(Run((Check(mlp, "test_a"), Check(report(tensor()), "test_b"))))
    assert part.count("<details>") == 1
    assert "claimed -0.158096" in part
    assert "test_b" in part


def test_a_page_of_html_needs_nothing_else(full):
    """No network; a dark mode; a sign beside each verdict, so colour is never all."""
    page = render(full, "html")
    for outside in ("://", "src=", "<link", "@import", "url("):
        assert outside not in page
    assert "light-dark(" in page
    assert '<span aria-hidden="true">✘</span> WRONG' in page
    assert "numpy 2.4.6" in page
    assert "the function changes its input `x`" in page
