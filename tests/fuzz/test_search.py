"""Fuzzing: a false accusation, a crash and a missed mistake are found, made small and counted; nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import strategies as st

from gradcheck import (
    BiasMismatch,
    GradientError,
    InputError,
    Oracle,
    Verdict,
    check_gradients,
    fuzz_gradients,
    networks,
)
from gradcheck._fuzz.faces import render
from gradcheck._fuzz.rows import told
from gradcheck._fuzz.search import MISSED, Fuzz, judged
from gradcheck._fuzz.shrink import Finding, smallest
from gradcheck.strategies import Case, arrays
from gradcheck.strategies.architectures import FAMILIES
from gradcheck.strategies.case import FAMILIES as NAMES

QUICK = {"neighbours": 0, "entries": 2}
RIGHT = Case(("row", 2), (("dense", 2), ("tanh",)), "squares", batch=3)


def fuzzed(examples=12, **options):
    fuzz = Fuzz(examples, keywords=QUICK, **options)
    fuzz.run()
    return fuzz


@pytest.fixture
def spoil(monkeypatch):
    """Spoil the way back of a kind of layer, wherever it is."""

    def spoil(kind, change):
        right = kind.forward

        def forward(self, x):
            y, way_back = right(self, x)
            return y, lambda dy: change(*way_back(dy))

        monkeypatch.setattr(kind, "forward", forward)

    return spoil


def test_a_wrong_layer_is_found_and_made_small(spoil):
    """As soon as it occurs, the run has a failure: the layer alone, or with one other."""
    spoil(networks.Dense, lambda dx, grad: (dx, replace(grad, b=2 * grad.b)))
    fuzz = fuzzed(examples=6)
    assert {failure.failure for failure in fuzz.failures} == {"WRONG"}
    assert all(failure.example.depth <= 2 for failure in fuzz.failures)
    assert fuzz.failures[0].example == Case(layers=(("dense", 1),))
    assert "claimed 2" in fuzz.failures[0].sentence
    assert len(fuzz.rows) == 6
    assert len({failure.example for failure in fuzz.failures}) == len(fuzz.failures) <= fuzz.failed


def test_a_crash_is_found_and_made_small(spoil):
    """Whatever a layer raises is a failure, under the name of the exception."""

    def crash(*_):
        raise ZeroDivisionError

    spoil(networks.Dense, crash)
    fuzz = fuzzed(examples=6)
    assert fuzz.failures[0].example == Case(layers=(("dense", 1),))
    assert fuzz.failures[0].failure == "CallError"
    assert "ZeroDivisionError" in fuzz.failures[0].sentence


def test_a_checker_that_sees_nothing_misses(monkeypatch):
    """A mistake that changes the gradient and is not found is a failure of the checker."""

    def blind(*args, **keywords):
        return replace(check_gradients(*RIGHT, **QUICK), problems=())

    monkeypatch.setattr("gradcheck._fuzz.search.check_gradients", blind)
    fuzz = fuzzed(examples=6, faulty=True)
    assert {failure.failure for failure in fuzz.failures} == {MISSED}
    assert {row.fault for row in fuzz.rows} <= {"missed", "none fits"}
    assert "missed" in render(fuzz)
    assert "changes the gradient by" in fuzz.failures[0].sentence


@pytest.mark.parametrize("options", [{}, {"layers": True}], ids=["networks", "layers"])
def test_right_networks_are_not_accused(options):
    """As many are checked as were asked for."""
    fuzz = fuzzed(examples=12, **options)
    assert fuzz.failures == []
    assert len(fuzz.rows) == 12


def test_planted_faults_are_found():
    """All that were planted, where every entry is checked."""
    fuzz = Fuzz(12, faulty=True, keywords={"neighbours": 0})
    fuzz.run()
    assert fuzz.failures == []
    assert {row.fault for row in fuzz.rows} <= {"found", "none fits"}
    assert "found" in render(fuzz)


def test_the_seed_decides(monkeypatch):
    """The same seed checks the same networks, another one others."""
    cases = []
    monkeypatch.setattr("gradcheck._fuzz.search.judged", lambda case, _: cases.append(case) or Finding(case))
    for seed in (3, 3, 4):
        fuzzed(examples=60, seed=seed)
    first, again, other = cases[:60], cases[60:120], cases[120:]
    assert first == again
    assert len(set(first) & set(other)) < 30


@pytest.mark.parametrize(
    ("case", "failure", "note"),
    [
        (RIGHT, "", ""),
        (replace(RIGHT, fault=("bias_twice", 0)), "", "found"),
        (replace(RIGHT, layers=(("dense", 2),), loss=None, fault=("tanh_missing", 0)), "", "raises"),
        (replace(RIGHT, fault=("doubled_decay", 0)), "", "changes nothing"),
        (replace(RIGHT, fault=("one_entry", 0)), "", "raises"),
        (replace(RIGHT, layers=(("dropout", 2.0),)), "ValueError", "crashed"),
    ],
    ids=["right", "found", "no such layer", "without effect", "raises", "cannot be built"],
)
def test_what_became_of_a_case(case, failure, note):
    """A mistake without effect at this point, or that cannot be made with these shapes, is no failure."""
    finding = judged(case, QUICK)
    assert (finding.failure, finding.note) == (failure, note)


def test_the_table_adds_up():
    """A line for each family that occurred, one for all, one column for each verdict."""
    fuzz = fuzzed(examples=18)
    _, _, head, _, *lines = render(fuzz).splitlines()
    assert all(str(verdict) in head for verdict in Verdict)
    table = lines[: lines.index("")]
    cells = {line.split()[0]: [float(n) for n in line.split()[1:]] for line in table}
    every = np.array(cells.pop("all"))
    assert set(cells) <= {*NAMES, "dense"} == set(FAMILIES)
    assert np.array_equal(sum(map(np.array, cells.values()))[:-1], every[:-1])
    assert every[0] == 18
    assert every[1] == every[2:-1].sum()
    assert every[-1] == max(cell[-1] for cell in cells.values())


def test_what_was_drawn_is_told(spoil):
    """How often each kind of layer, in how many networks, how deep; and every failure with its code and report."""
    spoil(networks.Dense, lambda dx, grad: (dx, replace(grad, b=2 * grad.b)))
    fuzz = fuzzed(examples=6)
    page = json.loads(json.dumps(told(fuzz)))
    kinds = {kind["kind"]: kind for kind in page["kinds"]}
    assert kinds["dense"]["layers"] == sum(row.kinds.count("dense") for row in fuzz.rows) > 0
    twice = told(Fuzz(1, rows=[fuzz.rows[0]._replace(kinds=("dense", "tanh", "dense"))]))["kinds"]
    assert twice[0] == {"kind": "dense", "layers": 2, "networks": 1}
    assert sum(page["depths"].values()) == 6
    assert page["all"]["entries"] == sum(family["entries"] for family in page["families"])
    assert page["failures"][0]["report"]["verdict"] == page["verdict"] == "WRONG"
    model, *inputs = Case.read(page["failures"][0]["case"])
    assert check_gradients(model, *inputs).verdict is Verdict.WRONG


@pytest.mark.parametrize("wrong", [True, False])
def test_the_schema_in_the_documentation_fits(spoil, wrong):
    """It accepts what is written, with a failure and without, and refuses what is not."""
    if wrong:
        spoil(networks.Dense, lambda dx, grad: (dx, replace(grad, b=2 * grad.b)))
    text = (Path(__file__).parents[2] / "docs" / "fuzz.schema.json").read_text(encoding="utf-8")
    checker = jsonschema.Draft202012Validator(json.loads(text))
    checker.check_schema(checker.schema)
    fuzz = fuzzed(len(FAMILIES))
    page = json.loads(render(fuzz, "json", paths=[Path("case.json")]))
    checker.validate(page)
    checker.validate(json.loads(render(fuzz, "json")))
    assert bool(page["failures"]) is wrong
    for spoilt in ({"verdict": "KINK"}, {"schema": 2}, {"more": 1}, {"failures": [{"failure": "WRONG"}]}):
        assert not checker.is_valid(page | spoilt)


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_page_shows_the_distribution_of_what_was_drawn(form):
    """A table of kinds of layers, one of depths; on the terminal a sentence."""
    fuzz = fuzzed(examples=6)
    page = render(fuzz, form)
    assert "Layers" in page
    assert all(kind["kind"] in page for kind in told(fuzz)["kinds"])
    assert "layers deep" in page
    assert "layers deep" not in render(fuzz)
    assert "\nlayers " in render(fuzz)


@pytest.fixture(scope="module")
def rows():
    """One network of each family."""
    return fuzzed(examples=6).rows


@pytest.mark.parametrize("width", range(40, 120, 7))
def test_no_line_is_longer_than_the_terminal(rows, width):
    """Columns are left out, then each family stands on lines of its own."""
    page = render(Fuzz(3, rows=rows), width=width)
    assert max(map(len, page.splitlines())) <= width


def test_an_unknown_form_is_refused():
    """The error names those that would do."""
    with pytest.raises(
        ValueError, match="no form 'latex'; the known ones are table, markdown, html, json, csv, github"
    ):
        render(Fuzz(3), "latex")


def test_an_interrupted_run_keeps_what_it_has(monkeypatch):
    """The networks that were checked are in the table."""
    calls = []

    def interrupted(case, keywords):
        calls.append(case)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return judged(case, keywords)

    monkeypatch.setattr("gradcheck._fuzz.search.judged", interrupted)
    fuzz = Fuzz(100, keywords=QUICK)
    with pytest.raises(KeyboardInterrupt):
        fuzz.run()
    assert len(fuzz.rows) == 3
    assert "\nall " in render(fuzz)


def test_a_run_that_checked_nothing_has_a_table():
    """All zeros."""
    line = next(line for line in render(Fuzz(3)).splitlines() if line.startswith("all"))
    assert line.split() == ["all", *["0"] * 9]
    assert render(Fuzz(3)).startswith("CORRECT  0 of 3 networks checked")


def test_the_search_makes_small_what_fails_and_shows_the_way_there_alone():
    """Only what was drawn before the first failure, and that, is counted; the smallest that fails is returned."""
    seen, tried = [], []

    def judge(n):
        tried.append(n)
        return Finding(n, "large" if n > 10 else "")

    found = smallest(
        st.integers(0, 1000), judge, examples=200, seed=0, seen=lambda finding: seen.append(finding.example)
    )
    assert found.example == 11
    assert [n for n in seen if n > 10] == seen[-1:]
    assert len(seen) < len(tried)


def test_the_search_keeps_to_one_failure():
    """It does not slip from the failure that was found to another one."""

    def judge(n):
        return Finding(n, "odd" if n % 2 else "large" if n > 100 else "")

    found = smallest(st.integers(0, 1000), judge, examples=200, seed=1)
    assert found.failure == judge(found.example).failure
    assert found.example in {1, 102}


def test_the_search_ends():
    """After so many tries what was found by then is good enough; without a failure there is none."""
    tried = []

    def judge(n):
        tried.append(n)
        return Finding(n, "large" if n > 10 else "")

    found = smallest(st.integers(0, 10**9), judge, examples=100, seed=0, tries=0)
    assert found.example > 10
    assert len(tried) <= 100
    assert smallest(st.integers(0, 9), judge, examples=50, seed=0) is None


def test_a_constructor_of_the_user_is_fuzzed():
    """The smallest example is named in the message, after what the check found."""

    def wide(width, x):
        model, _ = Case(("row", 3), (("dense", width),), fault=("bias_twice", 0) if width > 2 else None)
        return model, x

    with pytest.raises(BiasMismatch) as caught:
        fuzz_gradients(wide, width=st.integers(1, 9), x=arrays((2, 3)), examples=50)
    assert "twice the measured value" in str(caught.value)
    assert str(caught.value).splitlines()[-1].startswith("smallest wide(width=3, x=array([[0., 0., 0.], [0.")
    assert caught.value.report.verdict is Verdict.WRONG


def test_a_right_constructor_passes():
    """Values that are no strategies are handed on; a dict at the end holds keywords; `keywords` are those of all."""
    seen = []

    def build(width, power):
        seen.append((width, power))
        return (lambda x: (x**power).sum()), np.ones(width), {"grad": lambda x: power * x ** (power - 1)}

    fuzz_gradients(build, width=st.integers(1, 5), power=3, examples=10, keywords={"neighbours": 0})
    assert {power for _, power in seen} == {3}
    assert 1 < len({width for width, _ in seen}) <= 5


def test_a_model_without_inputs_may_stand_alone():
    """An Oracle, or an object that brings all it needs."""
    case = Case(("row", 2), (("dense", 2),))

    def build(n):
        layer, x = replace(case, seed=n)
        parts = {"W": layer.W, "b": layer.b}
        return Oracle(
            point=parts,
            value=lambda p: (x @ p["W"] + p["b"]).sum(),
            gradient=lambda p: {"W": np.tile(x.sum(axis=0)[:, np.newaxis], 2), "b": np.full(2, float(len(x)))},
        )

    fuzz_gradients(build, n=st.integers(0, 5), examples=5, keywords=QUICK)


def test_a_strategy_of_a_taken_name_is_refused():
    """They are the search's own."""
    with pytest.raises(InputError, match="call what you draw something else"):
        fuzz_gradients(lambda seed: (np.sum, seed), seed=st.integers())


def test_what_a_constructor_raises_comes_through():
    """It is the user's own mistake, and shown as such."""

    def build(width):
        raise KeyError(width)

    with pytest.raises(KeyError):
        fuzz_gradients(build, width=st.integers(1, 5))


def test_an_unknown_keyword_comes_through():
    """What check_gradients does not take, it refuses."""
    with pytest.raises(InputError, match="gard= is no keyword"):
        fuzz_gradients(lambda x: (np.sum, x), x=arrays((2,)), keywords={"gard": np.ones_like})


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def test_an_example_that_nothing_moves_is_neither_wrong_nor_enough():
    """The softmax of one number is 1 whatever that is: the first wrong example has two."""

    def lone(x, dy):
        return softmax(x) * (1 - softmax(x)) * dy

    with pytest.raises(GradientError, match=r"smallest <lambda>\(x=array\(\[0., 0.\]\)\)"):
        fuzz_gradients(lambda x: (softmax, x, {"vjp": lone}), x=st.integers(1, 4).flatmap(arrays), examples=30)
    with pytest.raises(GradientError, match="of 1 examples not one moves the function: nothing was tested"):
        fuzz_gradients(lambda x: (softmax, x, {"vjp": lone}), x=np.ones(1), examples=30)


@pytest.mark.parametrize(
    "case",
    [
        Case(takes=("tokens", 1, 3), layers=(("embedding", 1), ("flatten",)), loss="soft-cross-entropy", seed=1),
        Case(takes=("sequence", 1, 3), layers=(("softmax",),), loss="hinge", dtype="float32"),
        Case(("sequence", 1, 1), (("self-attention", 1, False), ("rms-norm",)), "l1", batch=2, seed=142),
        Case(layers=(("repeat", 1, (("layer-norm",),)), ("repeat", 2, (("batch-norm", False),))), batch=4),
        Case(takes=("sound", 1, 2), layers=(("repeat", 3, (("dropout", 0.5),)), ("tanh",)), dtype="float32"),
    ],
    ids=repr,
)
def test_what_was_once_accused_for_its_rounding(case):
    """Gradients that are zero, or nearly, as sums cancel: what is left need not be linear, nor the same in float32."""
    assert check_gradients(*case).verdict not in {Verdict.WRONG, Verdict.BROKEN}
