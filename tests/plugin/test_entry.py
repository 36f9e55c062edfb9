"""The entry: what every pytest session of every user loads, whether it checks anything or not."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import _gradcheck_pytest
from gradcheck._plugin.settings import SETTINGS

QUIET = """
import sys
def test():
    heavy = "numpy hypothesis jinja2 tabulate torch jax"
    assert not [name for name in heavy.split() if name in sys.modules]
    assert {{name for name in sys.modules if name.partition(".")[0] == "gradcheck"}} == {light}
"""
LIGHT = {"gradcheck", "gradcheck._results", "gradcheck._results.door"}  # the doors
LIGHT |= {f"gradcheck.{name}" for name in ("_plugin", "_plugin.session", "_plugin.row", "_plugin.settings")}
LIGHT |= {"gradcheck._options", "gradcheck._results.errors"}


def test_a_session_without_checks_imports_nothing_heavy(pytester):
    """NumPy in the plugin's entry would freeze the user's thread settings, and cost a second.

    Of ours there are the doors, the settings and the session.
    """
    pytester.makepyfile(QUIET.format(light=LIGHT))
    others = ("-p", "no:hypothesispytest", "-p", "no:jaxtyping")
    pytester.runpytest_subprocess("-W", "error", *others).assert_outcomes(passed=1)


def test_the_entry_imports_only_the_standard_library_and_pytest():
    """All else is imported inside the hooks, or for the types alone."""
    tree = ast.parse(Path(_gradcheck_pytest.__file__).read_text(encoding="utf-8"))
    names = [
        name.split(".")[0]
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
    ]
    assert set(names) <= sys.stdlib_module_names | {"pytest"}


def test_the_plugin_can_be_switched_off(run):
    """`-p no:gradcheck` takes away the fixture, the option and the marker."""
    result = run("def test(gradcheck): pass", "-p", "no:gradcheck")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'gradcheck' not found"])
    result.stdout.no_fnmatch_line("gradcheck: seed*")
    assert run("", "-p", "no:gradcheck", "--gradcheck-seed=1").ret == 4


@pytest.mark.parametrize("option", ["report=TYPE[[]:DEST[]]", "seed=N", "entries=N", "workers=N"])
def test_the_help_lists_the_options(run, option):
    """They stand together, under one heading."""
    run("", "--help").stdout.fnmatch_lines(["gradcheck:", f"*--gradcheck-{option}*", "*"])


@pytest.mark.parametrize("name", ["report", *SETTINGS])
def test_the_help_lists_what_the_ini_file_can_say(run, name):
    """With its type."""
    run("", "--help").stdout.fnmatch_lines([f"  gradcheck_{name} (*):*"])


def test_a_session_without_a_terminal_works(run):
    """-p no:terminal leaves a wrong gradient wrong."""
    result = run("def test(gradcheck): gradcheck(cube, X, grad=twice)", "-p", "no:terminal")
    assert result.ret == 1
