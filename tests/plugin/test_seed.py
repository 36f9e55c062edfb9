"""The option --gradcheck-seed."""

from __future__ import annotations

SOURCE = """
def test_plain(gradcheck):
    print("seed", gradcheck(cube, X, grad=right).seed)

@pytest.mark.gradcheck(seed=7)
def test_marked(gradcheck):
    print("seed", gradcheck(cube, X, grad=right).seed)
"""


def test_the_option_seeds_what_names_no_seed(run):
    """A seed on a marker is there for a reason, and stays."""
    run(SOURCE, "-s", "--gradcheck-seed=3").stdout.fnmatch_lines(["*seed 3", "*seed 7"])
    run(SOURCE, "-s").stdout.fnmatch_lines(["*seed 0", "*seed 7"])


def test_the_header_names_the_seed_only_if_given(run):
    """So that the run can be repeated."""
    run("", "--gradcheck-seed=3").stdout.fnmatch_lines(["gradcheck: --gradcheck-seed=3"])
    run("").stdout.no_fnmatch_line("*--gradcheck-seed*")


def test_a_seed_is_a_number(run):
    """Anything else is refused before a test runs."""
    result = run("", "--gradcheck-seed=lucky")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--gradcheck-seed: invalid int value: 'lucky'"])
