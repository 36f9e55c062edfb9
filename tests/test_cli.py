"""The command `gradcheck`: what it prints where, and with which code it exits."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck import GradientError, Report, __version__, check_gradients, cli, networks
from gradcheck.cli import main
from gradcheck.replay import write
from gradcheck.strategies import Case

MODELS = """
import numpy as np

X = np.array([0.5, -1.5, 2.5])


def cube(x):
    return float((x**3).sum())


def right(x):
    return 3 * x**2


def twice(x):
    return 3 * x**2 * np.array([1, 2, 1])


def flat(x):
    return 1.0


def nothing(x):
    return np.zeros(3)


def raises(x):
    raise ZeroDivisionError("of mine")


def restless(x, calls=[0]):
    calls[0] += 1
    return float(calls[0] + x.sum())


wrong = cube, X, {"grad": twice}
fine = [cube, X, {"grad": right, "seed": 3}]
untested = flat, X, {"grad": nothing}
broken = raises, X, {"grad": right}
unsteady = restless, X, {"grad": right}
misspelt = cube, X, {"gard": right}
incomplete = cube, X
spelled_out = {"model": cube, "args": (X,), "grad": right}
no_model = {"args": (X,)}
not_a_model = 3


class Holder:
    recipe = staticmethod(lambda: fine)


def recipe():
    return wrong


def hungry(x):
    return wrong


def failing():
    return {}["absent"]


class Net:
    def __init__(self, factor):
        self.params, self.factor = {"w": X.copy()}, factor

    def loss(self, p):
        w = self.params["w"]
        return float((w**2 * p["a"]).sum()), {"w": self.factor * w * p["a"]}


net = Net(2), {"a": X}  # a dict that is data, not keywords
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with some models; return code, stdout and stderr."""
    (tmp_path / "models.py").write_text(MODELS)
    (tmp_path / "faulty.py").write_text("import numpy\nimport absent_module\n")
    (tmp_path / "unreadable.py").write_text("x = = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("models", "faulty", "unreadable"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    def command(*argv):
        try:
            code = main(argv)
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err)

    yield command
    for name in ("models", "faulty", "unreadable"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("target", "code", "verdict"),
    [
        ("models:wrong", 1, "WRONG  cube"),
        ("models:recipe", 1, "WRONG  cube"),
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
        ("models", "'models' is not of the form package.module:object"),
        ("models:", "'models:' is not of the form package.module:object"),
        ("models:absent", "AttributeError: module 'models' has no attribute 'absent'"),
        ("absent_module:x", "ModuleNotFoundError: No module named 'absent_module'"),
        ("models:failing", "KeyError: 'absent'"),
        ("models:misspelt", "gard"),
        ("models:no_model", "models:no_model: a dict needs the keys 'model'"),
        ("models:incomplete", "gradcheck: "),
        ("models:not_a_model", "gradcheck: "),
        ("models:hungry", "gradcheck: "),
    ],
)
def test_what_cannot_be_checked_exits_with_2(run, target, message):
    """A sentence on stderr, nothing on stdout."""
    done = run("check", target)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "gradcheck/cli.py" not in done.err


@pytest.mark.parametrize(
    ("target", "place", "message"),
    [
        ("faulty:x", 'faulty.py", line 2', "No module named 'absent_module'"),
        ("unreadable:x", 'unreadable.py", line 1', "SyntaxError"),
        ("models:failing", "in failing", "KeyError: 'absent'"),
    ],
)
def test_an_error_of_the_user_is_shown_as_his_own(run, target, place, message):
    """The traceback begins in the user's file: no frame of ours, none of the import system."""
    done = run("check", target)
    assert place in done.err
    assert message in done.err
    assert "importlib" not in done.err
    assert "cli.py" not in done.err


def test_an_exception_of_the_function_is_shown_with_its_line(run):
    """A function that raises cannot be checked: its own error on stderr, the report on stdout."""
    done = run("check", "models:broken")
    assert done.code == 2
    assert "ZeroDivisionError: of mine" in done.err
    assert "in raises" in done.err
    assert done.out.startswith("BROKEN  raises")


def test_the_option_seed_is_the_last_word(run):
    """What is typed now counts more than what the object says."""
    assert "seed 3;" in run("check", "models:fine").out
    assert "seed 9;" in run("check", "models:fine", "--seed", "9").out
    assert "seed 9;" in run("check", "models:wrong", "--seed=9").out


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("text", "WRONG  cube"),
        ("markdown", "# WRONG: `cube`"),
        ("json", '{\n "schema": 1'),
        ("csv", "tensor,index,kind"),
        ("html", "<!DOCTYPE html>"),
    ],
)
def test_the_report_is_printed_in_the_form_asked_for(run, form, beginning):
    """Results go to stdout, so that they can be piped."""
    done = run("check", "models:wrong", "--format", form)
    assert done.code == 1
    assert done.out.startswith(beginning)


def test_the_output_goes_to_a_file_by_its_suffix(run, tmp_path):
    """The file has the report, stdout a line on it."""
    done = run("check", "models:wrong", "--output", "cube.json")
    assert (done.code, done.out) == (1, "WRONG  cube: written to cube.json\n")
    assert Report.load(tmp_path / "cube.json").wrong[0].name == "x[1]"


def test_a_form_asked_for_beats_the_suffix(run, tmp_path):
    """Whoever names both wants it so."""
    run("check", "models:wrong", "--output", "cube.log", "--format", "json")
    assert json.loads((tmp_path / "cube.log").read_text())["verdict"] == "WRONG"


@pytest.mark.parametrize(
    ("file", "message"),
    [("cube.pdf", "the suffix chooses the form"), ("absent/cube.md", "No such file or directory")],
)
def test_a_file_that_cannot_be_written_exits_with_2(run, file, message):
    """The reason on stderr."""
    done = run("check", "models:fine", "--output", file)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("argv", [(), ("dance",), ("check",), ("check", "models:fine", "--seed", "x"), ("demo", "x")])
def test_bad_usage_exits_with_2(run, argv):
    """As every command does."""
    done = run(*argv)
    assert done.code == 2
    assert done.err.startswith("usage: gradcheck")


def test_the_version_and_the_help(run):
    """The version is that of the package; the help names the exit codes."""
    assert run("--version").out == f"gradcheck {__version__}\n"
    assert "5 nothing was checked" in " ".join(run("--help").out.split())


def test_an_interruption_exits_with_130(run, monkeypatch):
    """Ctrl-C is no traceback."""

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_check", interrupt)
    done = run("check", "models:fine")
    assert (done.code, done.out, done.err) == (130, "", "gradcheck: interrupted\n")


def test_an_error_without_a_report_is_still_said(run, monkeypatch):
    """Whatever the checker raises has its sentence on stderr."""

    def fail(*_, **__):
        msg = "beyond help"
        raise GradientError(msg)

    monkeypatch.setattr("gradcheck._check.check_gradients", fail)
    monkeypatch.setattr("gradcheck.check_gradients", fail, raising=False)
    done = run("check", "models:not_a_model")
    assert done.code == 2
    assert "beyond help" in done.err


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Run the demo once, as a newcomer would."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "gradcheck", "demo"],
        cwd=folder,
        text=True,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return SimpleNamespace(folder=folder / "reports", code=done.returncode, out=done.stdout, err=done.stderr)


def test_the_planted_mistake_is_found_and_named(told):
    """The demo exits with 0, having found what it planted."""
    assert (told.code, told.err) == (0, "")
    assert "A mistake is planted, forgotten_mean" in told.out
    assert "layers[0].b[" in told.out
    assert "32 is the batch size" in " ".join(told.out.split())


def test_the_story_fits_two_screens(told):
    """No more than 48 lines of 100 columns."""
    lines = told.out.splitlines()
    assert len(lines) <= 48
    assert max(map(len, lines)) <= 100


def test_every_weight_and_bias_is_measured(told):
    """The table has a line for each entry of the network, and a page explains them."""
    rows = list(csv.DictReader((told.folder / "digits.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 64 * 32 + 32 + 32 * 10 + 10
    assert {row["verdict"] for row in rows} <= {"CORRECT", "UNTESTED"}
    page = (told.folder / "digits.md").read_text(encoding="utf-8")
    assert page.count("## CORRECT") == 2
    assert page.count("## WRONG") == 1
    assert sorted(p.name for p in told.folder.iterdir()) == ["digits.csv", "digits.md"]


def test_it_writes_the_same_bytes_every_time(told, run, tmp_path):
    """Nothing in a report changes from run to run."""
    assert run("demo", "--output", "again").code == 0
    for file in told.folder.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_a_fault_left_in_exits_with_1(run, tmp_path):
    """The network learns with the mistake in it, and the check says so."""
    done = run("demo", "--fault", "forgotten_mean")
    assert done.code == 1
    assert "WRONG  digits, trained" in done.out
    assert (tmp_path / "reports" / "digits-forgotten_mean.md").exists()


def test_an_unknown_fault_is_refused(run, tmp_path):
    """The known ones are named; nothing is written."""
    done = run("demo", "--fault", "gremlins")
    assert (done.code, done.out) == (2, "")
    assert "no fault 'gremlins' is known; those that do fit are forgotten_mean" in done.err
    assert not (tmp_path / "reports").exists()


FUZZ = ("fuzz", "--examples", "6", "--entries", "1")  # one of each family


def test_random_networks_are_checked(run, tmp_path):
    """A table on stdout, nothing on stderr, no folder where nothing failed."""
    done = run(*FUZZ)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].split()[:2] == ["all", "6"]
    assert not (tmp_path / ".gradcheck").exists()
    assert run(*FUZZ).out == done.out


@pytest.fixture
def spoilt(monkeypatch):
    """A library whose dense layers count their biases twice."""
    right = networks.Dense.forward

    def forward(self, x):
        y, way_back = right(self, x)
        return y, lambda dy: (way_back(dy)[0], replace(way_back(dy)[1], b=2 * way_back(dy)[1].b))

    monkeypatch.setattr(networks.Dense, "forward", forward)


def test_a_failing_case_is_written_and_can_be_replayed(run, spoilt, tmp_path):
    """The fuzz exits with 1 and tells how to repeat it; the replay finds the same."""
    done = run(*FUZZ, "--output", "found")
    assert (done.code, done.err) == (1, "")
    case = "Case(layers=(('dense', 1),))"
    assert f"check_gradients(*{case}, entries=1)" in done.out
    path = done.out.split("gradcheck replay ")[1].split()[0]
    assert (tmp_path / path).parent == tmp_path / "found"
    again = run("replay", path)
    assert again.code == 1
    assert again.out.startswith("WRONG  Dense")
    assert again.out.endswith(f"check_gradients(*{case}, entries=1)\n")


def test_planted_mistakes_are_found(run):
    """Each is counted as found."""
    done = run("fuzz", "--examples", "6", "--faulty", "--quiet")
    assert (done.code, done.err) == (0, "")
    assert "planted faults: " in done.out
    assert " found" in done.out


def test_a_missed_mistake_exits_with_1(run, monkeypatch):
    """The checker failed: its failures are listed."""
    right = check_gradients(lambda x: x @ x, np.ones(2), grad=lambda x: 2 * x)
    monkeypatch.setattr("gradcheck.fuzz.check_gradients", lambda *_, **__: right)
    done = run("fuzz", "--examples", "6", "--faulty", "--layers")
    assert done.code == 1
    assert "\nMISSED  " in done.out
    assert "fault=(" in done.out


def test_a_crash_exits_with_2(run, monkeypatch):
    """There is nothing to say of the gradient."""

    def crash(*_, **__):
        raise ZeroDivisionError(3)

    monkeypatch.setattr("gradcheck.fuzz.check_gradients", crash)
    done = run(*FUZZ)
    assert done.code == 2
    assert "\nZeroDivisionError  3" in done.out


def test_an_interrupted_fuzz_exits_with_130_and_what_it_has(run, monkeypatch):
    """The table has the networks that were checked by then."""
    checked = []

    def interrupt(*args, **keywords):
        checked.append(args)
        if len(checked) == 3:
            raise KeyboardInterrupt
        return check_gradients(*args, **keywords)

    monkeypatch.setattr("gradcheck.fuzz.check_gradients", interrupt)
    done = run(*FUZZ)
    assert done.code == 130
    assert done.out.splitlines()[-1].split()[:2] == ["all", "2"]
    assert done.err == "gradcheck: interrupted after 2 of 6 networks\n"


@pytest.mark.parametrize("options", [("--examples", "0"), ("--examples", "x"), ("--seed", "x"), ("--entries", "most")])
def test_a_fuzz_that_makes_no_sense_exits_with_2(run, options):
    """In words, before anything is checked."""
    done = run("fuzz", *options)
    assert (done.code, done.out) == (2, "")
    assert done.err


@pytest.mark.parametrize(
    ("text", "message"), [(None, "No such file"), ("{}", "is no case that `gradcheck fuzz` wrote")]
)
def test_a_replay_of_nothing_exits_with_2(run, tmp_path, text, message):
    """The reason on stderr."""
    if text is not None:
        (tmp_path / "case.json").write_text(text)
    done = run("replay", "case.json")
    assert (done.code, done.out) == (2, "")
    assert message in done.err


def test_a_case_that_cannot_be_built_is_shown(run, tmp_path):
    """Its own error, and the exit code 2."""
    path = write(Case(("row", 2), (("dropout", 2.0),)), {}, "ValueError", tmp_path)
    done = run("replay", str(path))
    assert done.code == 2
    assert "gradcheck: the case cannot be built" in done.err


@pytest.mark.parametrize("command", ["demo", "explain"])
def test_a_reader_that_has_seen_enough_is_not_complained_of(command):
    """As in `gradcheck demo | head`."""
    code = (
        "import sys, types\n"
        "def enough(*_):\n    raise BrokenPipeError(32, 'Broken pipe')\n"
        f"sys.modules['gradcheck.{command}'] = types.SimpleNamespace({command}=enough)\n"
        f"from gradcheck.cli import main; sys.exit(main(['{command}']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
