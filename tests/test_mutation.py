"""The tool that changes one place at a time: what it changes, and what it says of tests that do not bite."""

from __future__ import annotations

import ast
import random
import shutil

import pytest

pytest.importorskip("coverage")

import covering
import mutants as changes
import mutation
import unseen
from mutants import Mutant, mutants
from mutation import ROOMS, ROOT, page


def changed(tmp_path, source):
    """Return what becomes of a file, each time with one change."""
    path = tmp_path / "it.py"
    path.write_text(source, encoding="utf-8")
    return [mutant.text().decode() for mutant in mutants(path)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + b", ["a - b"]),
        ("(a) * (b)", ["(a) / (b)"]),
        ("a < b <= c", ["a <= b <= c", "a < b < c"]),
        ("a and b and c", ["a or b and c", "a and b or c"]),
        ("x is not None", ["x is None"]),
        ("not a", ["a"]),
        ("-a", ["a"]),
        ("x = 3.5", ["x = (3.5 * 2)"]),
        ("x = 0", ["x = 1"]),
        ("x = True", ["x = False"]),
        ("é = 'ä'; x = a - b  # a comment stays", ["é = 'ä'; x = a + b  # a comment stays"]),
        ("a @ b", []),
        ("x = 'text'", []),
    ],
)
def test_one_place_is_another_each_time(tmp_path, source, expected):
    """Operators, comparisons, numbers and truth values; all else stays, comments too."""
    assert changed(tmp_path, source) == expected


@pytest.mark.parametrize("room", ROOMS)
def test_every_mutant_of_every_room_is_still_python(room):
    """A hundred of each: what is no Python would be killed by nobody's test."""
    drawn = [mutant for path in sorted((ROOT / "gradcheck" / room).rglob("*.py")) for mutant in mutants(path)]
    for mutant in random.Random(0).sample(drawn, min(100, len(drawn))):
        ast.parse(mutant.text())
    assert len(drawn) > 50


@pytest.fixture
def room(tmp_path, monkeypatch):
    """Make a small project: a test that bites in one place, and not in another."""
    root = tmp_path / "root"
    for folder in ("gradcheck/_small", "tests/small"):
        (root / folder).mkdir(parents=True)
    code = "def f(x):\n    return x + 2\n\n\ndef g(x):\n    return x - 3\n"
    (root / "gradcheck/_small/small_code.py").write_text(code)
    test = "import sys\nsys.path.insert(0, 'gradcheck/_small')\nfrom small_code import f\n\n"
    (root / "tests/small/test_code.py").write_text(test + "def test(): assert f(1) == 3\n")
    (root / "pyproject.toml").write_text("")
    shutil.copy(ROOT / "tests/covering.py", root / "tests")
    monkeypatch.setattr(mutation, "ROOT", root)
    monkeypatch.setattr(changes, "ROOT", root)
    return "_small"


def test_what_no_test_kills_is_left_and_named(room):
    """With its line; what a test kills is counted."""
    found, total = mutation.tried(room, 5, random.Random(0), 2, traps=False)
    assert total == len(found) == 4
    assert sorted(by for _, by in found) == ["its tests", "its tests", "nothing", "nothing"]
    told = page({room: (found, total)})
    assert "| _small | 4 | 4 | 0 | 2 (50 %) | 0 | 2 |" in told
    assert "| 2 (50 %) | – | 2 |" in page({room: (found, total)}, traps=False)
    assert "- gradcheck/_small/small_code.py:6, `-` to `+`: `return x - 3`" in told


def test_no_mutant_is_tried_once_the_time_is_up(room):
    """Only whether the tests pass without one is looked at."""
    assert mutation.tried(room, 0, random.Random(0), 1, traps=False) == ([], 4)


def test_tests_that_fail_anyhow_say_nothing(room):
    """They would kill everything."""
    test = mutation.ROOT / "tests/small/test_code.py"
    test.write_text(test.read_text().replace("== 3", "== 4"))
    with pytest.raises(SystemExit, match="the tests of _small fail without any change"):
        mutation.tried(room, 1, random.Random(0), 1, traps=False)


def test_a_mutant_says_where_it_is(tmp_path, monkeypatch):
    """The file below the repository, the line, and what became of what."""
    monkeypatch.setattr(changes, "ROOT", tmp_path)
    (tmp_path / "a.py").write_text("\nx = 1 + 2  # a sum\n")
    assert Mutant(tmp_path / "a.py", 7, 8, "-").said() == ("a.py:2", "`+` to `-`", "x = 1 + 2  # a sum")


def test_what_nobody_could_see_is_told_with_its_reason(room, monkeypatch):
    """And left out of the share; but a mutant that a test kills is killed all the same."""
    monkeypatch.setattr(mutation, "reason", lambda mutant: "so it is" if mutant.line == 6 else None)
    found, total = mutation.tried(room, 5, random.Random(0), 2, traps=False)
    told = page({room: (found, total)})
    assert "| _small | 4 | 4 | 2 | 2 (100 %) | 0 | 0 |" in told
    assert "- gradcheck/_small/small_code.py:6, `-` to `+`: `return x - 3` – so it is" in told


@pytest.mark.parametrize(
    ("source", "ties"),
    [
        ("a < b", [True]),
        ("a < 0", [False]),
        ("a == b", [False]),
        ("len(a) <= b", [False]),
        ("0 < a <= b", [False, True]),
    ],
)
def test_a_tie_of_measured_numbers_has_no_chance(tmp_path, source, ties):
    """One with a given number, or of counts, has."""
    path = tmp_path / "it.py"
    path.write_text(source, encoding="utf-8")
    assert [mutant.tie for mutant in mutants(path) if mutant.new != "1"] == ties


@pytest.mark.parametrize("row", unseen.REASONS, ids=lambda row: " ".join(row[:3]))
def test_every_reason_is_of_a_mutant_that_there_is(row):
    """Where a line has become another, its reason goes with it."""
    file, begin, change, why = row
    found = [mutant for mutant in mutants(ROOT / "gradcheck" / file) if mutant.said()[2].startswith(begin)]
    assert any(change in {unseen.ANY, mutant.said()[1]} and unseen.reason(mutant) == why for mutant in found)


SOURCE = """import math

LIMIT = 3
OTHER = 4


def f(x=5):
    if (
        x > LIMIT
    ):
        return math.sin(
            x,
        )
    return 0
"""


@pytest.mark.parametrize(
    ("line", "tests"),
    [
        (12, ["t::b"]),  # of a statement of several lines, of which python tells the first
        (14, ["t::c"]),
        (3, ["t::c", "t::b"]),  # a name that a line of theirs has
        (4, []),
        (7, ["t::c", "t::b"]),  # a default is the business of all of the file
    ],
)
def test_a_line_concerns_the_tests_that_run_it(tmp_path, line, tests):
    """The quickest first; what is only bound concerns those that run a line with its name."""
    (tmp_path / "a.py").write_text(SOURCE)
    seen = covering.Covering({"t::b": 2.0, "t::c": 1.0}, {"a.py": {1: [""], 8: ["t"], 11: ["t::b"], 14: ["t::c"]}})
    assert seen.tests(tmp_path, "a.py", line) == tests


def test_what_the_import_runs_concerns_nobody_in_particular():
    """Though a test may be the first to need the file."""
    contexts = {line: ["t::a"] for line in (1, 3, 4, 7, 8, 11, 14)}
    assert [*covering.of_calls(SOURCE, contexts)] == [8, 11, 14]


def test_what_a_lambda_is_made_of_is_run_where_it_is_called():
    """In a table of functions as well, of which the import runs every line."""
    table = "TABLE = (\n    lambda x: x + 1,\n    (\n        lambda x:\n            x\n            + 2,\n    ),\n)\n"
    assert [*covering.of_calls(table, {line: ["t::a"] for line in range(1, 9)})] == [2, 5, 6]
