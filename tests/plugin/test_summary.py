"""The terminal summary: ten rows at most, wrong ones first, nothing when no check ran."""

from __future__ import annotations

SOURCE = """
def test_right(gradcheck): gradcheck(cube, X, grad=right)
def test_wrong(gradcheck): gradcheck(cube, X, grad=twice)
"""


def rows(result):
    """Return the lines of our section."""
    lines = result.outlines
    start = next(n for n, line in enumerate(lines) if line.startswith("=") and " gradcheck " in line)
    end = next(n for n in range(start + 1, len(lines)) if lines[n].startswith("="))
    return lines[start + 1 : end]


def test_wrong_comes_first(run):
    """A row a test: the verdict, the test, the model, and what is the matter."""
    wrong, right = rows(run(SOURCE))
    assert wrong == "WRONG      test_it.py::test_wrong  cube: 1 wrong, 2 correct, worst x[1]"
    assert right == "CORRECT    test_it.py::test_right  cube: 3 correct"


def test_no_check_no_summary(run):
    """A session that checks nothing looks as it always did."""
    run("def test(): pass").stdout.no_fnmatch_line("*gradcheck *")
    run("def test(gradcheck): pass").stdout.no_fnmatch_line("*= gradcheck =*")


def test_there_are_ten_rows_at_most(run):
    """The rest is counted."""
    result = run("""
@pytest.mark.parametrize("n", range(12))
def test(gradcheck, n): gradcheck(cube, X, grad=right)
""")
    shown = rows(result)
    assert len(shown) == 10
    assert shown[-1] == "and 3 more: 3 correct"


def test_several_checks_of_one_model_share_a_row(run):
    """The row is that of the worst, and says how many there were."""
    result = run("""
def test(gradcheck):
    gradcheck(cube, X, grad=right)
    with pytest.raises(AssertionError):
        gradcheck(cube, X, grad=twice)
    gradcheck(cube, X, grad=right)
""")
    assert rows(result) == [
        "WRONG      test_it.py::test  cube: 1 wrong, 2 correct, worst x[1] (3 checks), as its test expects"
    ]


def test_a_short_report_shows_what_needs_a_look(run):
    """-q leaves out what is right, and all of the section if all is; `term` asks for it all the same."""
    result = run(SOURCE, "-q")
    assert rows(result) == ["WRONG      test_it.py::test_wrong  cube: 1 wrong, 2 correct, worst x[1]"]
    right = SOURCE.replace("twice", "right")
    run(right, "-q").stdout.no_fnmatch_line("*= gradcheck =*")
    for options in [("-q", "--gradcheck-report=term"), ("-v",)]:
        run(right, *options).stdout.fnmatch_lines(["*= gradcheck =*", "CORRECT *test_right *", "CORRECT *test_wrong *"])


def test_what_a_test_expects_needs_no_look(run):
    """It stands last, without a colour, and -q leaves it out; where the test fails after all it was not expected."""
    source = """
def test_expected(gradcheck):
    with pytest.raises(AssertionError):
        gradcheck(cube, X, grad=twice)

@pytest.mark.xfail
def test_known(gradcheck): gradcheck(cube, X, grad=twice)

def test_caught(gradcheck):
    try:
        gradcheck(cube, X, grad=twice)
    except AssertionError:
        raise RuntimeError from None
"""
    expected = "cube: 1 wrong, 2 correct, worst x[1], as its test expects"
    assert rows(run(source)) == [
        "WRONG      test_it.py::test_caught  cube: 1 wrong, 2 correct, worst x[1]",
        f"WRONG      test_it.py::test_expected  {expected}",
        f"WRONG      test_it.py::test_known  {expected}",
    ]
    run(source, "-q").stdout.no_fnmatch_line("WRONG *expects")
    run(source, "--color=yes").stdout.no_fnmatch_line("*31mWRONG *expects*")


def test_a_name_is_not_obeyed_by_the_terminal(run):
    """Escape codes and ends of lines in it are spelled out."""
    source = """
class Net:
    params = {"W\\x1b[31m\\nb": X.copy()}

    def loss(self):
        (name, W), = self.params.items()
        return cube(W), {name: twice(W)}

def test(gradcheck): gradcheck(Net())
"""
    assert rows(run(source)) == [r"WRONG      test_it.py::test  Net: 1 wrong, 2 correct, worst W\x1b[31m b[1]"]


def test_colour_is_never_all(run):
    """The verdict is a word; with colour it is coloured, too."""
    result = run(SOURCE, "--color=yes")
    result.stdout.fnmatch_lines(["\x1b?31mWRONG *test_wrong*"])
