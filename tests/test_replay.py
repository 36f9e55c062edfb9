"""Failing cases: written by `gradcheck fuzz` or by a failing test, recalled, and told in a line of code."""

from __future__ import annotations

import importlib
import json
import random
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest
from damage import damaged
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck import GradientError, Verdict, assert_gradients, check_gradients
from gradcheck._cases.save import Where, told
from gradcheck._cli.main import main
from gradcheck.networks import Chain, Dense
from gradcheck.replay import command, recall, write
from gradcheck.strategies import Case

CASE = Case(("row", 2), (("dense", 3), ("residual", (("tanh",),))), "squares", batch=2, fault=("bias_twice", 0))
X = np.array([0.5, -1.5, 2.5])


def cube(x):
    return float((x**3).sum())


def twice(x):
    return 3 * x**2 * np.array([1, 2, 1])


def saved(root, *args, **keywords):
    """Check, fail, and write the case into a project; return its path."""
    with pytest.raises(GradientError) as caught:
        assert_gradients(*args, **keywords)
    where = Where("test_it.py::test", "test_it.py:3", root)
    return told(args, keywords, caught.value, where).write(root / ".gradcheck" / "cases")


def test_a_wrong_gradient_is_found_again(tmp_path):
    """Function, arguments and keywords are what they were."""
    case = recall(saved(tmp_path, cube, X, grad=twice, seed=3))
    (model, x), keywords = case.model(), case.keywords
    assert (model, keywords) == (cube, {"grad": twice, "seed": 3})
    assert np.array_equal(x, X)
    report = check_gradients(*case.model(), **keywords)
    assert [entry.name for entry in report.wrong] == ["x[1]"]
    assert (case.test, case.folder) == ("test_it.py::test", tmp_path)


def test_the_source_repeats_it(tmp_path):
    """Pasted, it ends in the same verdict."""
    *lines, last = recall(saved(tmp_path, cube, X, grad=twice)).source.splitlines()
    names = {}
    exec("\n".join(lines), names)
    assert eval(last, names).verdict is Verdict.WRONG


def test_a_case_that_holds_code_is_repeated_by_its_test(tmp_path):
    """The reason is given, and the seed."""
    case = recall(saved(tmp_path, lambda x: cube(2 * x), X, grad=twice, seed=3))
    assert case.model is None
    assert case.keywords == {"seed": 3}
    assert case.source.startswith("pytest test_it.py::test --gradcheck-seed=3  # model is ")
    assert "<lambda>" in case.source


@dataclass(frozen=True)
class Twice(Dense):
    """Counts its bias twice."""

    def forward(self, x):
        y, backward = super().forward(x)

        def wrong(dy):
            dx, grad = backward(dy)
            return dx, replace(grad, b=2 * grad.b)

        return y, wrong


def test_a_network_is_found_again(tmp_path):
    """Its weights lie in the npz, under the names that the report has."""
    path = saved(tmp_path, Chain((Twice(np.ones((3, 2)), np.ones(2)), Dense(np.ones((2, 1)), np.ones(1)))), X[None])
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
        assert set(arrays) == {"args[0]", *(f"model.layers[{n}].{p}" for n in (0, 1) for p in "Wb")}
    case = recall(path)
    report = check_gradients(*case.model(), **case.keywords)
    assert {t.name for t in report.tensors.values() if t.wrong} == {"layers[0].b"}


MINE = "def f(x): return float((x**3).sum())\ndef df(x): return {factor} * x**2\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Write a module of a user's, save a case of it, and forget the module; return its path and the case's."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)

    def forget():
        for name in set(sys.modules) - before:  # of the user's own: a second copy of anything else is another thing
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
                del sys.modules[name]

    def make(file="mine.py"):
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(MINE.format(factor=6))
        sys.path.insert(0, str(tmp_path))
        module = importlib.import_module(".".join(Path(file).with_suffix("").parts))
        case = saved(tmp_path, module.f, X, grad=module.df)
        sys.path.remove(str(tmp_path))
        forget()
        return path, case

    make.forget = forget
    yield make
    forget()


@pytest.mark.parametrize("file", ["mine.py", "inner/mine_too.py"])
def test_the_modules_of_the_project_are_found(project, file):
    """From where they lie, wherever we are; and what was mended there since is right."""
    path, case = project(file)
    recalled = recall(case)
    assert check_gradients(*recalled.model(), **recalled.keywords).verdict is Verdict.WRONG
    project.forget()
    path.write_text(MINE.format(factor="(1 + 2)"))
    recalled = recall(case)
    assert check_gradients(*recalled.model(), **recalled.keywords).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit", "SystemExit"),
        ("def g(): pass", "ValueError: mine has no f"),
        (None, "ModuleNotFoundError: No module named 'mine'"),
    ],
)
def test_a_module_that_cannot_be_imported_leaves_the_test(project, source, reason):
    """Whatever its import raises is only the reason."""
    path, case = project()
    path.unlink() if source is None else path.write_text(source)
    recalled = recall(case)
    assert recalled.model is None
    assert reason in recalled.source


def test_a_module_of_the_same_name_is_not_mistaken(project, tmp_path):
    """Another folder's is another module."""
    _, case = project()
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.py").write_text(MINE.format(factor=3))
    sys.path.insert(0, str(other))
    importlib.import_module("mine")
    recalled = recall(case)
    assert recalled.model is None
    assert "mine is not mine.py here but" in recalled.source


def test_without_its_arrays_a_case_is_repeated_by_its_test(tmp_path):
    """The JSON names it still."""
    path = saved(tmp_path, cube, X, grad=twice)
    path.with_suffix(".npz").unlink()
    assert recall(path).model is None


def test_a_case_whose_arrays_are_damaged_is_refused(tmp_path):
    """Nothing is run for a file that may be anybody's."""
    path = saved(tmp_path, cube, X, grad=twice)
    path.with_suffix(".npz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"is not a case written by gradcheck: .*npz is not a file of arrays"):
        recall(path)


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("seed", "Infinity", "Infinity is not a number in JSON"),
        ("seed", '"inf"', "invalid literal"),
        ("seed", "1e999", "cannot convert float infinity"),
        ("test", r'"\ud800"', "is not the name of a test"),
        ("test", r'"a\u0000"', "is not the name of a test"),
    ],
)
def test_a_case_that_says_what_nobody_wrote_is_refused(tmp_path, place, value, message):
    """Where, and why."""
    path = saved(tmp_path, cube, X, grad=twice)
    told = json.loads(path.read_text()) | {place: "here"}
    path.write_text(json.dumps(told).replace('"here"', value))
    with pytest.raises(ValueError, match=f"is not a case written by gradcheck: .*{message}"):
        recall(path)


def test_half_a_character_in_a_name_is_kept(tmp_path):
    """Of a key, such as a file's name that no encoding has: the case is written, and read again."""

    def wrong(p):
        return {"\ud800": twice(p["\ud800"])}

    with pytest.raises(GradientError) as caught:
        assert_gradients(lambda p: cube(p["\ud800"]), {"\ud800": X}, grad=wrong)
    where = Where("test_it.py::test", "test_it.py:3", tmp_path)
    path = told((cube, {"\ud800": X}), {"grad": twice}, caught.value, where).write(tmp_path)
    _, point = recall(path).model()
    assert [*point] == ["\ud800"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return a case of each kind, as JSON and arrays: of a function, of code that no file holds, and of a fuzz."""
    folder = tmp_path_factory.mktemp("pages")
    paths = [
        saved(folder, cube, X, grad=twice, entries=2, wrt=["x"]),
        saved(folder, lambda x: cube(x), X, grad=twice),  # noqa: PLW0108
        write(CASE, {"entries": 1}, "WRONG", folder),
    ]
    return [(path.read_text(), path.with_suffix(".npz")) for path in paths]


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_a_damaged_case_is_refused_or_replayed(pages, seed):
    """With the exit code 0, 1 or 2, and no traceback, whatever became of the file."""
    rng = random.Random(seed)
    text, arrays = rng.choice(pages)
    path = arrays.with_name("damaged.json")
    path.write_bytes(damaged(text, rng))
    path.with_suffix(".npz").write_bytes(arrays.read_bytes() if arrays.exists() else b"")
    err = StringIO()
    with (
        mock.patch("subprocess.run", return_value=SimpleNamespace(returncode=2, stdout="")),
        redirect_stdout(StringIO()),
        redirect_stderr(err),
        warnings.catch_warnings(action="ignore"),
    ):
        assert main(["replay", str(path)]) in {0, 1, 2, 5}
    assert "gradcheck/_" not in err.getvalue()


def test_the_name_of_a_case_may_be_cut_short(tmp_path, monkeypatch):
    """Without suffix, with that of the arrays, its beginning alone, and without the folder in the project's own."""
    path = saved(tmp_path, cube, X, grad=twice)
    monkeypatch.chdir(tmp_path)
    for said in (path, path.with_suffix(""), path.with_suffix(".npz"), path.with_name(path.name[:3]), path.name[:3]):
        assert recall(Path(said)).test == "test_it.py::test"


def test_a_beginning_of_several_names_is_refused(tmp_path):
    """All of them are named."""
    for name in ("abc1", "abc2"):
        (tmp_path / f"{name}.json").write_text("{}")
    with pytest.raises(ValueError, match=r"abc may be any of abc1\.json, abc2\.json; write more of its name"):
        recall(tmp_path / "abc")
    with pytest.raises(ValueError, match=r"there is no case .*xyz; there are abc1, abc2"):
        recall(tmp_path / "xyz")


def test_a_case_of_fuzz_comes_back(tmp_path):
    """It is the same, with the keywords of its check, and the line of code that checks it."""
    path = write(CASE, {"entries": 5}, "MISSED", tmp_path / "a" / "b")
    case = recall(path)
    model, *xs = case.model()
    assert type(model).__name__ == "Cost"
    assert np.array_equal(xs[0], list(CASE)[1])
    assert case.keywords == {"entries": 5}
    assert (case.test, case.folder) == ("", None)
    assert case.source.endswith(command(CASE, {"entries": 5}))
    assert json.loads(path.read_text())["failure"] == "MISSED"


def test_the_name_is_made_of_what_it_says(tmp_path):
    """The same case has the same name, another one another."""
    first, again = (write(CASE, {}, "WRONG", tmp_path) for _ in range(2))
    other = write(Case(), {}, "WRONG", tmp_path)
    assert first == again != other
    assert sorted(tmp_path.iterdir()) == sorted([first, other])
    first, again = (saved(tmp_path, cube, X, grad=twice) for _ in range(2))
    assert first == again != saved(tmp_path, cube, 2 * X, grad=twice)


GOOD = {
    "schema": 2, "test": "t", "seed": 0, "untold": [], "modules": {},
    "check": {"model": 1, "args": [], "keywords": {}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Expecting value"),
        ("[]", "is not a case written by gradcheck"),
        ("{}", "it lacks 'schema'"),
        ('{"schema": 3}', "it has the schema 3, this version of gradcheck reads 1 to 2"),
        ('{"schema": 2}', "it lacks 'test'"),
        ('{"schema": 1, "keywords": {}, "case": {"layers": [["densest"]]}}', "no layer is of the kind"),
        ('{"schema": 1, "keywords": 3, "case": {}}', "is not a case written by gradcheck"),
        (json.dumps(GOOD | {"check": 3}), "is not a case written by gradcheck"),
        (json.dumps(GOOD | {"seed": "x"}), "is not a case written by gradcheck"),
        (json.dumps(GOOD | {"modules": 3}), "is not a case written by gradcheck"),
        (json.dumps(GOOD | {"check": {"model": 1}}), "it lacks 'args'"),
        (json.dumps(GOOD | {"test": "-pmischief"}), "'-pmischief' is not the name of a test"),
        (json.dumps(GOOD | {"test": "@options"}), "'@options' is not the name of a test"),
        ("[" * 100_000, "is not a case written by gradcheck: "),
    ],
)
def test_what_is_no_case_is_refused(tmp_path, text, message):
    """The message says what is amiss, and with which file."""
    path = tmp_path / "case.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        recall(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("file", ["{tmp_path}/mischief.py", "../mischief.py", "a/../../mischief.py"])
def test_no_file_outside_of_the_project_is_imported(tmp_path, file):
    """Whatever the case says."""
    (tmp_path / "mischief.py").write_text("raise SystemExit('imported')\n")
    path = saved(tmp_path / "project", cube, X, grad=twice)
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"modules": {"mischief": file.format(tmp_path=tmp_path)}}))
    recalled = recall(path)
    assert recalled.model is None
    assert "mischief.py is not a file of the project" in recalled.source


@pytest.mark.parametrize("name", [".", "", "/", "folder"])
def test_a_folder_is_no_case(tmp_path, monkeypatch, name):
    """Nor is it taken for the beginning of the only one that there is."""
    monkeypatch.chdir(tmp_path)
    write(CASE, {}, "WRONG", tmp_path / "folder")
    with pytest.raises(ValueError, match="is a folder; write the name of a case"):
        recall(Path(name))


def test_a_mark_at_the_beginning_of_a_file_does_no_harm(tmp_path):
    """Some editors write one."""
    path = write(CASE, {}, "WRONG", tmp_path)
    path.write_text(path.read_text(), encoding="utf-8-sig")
    assert recall(path).source.endswith(command(CASE, {}))


def test_the_usual_folder_is_kept_from_version_control(tmp_path):
    """As that of failing tests is; another one is left as it is."""
    write(CASE, {}, "WRONG", tmp_path / ".gradcheck" / "cases")
    assert (tmp_path / ".gradcheck" / ".gitignore").read_text() == "*\n"
    write(CASE, {}, "WRONG", tmp_path / "other" / "cases")
    assert not (tmp_path / "other" / ".gitignore").exists()


def test_a_file_that_is_not_text_is_refused(tmp_path):
    """As any other that is no case."""
    path = tmp_path / "case.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not a case written by gradcheck"):
        recall(path)


def test_the_command_checks_the_case():
    """Pasted after two imports it finds what was found."""
    line = command(CASE, {"entries": 2, "neighbours": 0})
    assert line.endswith(", entries=2, neighbours=0)")
    assert eval(line, {"check_gradients": check_gradients, "Case": Case}).verdict is Verdict.WRONG
