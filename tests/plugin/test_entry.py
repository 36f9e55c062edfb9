"""The entry: what every pytest session of every user loads, whether it checks anything or not."""

from __future__ import annotations

QUIET = """
import sys
def test():
    heavy = "numpy gradcheck hypothesis jinja2 tabulate torch jax"
    assert not [name for name in heavy.split() if name in sys.modules]
"""


def test_a_session_without_checks_imports_nothing_heavy(pytester):
    """NumPy in the plugin's entry would freeze the user's thread settings, and cost a second."""
    pytester.makepyfile(QUIET)
    others = ("-p", "no:hypothesispytest", "-p", "no:jaxtyping")
    pytester.runpytest_subprocess("-W", "error", *others).assert_outcomes(passed=1)


def test_the_plugin_can_be_switched_off(run):
    """`-p no:gradcheck` takes away the fixture, the option and the marker."""
    result = run("def test(gradcheck): pass", "-p", "no:gradcheck")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'gradcheck' not found"])
    assert run("", "-p", "no:gradcheck", "--gradcheck-seed=1").ret == 4


def test_the_help_lists_the_options(run):
    """They stand together, under one heading."""
    run("", "--help").stdout.fnmatch_lines(["gradcheck:", "*--gradcheck-seed=N*"])
