"""GitHub's face: commands to the runner, and nothing in a name can be one."""

from __future__ import annotations

import pytest

from gradcheck import Check, Run, Verdict
from gradcheck._render.faces import render
from gradcheck._render.github import command


def lines(*checks):
    return render(Run(checks), "github").splitlines()


def test_a_wrong_gradient_is_an_error_on_its_line(mlp):
    """With the file, the line, the entry, the message and how to repeat it."""
    first, last = lines(Check(mlp, "test_it", "tests/test_mlp.py", 12, case="c.json"))
    assert first.startswith(
        "::error file=tests/test_mlp.py,line=12,title=WRONG W2[5%2C0] of MLP::W2[5,0]  claimed -0.158096"
    )
    assert "%0Apattern  exactly twice the measured value" in first
    assert first.endswith("%0Atest     test_it%0Arepeat   gradcheck replay c.json")
    assert last == "::notice title=gradcheck::1 wrong"


def test_half_of_a_character_is_spelled_out(mlp):
    """In the name of a file as anywhere else: nothing else could be printed."""
    assert "file=\\ud800.py" in render(Run((Check(mlp, "t", "\ud800.py", 3),)), "github").encode().decode()


def test_what_is_right_is_no_annotation(report, tensor):
    """The summary counts it."""
    kink = report(tensor(verdict=Verdict.KINK))
    assert lines(Check(report(tensor())), Check(kink)) == ["::notice title=gradcheck::1 kink, 1 correct"]


@pytest.mark.parametrize(
    ("verdict", "level"),
    [
        (Verdict.WRONG, "error"),
        (Verdict.BROKEN, "error"),
        (Verdict.UNDECIDED, "warning"),
        (Verdict.UNTESTED, "warning"),
    ],
)
def test_the_level_is_that_of_the_verdict(report, tensor, verdict, level):
    """What fails a test is an error, what is not known a warning; without a place it has none."""
    first, _ = lines(Check(report(tensor(verdict=verdict, n=640))))
    assert first.startswith(f"::{level} title={verdict}")


def test_github_shows_ten_of_a_level(mlp, report, tensor):
    """The others are counted."""
    undecided = report(tensor(verdict=Verdict.UNDECIDED, n=640))
    found = lines(*[Check(mlp)] * 12, *[Check(undecided)] * 11)
    levels = [line.split(" ")[0] for line in found]
    assert (levels.count("::error"), levels.count("::warning")) == (10, 10)
    assert found[-1] == "::notice title=gradcheck::12 wrong, 11 undecided; 3 of them not annotated"


def test_a_report_alone_is_annotated(mlp):
    """Without a file, as nothing is known of it."""
    assert render(mlp, "github").startswith("::error title=WRONG W2[5%2C0] of MLP::W2[5,0]")


@pytest.mark.parametrize(
    ("message", "properties", "expected"),
    [
        ("100 %\r\nof", {}, "::error::100 %25%0D%0Aof"),
        ("a:b,c", {"title": "a:b,c%\n"}, "::error title=a%3Ab%2Cc%25%0A::a:b,c"),
        ("m", {"file": "a,b.py", "line": 3}, "::error file=a%2Cb.py,line=3::m"),
        ("m", {"file": "", "line": 0}, "::error::m"),
    ],
)
def test_what_would_end_a_command_is_spelled_out(message, properties, expected):
    """As the documentation of GitHub says."""
    assert command("error", message, **properties) == expected


def test_a_name_gives_no_command(report, wrong):
    """Each command begins a line, and a name begins none."""
    nasty = "x\n::set-output name=a::b\x1b[31m"
    found = lines(Check(report(wrong(name=nasty), name=nasty), nasty, case=nasty))
    assert [line.split(" ")[0] for line in found] == ["::error", "::notice"]
    assert "\x1b" not in "".join(found)
