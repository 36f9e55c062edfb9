"""Names belong to users; a page does not obey them."""

from __future__ import annotations

import pytest

from gradcheck._render.escape import csv_text, markdown_code, markdown_text, middle, visible
from gradcheck._render.faces import render
from gradcheck._render.failure import failure_message
from gradcheck._results.report import Problem
from gradcheck._results.verdict import Verdict

NASTY = "<script>alert(1)</script>|`*_x_*`\x1b[31m\u202e=1+1\n# x"


@pytest.fixture
def nasty(report, wrong):
    """Make a report in which every string is hostile."""
    return report(
        wrong(name=NASTY, kind=NASTY, note=NASTY, places={320: NASTY}),
        name=NASTY,
        problems=(Problem(Verdict.BROKEN, NASTY, "x"),),
        diagnosis=(NASTY,),
        power=(NASTY,),
        notes=(NASTY,),
        environment={NASTY: NASTY},
    )


def test_html_is_inert(nasty):
    """Angle brackets of the user are text."""
    page = render(nasty, "html")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("form", ["text", "markdown", "html", "csv"])
def test_control_characters_are_spelled_out(nasty, form):
    """No colours, no reversed writing, no cursor movements."""
    page = render(nasty, form)
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"\x1b" in page


def test_a_failure_message_is_plain_too(nasty):
    """The message of a test is printed on a terminal, ten lines at most."""
    message = failure_message(nasty)
    assert "\x1b" not in message
    assert message.count("\n") < 10


def test_a_row_of_markdown_keeps_its_columns(nasty):
    """A pipe in a name ends no cell: each row has as many as the header."""
    table = [line for line in render(nasty, "markdown").splitlines() if line.startswith("|")]
    bars = {line.replace(r"\|", "").count("|") for line in table[:3]}
    assert bars == {10}


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("\t=1", "'=1"),
        ("W1", "W1"),
        ("a=b", "a=b"),
    ],
)
def test_no_cell_is_a_formula(text, cell):
    """What a spreadsheet would run gets an apostrophe."""
    assert csv_text(text) == cell


def test_negative_numbers_stay_numbers_in_csv(mlp):
    """Only words are guarded; a minus sign before a number is one."""
    assert 'W2,"[5,0]",weight,-0.158096,-0.0790481,7e-11' in render(mlp, "csv")


@pytest.mark.parametrize(
    ("name", "code"),
    [("W", "`W"), ("a|b", "`a|b`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"), ("", "")],
)
def test_a_name_is_a_code_span(name, code):
    """A fence longer than any backtick inside."""
    assert markdown_code(name).startswith(code)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("two * three", r"two \* three"),
        ("in `layers[2]*` it is", "in `layers[2]*` it is"),
        ("check_gradients", "check_gradients"),
        ("__init__", r"\_\_init\_\_"),
        ("<b>", r"\<b>"),
        ("[x](javascript:1)", r"[x\](javascript:1)"),
        ("# x", r"\# x"),
        ("- x", r"\- x"),
        ("a - b # c", "a - b # c"),
        ("&lt;", r"\&lt;"),
        ("AT&T", r"AT\&T"),
        ("R & D", "R & D"),
        ("one ` alone", r"one \` alone"),
        ("~~x~~", r"\~~x\~~"),
        ("a|b", r"a\|b"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_a_sentence_has_no_markup_but_code(text, escaped):
    """Whatever Markdown would take for markup is escaped, and nothing else."""
    assert markdown_text(text) == escaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a  b\n\tc", "a b c"),
        ("\x00", r"\x00"),
        ("\u200b", r"\u200b"),
        ("\ud800", r"\ud800"),
        ("Größe γ", "Größe γ"),
    ],
)
def test_what_is_shown_is_on_one_line_and_printable(text, shown):
    """Space is collapsed, the unprintable is spelled out."""
    assert visible(text) == shown


def test_long_names_lose_their_middle(report, wrong):
    """The table fits 100 columns; both ends of a name stay."""
    name = "encoder.layers.0.self_attention.query_projection.weight"
    text = render(report(wrong(name=name, kind="parameter", shape=(1000, 64), checked=640)))
    assert max(map(len, text.splitlines())) <= 100
    row = text.splitlines()[4]
    assert row.startswith("encoder.")
    assert "….weight"[1:] in row
    assert "…" in row


def test_the_middle_is_cut_to_the_width():
    """The width is kept, odd or even."""
    assert middle("abcdefgh", 8) == "abcdefgh"
    assert middle("abcdefgh", 5) == "ab…gh"
    assert middle("abcdefgh", 6) == "abc…gh"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (40, "encoder.layers.0.….query.weight"),
        (30, "encoder.layers.….query.weight"),
        (16, "encoder.….weight"),
        (9, "enco…ight"),
    ],
)
def test_a_name_is_cut_at_its_dots(width, shown):
    """Where half of each end stays; else within a word."""
    assert middle("encoder.layers.0.self_attention.query.weight", width) == shown
