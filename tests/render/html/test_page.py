"""The page of a report and of a run: what stands on it, how much of it, and that names do it no harm."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from gradcheck._render.html import page as html
from gradcheck._render.html.runs import FOLDED, SHOWN, commands
from gradcheck._render.html.sections import ENTRIES, PICTURED, ROWS, section, speaks_of
from gradcheck._results.report import Problem, Stage
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

MIB = 2**20
NASTY = "<script>alert('\"x\"')</script>&amp;\x1b[31m\u202eevil\n=cmd|'/C calc'!A0" + "long" * 200


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


def test_a_right_report_has_no_findings(report, tensor):
    """Nothing to look at, nothing shown."""
    page = html.render(report(tensor()))
    assert "data:image" not in page
    assert "CORRECT" in page
    assert 'class="finding"' not in page


def test_a_kink_shows_both_sides(report, tensor):
    """The slopes on the left and on the right stand beside the claim that lies between."""
    kinked = tensor(verdict=Verdict.KINK, lefts=np.full(640, -1.25), rights=np.full(640, 2.75))
    (found,) = section(report(kinked)).findings
    assert found.entries.header[:4] == ("entry", "claimed", "left", "right")
    assert found.entries.rows[0][2:4] == ("-1.25", "2.75")
    assert "legal subgradient" in found.causes[0]
    assert found.message == ""


def test_fifty_wrong_entries_are_listed_and_the_others_counted(report, wrong):
    """The largest discrepancy comes first."""
    many = wrong(n=133)
    many.claims[330] = 9.0
    (found,) = section(report(many)).findings
    assert len(found.entries.rows) == ENTRIES == 50
    assert found.total == 133
    assert found.entries.rows[0][0] == "W2[5,10]"
    page = html.render(report(many))
    assert "The first 50 of 133 wrong entries" in page
    assert "And 83 more." in page


def test_so_many_tensors_are_shown_and_the_others_counted(report, wrong):
    """The table has all of them, the evidence is that of the worst."""
    shown = section(report(*(wrong(name=f"W{k}") for k in range(PICTURED + 3))))
    assert len(shown.findings) == PICTURED
    assert len(shown.tensors.rows) == PICTURED + 3
    assert shown.unseen == 3
    assert [bool(link) for link in shown.links] == [True] * PICTURED + [False] * 3


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
    assert second.causes == ("W2: twice",)


def test_a_problem_of_a_tensor_stands_in_its_section(report, tensor, wrong):
    """Where the page begins with one tensor, another that is broken says by itself why."""
    broken = tensor(name="b", verdict=Verdict.BROKEN, claim=np.nan)
    problem = Problem(Verdict.BROKEN, "the gradient of b shares its memory", "b")
    _, second = section(report(wrong(), broken, problems=(problem,))).findings
    assert second.message.startswith("BROKEN  MLP: the gradient of b shares its memory")


@pytest.mark.parametrize(
    ("said", "tensor", "expected"),
    [
        ("W2: exactly twice the measured value", "W2", True),
        ("W2, b2: the sign is wrong", "b2", True),
        ("every tensor: the sign is wrong", "b2", True),
        ("W22: exactly twice", "W2", False),
        ("layers[2].W: exactly twice", "W", False),
        ("layers[2].W: exactly twice", "layers[2].W", True),
        ("layers[0] (Dense) taken alone is wrong: W: zero", "layers[0].W", True),
        ("layers[10] (Dense) taken alone is wrong: W: zero", "layers[0].W", False),
        ("W[3] is tied", "W", False),
    ],
)
def test_a_cause_is_repeated_where_it_names_the_tensor(said, tensor, expected):
    """By its whole name, or by that of its layer."""
    assert speaks_of(said, tensor) is expected


def test_every_name_is_escaped(report, wrong):
    """A name is text wherever it stands: it opens no element, ends no attribute, colours no terminal."""
    made = report(
        wrong(name=NASTY, means=NASTY, note=NASTY, places={320: NASTY}),
        replace(wrong(name="W3" + NASTY, kind=NASTY), dtype=NASTY),
        name=NASTY,
        problems=(Problem(Verdict.WRONG, NASTY, NASTY),),
        diagnosis=(NASTY,), power=(NASTY,), notes=(NASTY,),
        environment={NASTY: NASTY},
        stages=(Stage(f"{NASTY} (Dense)", Verdict.WRONG, NASTY), Stage(NASTY)),
    )  # fmt: skip
    run = Run((Check(made, NASTY, NASTY, 3, 1, NASTY), Check(report(name=NASTY), NASTY)), NASTY)
    for page in (html.render(made), html.render_run(run), html.fragment(made), html.fragment_of_run(run)):
        assert "<script>alert" not in page
        assert "&amp;amp;" in page
        assert page.count("<script>") == page.count("</script>") == page.startswith("<!DOCTYPE")
        assert all(c.isprintable() or c == "\n" for c in page)
        assert not re.search(r'="[^"<>]*alert\(\'"', page)


def test_nothing_runs_but_what_the_policy_names(mlp):
    """The policy allows this style and this script by their sums, and nothing from elsewhere."""
    page = html.render(mlp)
    policy = unescape(re.search(r'Policy" content="([^"]*)"', page)[1])
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert not re.search(r"<[^>]+ (on\w+|style)=", page)


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
    assert page.index('<a href="#c1"><code>tests/test_a.py::test_wrong') < page.index('<a href="#c2"><code>tests')
    assert '<h2 id="c1">' in page
    assert re.search(r"<details class=\"check\">\n<summary>.*CORRECT</span> tests/test_a.py::test_right", page)
    assert "1 wrong, 1 correct" in page.lower()
    assert "gradcheck replay .gradcheck/cases/63cc66b.json" in page
    assert "tests/test_a.py:9" in page
    assert "data:image/png" in page


def test_the_pictures_of_a_run_are_shared_out(mlp):
    """The worst checks have them; the others have their message and their table."""
    page = html.render_run(Run(tuple(Check(mlp, f"test_{k}") for k in range(PICTURED + 5))))
    assert page.count('class="finding"') == PICTURED
    assert page.count('<section class="check">') == PICTURED + 5
    assert page.count("1 more tensor needs a look") == 5


@pytest.mark.parametrize("wanted", ["right", "wrong"])
def test_a_run_of_a_thousand_checks_is_a_page_that_can_be_used(mlp, report, tensor, wanted):
    """Every check has its row; the sections are bounded, and those left out are counted."""
    made = mlp if wanted == "wrong" else report(tensor())
    page = html.render_run(Run(tuple(Check(made, f"test_{k}") for k in range(1000))))
    assert len(page.encode()) < MIB
    assert page.count('<tr><th scope="row">') >= 1000
    assert f"{1000 - (SHOWN if wanted == 'wrong' else FOLDED)} more" in page


def test_an_empty_run_says_so():
    """No check, no table."""
    page = html.render_run(Run(()))
    assert "No check was made." in page
    assert "<table" not in page


@pytest.mark.parametrize(
    ("check", "command"),
    [
        ({"case": "a b.json", "test": "t.py::test"}, "gradcheck replay 'a b.json'"),
        ({"test": "tests/t.py::test[a b]"}, "pytest 'tests/t.py::test[a b]' --gradcheck-seed 0"),
        ({"test": "package.module:model"}, "gradcheck check package.module:model --seed 0"),
    ],
)
def test_a_check_says_how_to_repeat_it(report, check, command):
    """By its saved case, else by the test or the object that it is named after; ready for a shell."""
    assert commands(Check(report(), **check)) == (command,)


def test_a_check_of_unknown_origin_has_no_command(report):
    """Nothing is made up."""
    assert commands(Check(report())) == ()


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
