"""The fixture `gradcheck` asserts, and hands back the report."""

from __future__ import annotations


def test_a_wrong_gradient_fails_the_test(run):
    """The test fails, and is named by the kind of mismatch and the entry."""
    result = run("def test(gradcheck): gradcheck(cube, X, grad=twice)")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED test_it.py::test - gradcheck*.InputMismatch: x?1?  claimed 13.5, *"])


def test_a_right_gradient_passes_and_returns_the_report(run):
    """The report can be looked at in the test."""
    result = run("""
def test(gradcheck):
    assert gradcheck(cube, X, grad=right)
    report = gradcheck(cube, X, grad=right)
    assert report.verdict.name == "CORRECT"
    assert report.checked == 3
""")
    result.assert_outcomes(passed=1)


def test_a_call_that_cannot_be_checked_is_an_error_of_the_test(run):
    """A misspelt keyword is refused, and what was meant is guessed."""
    result = run("def test(gradcheck): gradcheck(cube, X, gard=right)")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*InputError*unknown keyword gard=*did you mean grad=*"])


def test_a_call_without_arguments_is_refused(run):
    """In one sentence that says what to write."""
    result = run("def test(gradcheck): gradcheck(grad=right)")
    result.stdout.fnmatch_lines(
        ["E *InputError: gradcheck() was given nothing to check; write gradcheck(model, *args)"]
    )


def test_the_fixture_serves_other_fixtures_of_any_scope(run):
    """A check in a module's fixture counts for the test that set it up."""
    result = run("""
@pytest.fixture(scope="module")
def checked(gradcheck):
    return gradcheck(cube, X, grad=right)

def test_a(checked): assert checked.seed == 0
def test_b(checked): pass
""")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["CORRECT * test_it.py::test_a *"])


def test_the_user_may_have_a_fixture_of_that_name(run):
    """A fixture of the user's own hides ours, as pytest has it."""
    result = run("""
@pytest.fixture
def gradcheck(): return 42

def test(gradcheck): assert gradcheck == 42
""")
    result.assert_outcomes(passed=1)


def test_a_warning_points_at_the_users_line(run):
    """Single entries that could not be decided are no failure; the warning says where they were checked."""
    result = run(
        """
def rough(x): return float(np.sum(np.sin(x[:-1])) + np.round(np.sin(x[-1]), 4))

def test(gradcheck):
    gradcheck(rough, np.linspace(0.1, 2, 6), grad=np.cos)
""",
        "-W",
        "default::gradcheck.UndecidedWarning",
    )
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*test_it.py:8: UndecidedWarning: 1 of 6 entries of rough could not be decided*"])


def test_a_test_that_is_stopped_says_what_was_measured(run):
    """As by pytest-timeout, which raises in a handler of a signal; everything is put back."""
    result = run("""
def test_slow(gradcheck):
    x, calls = X.copy(), []
    def slow(x):
        calls.append(1)
        if len(calls) == 30:
            pytest.fail("Timeout (>2.0s) from pytest-timeout.")
        return cube(x)
    try:
        gradcheck(slow, x, grad=right)
    finally:
        assert x.tobytes() == X.tobytes()
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["E *Timeout (>2.0s)*", "E *gradcheck was measuring x of test_slow*, after 30 evaluations"]
    )
