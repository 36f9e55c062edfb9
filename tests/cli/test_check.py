"""`gradcheck check`: what it finds, what it prints where, and with which code it exits."""

from __future__ import annotations

import json
import sys

import pytest

from gradcheck import GradientError, Report, Run, Verdict, check_gradients


@pytest.mark.parametrize(
    ("target", "code", "verdict"),
    [
        ("models:wrong", 1, "WRONG  cube"),
        ("models:recipe", 1, "WRONG  cube"),
        ("models.py:wrong", 1, "WRONG  cube"),
        ("models:fine", 0, "CORRECT  cube"),
        ("models:Holder.recipe", 0, "CORRECT  cube"),
        ("models:spelled_out", 0, "CORRECT  cube"),
        ("models:net", 0, "CORRECT  Net"),
        ("models:untested", 5, "UNTESTED  flat"),
        ("models:unsteady", 2, "BROKEN  restless"),
    ],
)
def test_the_exit_code_says_what_was_found(run, target, code, verdict):
    """1 wrong, 0 not wrong, 5 nothing was checked, 2 could not check; the table on stdout."""
    done = run("check", target)
    assert (done.code, done.out[: len(verdict)], done.err) == (code, verdict, "")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("models:", "'models:' is not of the form package.module:object or path/to/file.py:object"),
        ("models:absent", "'models:absent' names nothing: there is no 'absent'; models has wrong, fine, untested"),
        ("models:Holder.absent", "'models:Holder.absent' names nothing: there is no 'absent'"),
        ("absent_module:x", "ModuleNotFoundError: No module named 'absent_module'"),
        ("models.wrong", "if 'wrong' is an object in the module 'models', write models:wrong"),
        ("absent.py:x", "gradcheck: there is no file 'absent.py'"),
        (".", "'.' is a folder; name package.module:object or path/to/file.py:object"),
        ("absent/", "'absent/' is neither a module nor a file of Python; name package.module:object"),
        (".models:wrong", "'.models' is neither a module nor a file of Python"),
        ("models:_nothing", "models:_nothing was called and returned None; let it return (model, *inputs)"),
        ("models:failing", "KeyError: 'absent'"),
        ("models:leaving", "SystemExit"),
        ("leaving:x", "SystemExit"),
        ("models:misspelt", "gard"),
        ("models:no_model", "models:no_model: a dict needs the keys 'model'"),
        ("models:incomplete", "gradcheck: "),
        ("models:not_a_model", "gradcheck: "),
        ("models:hungry", "gradcheck: "),
    ],
)
def test_what_cannot_be_checked_exits_with_2(run, target, message):
    """A sentence on stderr, nothing on stdout, no frame of ours."""
    done = run("check", target)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "gradcheck/cli" not in done.err


@pytest.mark.parametrize(
    ("target", "place", "message"),
    [
        ("faulty:x", 'faulty.py", line 2', "No module named 'absent_module'"),
        ("faulty.py:x", 'faulty.py", line 2', "No module named 'absent_module'"),
        ("unreadable:x", 'unreadable.py", line 1', "SyntaxError"),
        ("unreadable.py", 'unreadable.py", line 1', "SyntaxError"),
        ("models:failing", "in failing", "KeyError: 'absent'"),
    ],
)
def test_an_error_of_the_user_is_shown_as_his_own(run, target, place, message):
    """The traceback begins in the user's file: no frame of ours, none of the import system."""
    done = run("check", target)
    assert place in done.err
    assert message in done.err
    assert "importlib" not in done.err
    assert "gradcheck/cli" not in done.err


def test_an_exception_of_the_function_is_shown_with_its_line(run):
    """A function that raises cannot be checked: its own error on stderr, the report on stdout."""
    done = run("check", "models:broken")
    assert done.code == 2
    assert "ZeroDivisionError: of mine" in done.err
    assert "in raises" in done.err
    assert done.out.startswith("BROKEN  raises")


def test_each_case_is_checked_on_its_own(run):
    """A row for each, under its name, worst first; one that raises does not stop the others."""
    done = run("check", "models:cases")
    assert done.code == 1
    assert done.out.startswith("WRONG  models:cases: 1 wrong, 3 broken, 2 correct\n")
    rows = [line.split() for line in done.out.splitlines()[4:10]]
    assert [row[0] for row in rows] == [f"models:cases[{name}]" for name in ("named", 2, 3, 4, 0, 5)]
    assert [row[-1] for row in rows] == ["WRONG"] + 3 * ["BROKEN"] + 2 * ["CORRECT"]
    assert "ZeroDivisionError: of mine" in done.err
    assert "gradcheck: models:cases[3]: gard= is no keyword" in done.err
    assert "a dict needs the keys 'model'" in done.err


@pytest.mark.parametrize("target", ["models", "models.py", "./models.py"])
def test_a_module_alone_is_searched_for_cases(run, target):
    """They are found in a module and in a file."""
    done = run("check", target, "--format", "json")
    tests = [check["test"] for check in json.loads(done.out)["checks"]]
    assert tests[:2] == [f"{target}:cases[0]", f"{target}:cases[named]"]


def test_a_module_without_cases_says_what_it_has(run, tmp_path):
    """So that the object can be named."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("pair = len, 3\nnumber = 3\ndef make(): pass\n")
    done = run("check", "package")
    assert done.code == 2
    assert done.err == "gradcheck: 'package' names nothing: there is no 'cases'; package has pair, make\n"


@pytest.mark.parametrize(
    ("target", "tests"),
    [
        ("models:named", ["models:named[first]", "models:named[second]"]),
        ("models:listed", ["models:listed[0]", "models:listed[1]"]),
    ],
)
def test_cases_may_be_a_list_or_a_dict(run, target, tests):
    """The names are those of the dict, or numbers."""
    done = run("check", target, "--format", "json")
    assert [check["test"] for check in json.loads(done.out)["checks"]] == tests


def test_cases_may_be_those_of_a_parametrised_test(run, tmp_path):
    """What pytest.param holds, under its id."""
    more = "import pytest\nfrom models import *\ncases = [pytest.param(*wrong, id='bad'), pytest.param(fine)]\n"
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text(more)
    run("check", "package", "--output", "run.json")
    found = {check.test: check.report.verdict for check in Run.load("run.json").checks}
    assert found == {"package:cases[bad]": Verdict.WRONG, "package:cases[1]": Verdict.CORRECT}


MARKED = """
import pytest
from models import wrong, fine
skip, skipif, usual = pytest.mark.skip, pytest.mark.skipif, pytest.mark.filterwarnings("ignore")
cases = [
    pytest.param(*wrong, id="later", marks=skip(reason="not yet")),
    pytest.param(*wrong, id="never", marks=[usual, skipif(True, reason="no GPU")]),
    pytest.param(*fine, id="always", marks=skipif(False, reason="no GPU")),
]
refused = [
    pytest.param(*wrong, id="known", marks=pytest.mark.xfail),
    pytest.param(*wrong, id="worded", marks=skipif("sys.version_info > (3,)", reason="-")),
]
"""


def test_a_case_that_is_marked_skip_is_skipped_aloud(run, tmp_path):
    """With its reason, on stderr; other marks that select tests say nothing here."""
    (tmp_path / "package.py").write_text(MARKED)
    done = run("check", "package", "--output", "run.json")
    assert done.code == 0
    assert [check.test for check in Run.load("run.json").checks] == ["package:cases[always]"]
    assert done.err.splitlines() == [
        "gradcheck: package:cases[later]: skipped: not yet",
        "gradcheck: package:cases[never]: skipped: no GPU",
    ]


def test_a_mark_that_only_pytest_understands_is_refused(run, tmp_path):
    """The case is broken, the others are checked."""
    (tmp_path / "package.py").write_text(MARKED)
    done = run("check", "package:refused")
    assert done.code == 2
    assert "gradcheck: package:refused[known]: it is marked xfail, and a command expects no failure" in done.err
    assert "gradcheck: package:refused[worded]: its skipif has a condition in words" in done.err


def test_cases_of_one_name_are_told_apart(run, tmp_path):
    """By a number."""
    (tmp_path / "package.py").write_text("from models import fine\ncases = [('a', fine), ('a', fine), ('b', fine)]\n")
    run("check", "package", "--output", "run.json")
    assert [check.test[8:] for check in Run.load("run.json").checks] == ["cases[a]", "cases[a-2]", "cases[b]"]


def test_an_object_that_cannot_be_looked_at_is_shown(run, tmp_path):
    """The exception is the user's, and the others are checked all the same."""
    source = "class Shy:\n    def __getattr__(self, name):\n        raise RuntimeError('go away')\n"
    (tmp_path / "package.py").write_text(f"from models import X, fine\n{source}cases = [(Shy(), X), fine]\n")
    done = run("check", "package")
    assert done.code == 2
    assert "gradcheck: package:cases[0]: it cannot be checked: RuntimeError: go away" in done.err
    assert "1 broken, 1 correct" in done.out


@pytest.mark.parametrize("target", ["models:empty", "package:cases"])
def test_no_cases_is_nothing_checked(run, target, tmp_path):
    """Exit code 5, as of pytest; a dict may be as empty as a list."""
    (tmp_path / "package.py").write_text("cases = {}\n")
    done = run("check", target)
    assert done.code == 5
    assert "no check was made" in done.out


def test_cases_that_end_in_an_error_keep_what_was_checked(run):
    """The rest is a row that is broken, the error on stderr."""
    done = run("check", "models:halting")
    assert done.code == 2
    assert "KeyError: 'halfway'" in done.err
    assert "gradcheck: models:halting raised KeyError after 1 case\n" in done.err
    assert "models:halting raised KeyError after 1 case" in done.out
    assert "1 broken, 1 correct" in done.out


def test_several_targets_are_one_run(run):
    """One that cannot be loaded does not stop the others."""
    done = run("check", "models:absent", "models:wrong", "models:fine", "--output", "run.json")
    assert done.code == 1
    assert "gradcheck: models:absent: 'models:absent' names nothing" in done.err
    verdicts = {check.test: check.report.verdict for check in Run.load("run.json").checks}
    assert verdicts == {
        "models:absent": Verdict.BROKEN,
        "models:wrong": Verdict.WRONG,
        "models:fine": Verdict.CORRECT,
    }


def test_an_interruption_shows_what_was_checked_by_then(run):
    """Exit code 130, and a table."""
    done = run("check", "models:stopped")
    assert done.code == 130
    assert "WRONG  models:stopped: 1 wrong, 1 correct" in done.out
    assert done.err == "gradcheck: interrupted after 2 cases\n"


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


def test_what_the_user_prints_is_no_result(run):
    """It goes to stderr, so that JSON stays JSON."""
    done = run("check", "models:chatty", "--format", "json")
    assert done.err == "of mine\n"
    assert json.loads(done.out)["verdict"] == "CORRECT"


def test_the_option_seed_is_the_last_word(run):
    """What is typed now counts more than what the object says."""
    assert "seed 3;" in run("check", "models:fine").out
    assert "seed 9;" in run("check", "models:fine", "--seed", "9").out
    assert "seed 9;" in run("check", "models:wrong", "--seed=9").out


@pytest.mark.parametrize(
    ("argv", "keywords"),
    [
        ((), {}),
        (("--seed", "7"), {"seed": 7}),
        (("--entries", "5"), {"entries": 5}),
        (("--entries", "all"), {"entries": "all"}),
        (("--wrt", "x", "--wrt", "W*"), {"wrt": ["x", "W*"]}),
        (("--rtol", "1e-4"), {"rtol": 1e-4}),
        (("--neighbours", "0"), {"neighbours": 0}),
        (("--order", "2"), {"order": 2}),
        (("--precision", "as-is"), {"precision": "as-is"}),
        (("--workers", "2"), {"workers": 2}),
        (("--workers", "joblib"), {"workers": "joblib"}),
        (("--quiet",), {"progress": False}),
    ],
)
def test_an_option_is_a_keyword(run, monkeypatch, argv, keywords):
    """Each reaches check_gradients as it is called there, and nothing else does."""
    seen = {}

    def spy(model, *args, grad, **given):
        seen.update(given)
        return check_gradients(model, *args, grad=grad)

    monkeypatch.setattr("gradcheck.check_gradients", spy, raising=False)
    assert run("check", "models:wrong", *argv).code == 1
    assert seen == keywords


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--seed", "x"), "argument --seed: write a whole number, 0 or more, not 'x'"),
        (("--seed=-1",), "argument --seed: write a whole number, 0 or more, not '-1'"),
        (("--entries", "0"), "argument --entries: write auto, all, or how many entries of each tensor, not '0'"),
        (("--entries", "most"), "argument --entries: write auto, all, or how many"),
        (("--workers", "0"), "argument --workers: write how many processes, or joblib, not '0'"),
        (("--rtol", "2"), "argument --rtol: write a number between 0 and 1, such as 1e-4, not '2'"),
        (("--rtol", "x"), "argument --rtol: write a number between 0 and 1"),
        (("--order", "3"), "argument --order: write 1 or 2, not '3'"),
        (("--format", "latex"), "argument --format: invalid choice"),
    ],
)
def test_an_option_that_makes_no_sense_says_what_to_write(run, argv, message):
    """In words, before anything is checked."""
    done = run("check", "models:wrong", *argv)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("target", "code", "strict"),
    [("wrong", 1, 1), ("fine", 0, 0), ("idle", 0, 2), ("untested", 5, 5), ("unsteady", 2, 2)],
)
def test_strict_lets_nothing_untested_pass(run, target, code, strict):
    """Entries that nothing moves fail as well; what failed before fails as it did."""
    assert run("check", f"models:{target}").code == code
    assert run("check", f"models:{target}", "--strict").code == strict


def test_quiet_says_nothing_while_all_is_right(run):
    """The exit code does; a wrong gradient is shown all the same."""
    assert run("check", "models:fine", "--quiet").out == ""
    assert run("check", "models:wrong", "--quiet").out.startswith("WRONG  cube")
    assert run("check", "models:idle", "--quiet", "--strict").out.startswith("UNTESTED  half_idle")


def test_quiet_gives_what_was_asked_for(run, tmp_path):
    """A form that was named is printed, a file written, without a line on it."""
    assert json.loads(run("check", "models:fine", "--quiet", "--format", "json").out)["verdict"] == "CORRECT"
    assert run("check", "models:fine", "--quiet", "--output", "fine.json").out == ""
    assert Report.load(tmp_path / "fine.json").verdict is Verdict.CORRECT


def test_an_error_without_a_report_is_still_said(run, monkeypatch):
    """Whatever the checker raises has its sentence on stderr."""

    def fail(*_, **__):
        msg = "beyond help"
        raise GradientError(msg)

    monkeypatch.setattr("gradcheck.check_gradients", fail, raising=False)
    done = run("check", "models:not_a_model")
    assert done.code == 2
    assert "beyond help" in done.err
