"""The marker `gradcheck` carries the keywords of the call, and selects the tests that check."""

from __future__ import annotations

import pytest


def test_the_keywords_of_the_marker_are_those_of_the_call(run):
    """A seed on the marker is the seed of the check."""
    result = run("""
@pytest.mark.gradcheck(seed=7)
def test(gradcheck):
    assert gradcheck(cube, X, grad=right).seed == 7
""")
    result.assert_outcomes(passed=1)


def test_what_is_closer_wins(run):
    """The call over the test's marker, that over the class's, that over the module's."""
    result = run("""
pytestmark = pytest.mark.gradcheck(seed=1, rtol=1e-3)

@pytest.mark.gradcheck(seed=2)
class TestIt:
    def test_of_class(self, gradcheck):
        assert gradcheck(cube, X, grad=right).seed == 2

    @pytest.mark.gradcheck(seed=3)
    def test_of_function(self, gradcheck):
        assert gradcheck(cube, X, grad=right).seed == 3
        assert gradcheck(cube, X, grad=right, seed=4).seed == 4

def test_of_module(gradcheck):
    assert gradcheck(cube, X, grad=right).seed == 1
""")
    result.assert_outcomes(passed=3)


def test_a_positional_argument_is_refused(run):
    """The message shows what was written and what to write."""
    result = run("""
@pytest.mark.gradcheck(7)
def test(gradcheck):
    gradcheck(cube, X, grad=right)
""")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the marker gradcheck takes keywords of the check, such as seed=7, not gradcheck(7)"])


@pytest.mark.parametrize("keyword", ["sede=7", "seed=-7", "grad=right"])
def test_a_keyword_that_makes_no_sense_is_refused(run, keyword):
    """In one sentence that names the marker, if the keyword stands there and not in the call."""
    result = run(f"""
@pytest.mark.gradcheck({keyword})
def test(gradcheck):
    gradcheck(cube, X, grad=right, vjp=right)
""")
    result.assert_outcomes(failed=1)
    message = [line for line in result.outlines if line.startswith("E ")]
    assert len(message) == 1
    assert message[0].split()[1] == "gradcheck.InputError:"
    assert ("(set by the marker gradcheck)" in message[0]) == (keyword != "grad=right")
    result.stdout.fnmatch_lines([">*gradcheck(cube, X, grad=right, vjp=right)"])
    result.stdout.no_fnmatch_line("*fixture.py*")


def test_a_mark_is_put_on_once(run):
    """A test that is marked already keeps its one mark."""
    run("""
@pytest.mark.gradcheck(seed=7)
def test(gradcheck, request):
    assert len(list(request.node.iter_markers("gradcheck"))) == 1
""").assert_outcomes(passed=1)


def test_tests_that_use_the_fixture_are_marked(run):
    """`-m gradcheck` runs them and no others."""
    source = "def test_a(gradcheck): pass\ndef test_b(): pass"
    run(source, "-m", "gradcheck").assert_outcomes(passed=1, deselected=1)
    run(source, "-m", "not gradcheck").assert_outcomes(passed=1, deselected=1)


def test_the_marker_is_registered(run):
    """`pytest --markers` explains it."""
    run("", "--markers").stdout.fnmatch_lines(["@pytest.mark.gradcheck(*keywords*): *seed=7*"])
