"""Names are escaped, and nothing runs on a page but what is ours."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html import unescape

import pytest

from gradcheck._render.html import page as html
from gradcheck._render.html.templates import breakable, code_spans, unbroken
from gradcheck._results.report import Problem, Stage
from gradcheck._results.run import Check, Run
from gradcheck._results.verdict import Verdict

NASTY = "<script>alert('\"x\"')</script>&amp;\x1b[31m\u202eevil\n=cmd|'/C calc'!A0" + "long" * 200


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


def test_a_name_breaks_after_its_dots_and_nowhere_else():
    """What is in it stays text."""
    assert breakable("layers.<b>.W") == "layers.<wbr>&lt;b&gt;.<wbr>W"


@pytest.mark.parametrize("filled", [unbroken, code_spans])
def test_a_sentence_breaks_at_the_dots_of_names_and_not_of_numbers(filled):
    """Nor where it ends."""
    assert filled("a.0.b[1].W claimed 0.24, 1 of 3.") == "a.<wbr>0.<wbr>b[1].<wbr>W claimed 0.24, 1 of 3."


def test_no_line_ends_within_a_number():
    """A browser would break it after the minus of its exponent."""
    assert unbroken("1 ± 5e-10 & so") == '1 ± <span class="whole">5e-10</span> &amp; so'


def test_a_line_of_the_message_is_wrapped_by_the_browser(report, wrong):
    """Each line is one element: what is wrapped at a fixed width would be wrapped twice on a telephone."""
    page = html.render(report(*(wrong(name=f"layers[{k}].{'a_long_' * 4}name") for k in range(9))))
    (message,) = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)[:1]
    lines = re.findall(r"<span>(.*?)\n</span>", message, re.DOTALL)
    assert [line.split()[0] for line in lines[1:4]] == ["where", "extent", "size"]
    assert max(map(len, lines)) > 100
