"""Which commands there are, and what each says of itself."""

from __future__ import annotations

import pytest

from gradcheck._cli.parser import COMMANDS


@pytest.mark.parametrize("argv", [("dance",), ("check",), ("check", "models:fine", "--seed", "x"), ("demo", "x")])
def test_bad_usage_exits_with_2(run, argv):
    """As every command does."""
    done = run(*argv)
    assert done.code == 2
    assert done.err.startswith("usage: gradcheck")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help_with_examples_and_exit_codes(run, name):
    """To stdout, since it was asked for, on lines that fit 100 columns; examples of its own."""
    done = run(name, "--help")
    assert done.code == 0
    assert "exit codes: 0 no wrong gradient" in done.out
    examples = done.out.split("examples:\n")[1].split("\n\n")[0].splitlines()
    assert examples
    assert all(f"gradcheck {name}" in line for line in examples)
    assert max(map(len, done.out.splitlines())) <= 100


@pytest.mark.parametrize("name", ["fuzz", "check", "replay", "report", "compare"])
def test_the_same_option_means_the_same_everywhere(run, name):
    """Whoever knows --output, --format and --quiet of one command knows them of all."""
    told = run(name, "--help").out.split("the result:\n")[1].split("\n\n")[0]
    assert told == run("check", "--help").out.split("the result:\n")[1].split("\n\n")[0]
