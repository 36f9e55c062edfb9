"""What a user names: a module or a file, and an object in it."""

from __future__ import annotations

import json
import sys

import pytest

from gradcheck import Run


def test_a_module_without_cases_says_what_it_has(run, tmp_path):
    """So that the object can be named."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("pair = len, 3\nnumber = 3\ndef make(): pass\n")
    done = run("check", "package")
    assert done.code == 2
    assert done.err == "gradcheck: 'package' names nothing: there is no 'cases'; package has pair, make\n"


@pytest.mark.parametrize("target", ["models", "models.py", "./models.py"])
def test_a_module_alone_is_searched_for_cases(run, target):
    """They are found in a module and in a file."""
    done = run("check", target, "--format", "json")
    tests = [check["test"] for check in json.loads(done.out)["checks"]]
    assert tests[:2] == [f"{target}:cases[0]", f"{target}:cases[named]"]


def test_where_a_case_stands_is_known(run, tmp_path):
    """File and line of the target, for annotations; no file that lies elsewhere."""
    lines = (tmp_path / "models.py").read_text().splitlines()
    run("check", "models:wrong", "models:recipe", "json:dumps", "--output", "run.json")
    places = [(check.file, lines[check.line - 1]) for check in Run.load("run.json").checks[:2]]
    assert places == [("models.py", 'wrong = cube, X, {"grad": twice}'), ("models.py", "def recipe():")]
    assert Run.load("run.json").checks[2].file == ""


def test_a_file_of_a_package_is_imported_as_part_of_it(run, tmp_path):
    """What it imports from its package is found."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("from models import *\n")
    (tmp_path / "package" / "inner.py").write_text("from . import wrong as mine\n")
    assert run("check", "package/inner.py:mine").code == 1
    assert "package.inner" in sys.modules


def test_a_file_takes_nobodys_name(run, tmp_path):
    """A file `json.py` of the user is checked, and json stays json."""
    (tmp_path / "json.py").write_text("from models import *\n")
    sys.path.insert(0, str(tmp_path))
    before = sys.modules["json"]
    assert run("check", "json.py:wrong").code == 1
    assert sys.modules["json"] is before
