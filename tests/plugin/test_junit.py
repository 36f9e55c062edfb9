"""The JUnit file: what was found stands in the properties of each test, as words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

SOURCE = """
def test_right(gradcheck): gradcheck(cube, X, grad=right, seed=4)
def test_wrong(gradcheck, record_property):
    record_property("of", "mine")
    gradcheck(cube, X, grad=right)
    gradcheck(cube, X, grad=twice)
def test_neither(): pass
"""


def properties(run, pytester, *options):
    """Return the properties of every test, by its name."""
    run(SOURCE, "--junit-xml=junit.xml", "-o", "junit_family=xunit1", *options)
    cases = ET.parse(pytester.path / "junit.xml").iter("testcase")
    return {c.get("name"): {p.get("name"): p.get("value") for p in c.iter("property")} for c in cases}


def test_a_wrong_gradient_is_named(run, pytester):
    """Model, verdict, numbers, the worst entry and the case; the user's own properties stay."""
    told = properties(run, pytester)["test_wrong"]
    assert told.pop("gradcheck.case").startswith(".gradcheck/cases/")
    assert told == {
        "of": "mine",
        "gradcheck.model": "cube",
        "gradcheck.verdict": "WRONG",
        "gradcheck.entries": "1 wrong, 2 correct",
        "gradcheck.worst": "x[1]",
        "gradcheck.seed": "0",
        "gradcheck.checks": "2",
    }


def test_a_right_one_has_no_case_and_no_check_no_properties(run, pytester):
    """What did not happen is not told."""
    told = properties(run, pytester)
    assert told["test_right"]["gradcheck.verdict"] == "CORRECT"
    assert told["test_right"]["gradcheck.seed"] == "4"
    assert "gradcheck.case" not in told["test_right"]
    assert told["test_neither"] == {}


def test_the_workers_of_xdist_tell_the_same(run, pytester):
    """The properties cross the border."""
    assert properties(run, pytester, "-n2") == properties(run, pytester)


def test_the_file_is_not_needed(run):
    """-p no:junitxml changes nothing else."""
    source = "def test(gradcheck): gradcheck(cube, X, grad=twice)"
    run(source, "-p", "no:junitxml").stdout.fnmatch_lines(["*= 1 failed in *"])
