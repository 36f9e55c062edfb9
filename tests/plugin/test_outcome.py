"""What a failing test prints: ten lines at most, the user's own line, and the table below."""

from __future__ import annotations

WRONG = "def test(gradcheck):\n    gradcheck(cube, X, grad=twice)"


def test_the_traceback_shows_the_users_code_alone(run):
    """Not a line of the checker stands between the call and the message."""
    result = run(WRONG)
    result.stdout.fnmatch_lines([">*gradcheck(cube, X, grad=twice)", "E *x?1?  claimed 13.5, measured 6.75 ±*"])
    result.stdout.no_fnmatch_line("*_gradcheck_pytest.py*")
    result.stdout.no_fnmatch_line("*gradcheck/_check/*")


def test_the_message_is_ten_lines_at_most(run):
    """Which entry, where, how many, how far off."""
    result = run(WRONG)
    message = [line for line in result.outlines if line.startswith("E ")]
    assert 4 <= len(message) <= 10
    labels = [line.split()[1] for line in message[1:4]]
    assert labels == ["where", "extent", "size"]


def test_the_whole_table_is_a_section_of_its_own(run):
    """Below the message stands what `print(report)` shows beside it; a passing test shows nothing."""
    result = run(WRONG + "\n\ndef test_right(gradcheck):\n    gradcheck(cube, X, grad=right)")
    result.stdout.fnmatch_lines(
        [
            "*Captured gradcheck report*",
            "WRONG  cube: the claim lies outside*",
            "tensor *kind *",
            "x *input *",
        ]
    )
    assert str(result.stdout).count("Captured gradcheck report") == 1


def test_the_cause_is_told_once(run):
    """In the message, and not below its table again; what pytest repeats in its summary is its own affair."""
    told = str(run(WRONG).stdout).partition("short test summary")[0]
    assert told.count("exactly twice the measured value") == 1
    assert "diagnosis" not in told


def test_the_table_goes_with_the_other_captured_sections(run):
    """Who asks for no captured output gets none."""
    result = run(WRONG, "--show-capture=no")
    result.stdout.no_fnmatch_line("*Captured gradcheck report*")


def test_an_exception_of_the_function_keeps_its_cause(run):
    """The user's own error is shown, with the line that raised it."""
    result = run("""
def raises(x):
    raise ZeroDivisionError("of mine")

def test(gradcheck):
    gradcheck(raises, X, grad=right)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError: of mine*"])
    for inside in ("gradcheck/_check/", "_model/oracle.py", "fixture.py"):
        result.stdout.no_fnmatch_line(f"*{inside}*")
