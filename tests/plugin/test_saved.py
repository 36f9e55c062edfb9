"""Failing checks are saved below .gradcheck/cases, and the message says how to repeat them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gradcheck import Verdict, check_gradients
from gradcheck.replay import recall

WRONG = "def test(gradcheck):\n    gradcheck(cube, X, grad=twice, entries='all')"


@pytest.fixture
def cases(pytester):
    """Return the cases that were saved."""
    return lambda: sorted((pytester.path / ".gradcheck" / "cases").glob("*.json"))


@pytest.fixture
def repeated(cases, pytester, monkeypatch):
    """Return the report of the one case that was saved, built from its file and checked again."""

    def report():
        monkeypatch.syspath_prepend(pytester.path)
        (path,) = cases()
        case = recall(path)
        assert case.model is not None, case.source
        return check_gradients(*case.model(), **case.keywords)

    return report


def test_a_wrong_gradient_is_saved_and_found_wrong_again(run, cases, repeated):
    """The last line of the message, the tenth at most, is the command; its file holds the call."""
    result = run(WRONG)
    (path,) = cases()
    message = [line for line in result.outlines if line.startswith("E ")]
    assert message[-1].split() == ["E", "repeat", "gradcheck", "replay", f".gradcheck/cases/{path.name}"]
    assert len(message) <= 10
    assert repeated().wrong[0].name == "x[1]"


def test_the_command_takes_the_place_of_the_tenth_line(run):
    """A message that is long already does not grow longer."""
    result = run("""
def test(gradcheck, monkeypatch):
    monkeypatch.setattr(
        "gradcheck._render.failure.failure_message", lambda _: "\\n".join(f"line {n}" for n in range(10)))
    gradcheck(cube, X, grad=twice)
""")
    message = [line for line in result.outlines if line.startswith("E ")]
    assert len(message) == 10
    assert message[-2].endswith("line 8")
    assert "gradcheck replay" in message[-1]


def test_the_file_says_what_failed(run, cases):
    """Test, line, keywords, seed, verdict and the worst entry; the arrays lie beside it, and are not pickled."""
    run(WRONG, "--gradcheck-seed=3")
    (path,) = cases()
    told = json.loads(path.read_text(encoding="utf-8"))
    assert (told["test"], told["call"], told["seed"], told["verdict"]) == (
        "test_it.py::test",
        "test_it.py:5",
        3,
        "WRONG",
    )
    assert told["worst"]["tensor"] == "x"
    assert told["worst"]["index"] == [1]
    assert told["check"]["keywords"] == {"seed": 3, "grad": {"name": "cubes:twice"}, "entries": "all"}
    with np.load(path.with_suffix(".npz"), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["args[0]"], [0.5, -1.5, 2.5])


def test_nothing_is_made_where_nothing_fails(run, pytester):
    """Neither by checks that pass, nor by assert_gradients, nor by a failure that a test expects."""
    run("""
from gradcheck import assert_gradients

def test_right(gradcheck): gradcheck(cube, X, grad=right)

def test_expected(gradcheck):
    with pytest.raises(AssertionError):
        gradcheck(cube, X, grad=twice)

@pytest.mark.xfail
def test_known(gradcheck): gradcheck(cube, X, grad=twice)

def test_without_the_fixture(): assert_gradients(cube, X, grad=twice)
""").assert_outcomes(passed=2, xfailed=1, failed=1)
    assert not (pytester.path / ".gradcheck").exists()


def test_version_control_does_not_see_the_cases(run, pytester):
    """As pytest does with its cache."""
    run(WRONG)
    assert (pytester.path / ".gradcheck" / ".gitignore").read_text() == "*\n"


def test_the_same_failure_has_the_same_name(run, cases):
    """Run again it writes nothing new; another one does."""
    run(WRONG)
    first = cases()
    run(WRONG)
    assert cases() == first
    run(WRONG.replace("X,", "2 * X,"))
    assert len(cases()) == 2


def test_of_a_property_only_the_smallest_example_is_kept(run, cases, repeated):
    """Not the hundreds on the way to it."""
    run("""
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

@settings(derandomize=True, deadline=None, max_examples=50, database=None)
@given(st.integers(1, 1000))
def test(gradcheck, n):
    gradcheck(cube, np.array([float(n), 1.0, 1.0]), grad=twice if n > 9 else right)
""")
    assert len(cases()) == 1
    assert repeated().verdict is Verdict.WRONG
    assert np.array_equal(recall(cases()[0]).model()[1], [10.0, 1.0, 1.0])


def test_networks_are_saved_with_their_weights(run, pytester, repeated):
    """A layer of the user's that counts its bias twice, in a chain of ours below a loss, fails again."""
    pytester.makepyfile(
        layers="""
from dataclasses import dataclass, replace
from gradcheck.networks import Dense

@dataclass(frozen=True)
class Twice(Dense):
    def forward(self, x):
        y, backward = super().forward(x)
        def twice(dy):
            dx, grad = backward(dy)
            return dx, replace(grad, b=2 * grad.b)
        return y, twice
"""
    )
    run("""
from gradcheck.networks import Chain, Cost, CrossEntropy, Dense, Tanh
from layers import Twice

def test(gradcheck):
    rng = np.random.default_rng(0)
    network = Chain((Twice(rng.standard_normal((3, 4)), np.ones(4)), Tanh(), Dense.random(4, 2, rng)))
    gradcheck(Cost(network, CrossEntropy(np.array([0, 1])), decay=0.1), rng.standard_normal((2, 3)))
""")
    assert {t.name for t in repeated().tensors.values() if t.wrong} == {"network.layers[0].b"}


def test_an_object_is_saved_with_its_parameters(run, pytester, repeated):
    """A class of the user's, whose gradient forgets a square."""
    pytester.makepyfile(
        nets="""
import numpy as np

class Net:
    def __init__(self):
        self.params = {"W": np.array([[1.0, 2.0], [3.0, 5.0]]), "b": np.zeros(2)}

    def loss(self, x):
        y = x @ self.params["W"] + self.params["b"]
        return (y**2).sum(), {"W": x.T @ (2 * y), "b": y.sum(axis=0)}
"""
    )
    run("from nets import Net\ndef test(gradcheck): gradcheck(Net(), np.array([[1.0, -2.0]]))")
    report = repeated()
    assert {t.name for t in report.tensors.values() if t.wrong} == {"b"}


def test_what_has_no_name_is_repeated_by_its_test(run, cases):
    """Of a lambda only the arrays can be kept."""
    run("def test(gradcheck):\n    gradcheck(lambda x: cube(x), X, grad=twice)", "--gradcheck-seed=5")
    case = recall(cases()[0])
    assert case.model is None
    assert (case.test, case.keywords) == ("test_it.py::test", {"seed": 5})
    assert "lambda" in case.source
    with np.load(cases()[0].with_suffix(".npz"), allow_pickle=False) as arrays:
        assert list(arrays) == ["args[0]"]


def test_the_path_is_that_from_where_pytest_was_called(run, pytester, monkeypatch):
    """The cases lie in the folder of the project all the same."""
    pytester.makeini("[pytest]\n")
    (pytester.path / "below").mkdir()
    monkeypatch.chdir(pytester.path / "below")
    pytester.makepyfile(test_it=f"from cubes import *\n{WRONG}")
    monkeypatch.syspath_prepend(pytester.path)
    result = pytester.runpytest_inprocess(str(pytester.path / "test_it.py"))
    result.stdout.fnmatch_lines(["E *repeat   gradcheck replay ../.gradcheck/cases/*.json"])


def test_where_nothing_can_be_written_nothing_is_promised(run, pytester):
    """The test fails as it would, without a word on a case."""
    (pytester.path / ".gradcheck").write_text("in the way")
    result = run(WRONG)
    result.stdout.fnmatch_lines(["E *x?1?  claimed 13.5*"])
    result.stdout.no_fnmatch_line("*gradcheck replay*")
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_a_case_that_is_lost_at_the_end_is_told_of(run):
    """Between the failure and its report the folder may become unwritable."""
    result = run("""
def test(gradcheck):
    try:
        gradcheck(cube, X, grad=twice)
    finally:
        open(".gradcheck", "w").close()
""")
    result.stdout.fnmatch_lines(["the case could not be saved: *"])


def test_an_object_that_cannot_be_looked_at_does_no_harm(run):
    """There is no case then, and the failure is what it was."""
    result = run(f"""
import gradcheck._plugin.fixture as fixture

@pytest.fixture(autouse=True)
def shy(monkeypatch): monkeypatch.setattr(fixture, "told", lambda *_: 1 / 0)

{WRONG}
""")
    result.stdout.fnmatch_lines(["E *x?1?  claimed 13.5*"])
    result.stdout.no_fnmatch_line("*ZeroDivisionError*")


def test_who_does_the_work_is_no_part_of_a_case(run, cases):
    """It is the same without workers, and without a bar."""
    run(WRONG.replace("entries='all'", "progress=False"), "--gradcheck-workers=1")
    assert recall(cases()[0]).keywords.keys() == {"grad"}


def test_of_several_failures_each_is_saved(run, cases):
    """Hypothesis raises them together, each with its table and its command."""
    result = run("""
from hypothesis import given, settings
from hypothesis import strategies as st

def undefined(x):
    return float("nan") if x[1] > 0 else cube(x)

@settings(derandomize=True, deadline=None, max_examples=50, database=None)
@given(st.booleans())
def test(gradcheck, defined):
    if defined:
        gradcheck(cube, X, grad=twice)
    else:
        gradcheck(undefined, -X, grad=right)
""")
    assert len(cases()) == 2
    assert str(result.stdout).count("Captured gradcheck report") == 2
    for path in cases():
        result.stdout.fnmatch_lines([f"*repeat   gradcheck replay .gradcheck/cases/{path.name}"])


def test_no_path_of_the_machine_stands_in_a_case(run, cases):
    """It may be handed on."""
    run(WRONG)
    assert str(Path.cwd()) not in cases()[0].read_text()
