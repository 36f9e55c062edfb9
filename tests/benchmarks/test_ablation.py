"""Is one thing changed at a time, wherever it is read, and is what fails then said?"""

from __future__ import annotations

import ast
import builtins
from dataclasses import replace
from importlib import import_module

import pytest

from benchmarks import ablation
from benchmarks.ablation import constants, notes, page, records, rules, run, unit_tests, worker
from benchmarks.ablation.corpus import Answers
from benchmarks.ablation.sources import SourceFile

HOME = """
RATIO = 4.0  # from rung to rung
# Of the noise,
# as a bound.
SAFE: float = 3.0
NEAR, FAR = 0.5, (1, 2)  # two of them
WORDS = ("a", "b")
Floats = list[float]

class Step:
    size: float = RATIO

    def reaches(self, far=FAR) -> bool:
        return self.size > RATIO
"""


@pytest.fixture
def home(monkeypatch):
    """A module of numerics that is not in the package."""
    source = SourceFile("gradcheck._measure.home", HOME)
    values: dict[str, object] = {}
    exec(HOME, values)
    monkeypatch.setattr(constants, "import_module", lambda _: type("module", (), values))
    return source


def test_every_number_in_capitals_is_a_constant(home):
    """With its value, and what is said of it behind or above; words and types are none."""
    found = [(c.name, c.value, c.comment) for c in constants._of(home)]
    assert found == [
        ("RATIO", 4.0, "from rung to rung"),
        ("SAFE", 3.0, "Of the noise, as a bound."),
        ("NEAR", 0.5, "two of them"),
        ("FAR", (1, 2), "two of them"),
    ]


def test_whole_numbers_stay_whole():
    """A number of rungs is halved to a number of rungs, in a row of numbers too."""
    odd = constants.Constant("m", "N", (5, 0.5), "", "")
    assert odd.times(0.5) == (2, 0.25)
    assert [type(part) for part in odd.times(0.5)] == [int, float]


def test_the_largest_number_is_not_doubled():
    """There is none to put in its place."""
    largest = constants.Constant("gradcheck.m", "N", 1e308, "", "")
    assert [change.how for change in run._scaled(largest, run.FACTORS)] == ["halved"]


def executed(tree, **values):
    exec(compile(ast.fix_missing_locations(tree), "home", "exec"), values)
    return values


def test_a_changed_constant_is_changed_in_what_is_made_of_it(home):
    """The default of a field and of an argument are made at import, from the value as it is by then."""
    edit = {"module": home.module, "name": "RATIO", "value": "8.0"}
    changed = executed(worker.changed(edit, home.tree))
    assert (changed["RATIO"], changed["Step"].size, changed["SAFE"]) == (8.0, 8.0, 3.0)


def test_one_of_two_that_stand_together_is_changed():
    """The other keeps its value."""
    changed = executed(worker.changed({"name": "FAR", "value": "(2, 4)"}, ast.parse(HOME)))
    assert (changed["NEAR"], changed["FAR"]) == (0.5, (2, 4))


def test_a_rule_is_switched_off_by_another_body(home):
    """Whatever it was given."""
    changed = executed(worker.changed({"function": "Step.reaches", "body": "return False"}, home.tree))
    assert changed["Step"]().reaches() is False


def test_one_opinion_is_left_out():
    """The others stay, in their order."""
    tree = ast.parse("OPINIONS: tuple = (abs, min, max)")
    assert executed(worker.changed({"name": "OPINIONS", "index": 1}, tree))["OPINIONS"] == (abs, max)


def test_opinions_have_the_names_of_who_is_asked(monkeypatch):
    """They stand in a row by themselves, or with what belongs to each; their place is where they are defined."""
    text = "from gradcheck._entries.waves import waves\ndef stairs(): ...\n\n"
    text += "OPINIONS: tuple = (stairs, Opinion(waves, Moment.LATE, ''), other.one)"
    monkeypatch.setattr(rules, "package", lambda: (SourceFile(rules.OPINIONS[0], text),))
    assert [(o.index, o.name) for o in rules.opinions()] == [(0, "stairs"), (1, "waves"), (2, "other.one")]
    assert rules.opinions()[1].place == "_entries.waves.waves"


@pytest.mark.parametrize(
    ("signature", "off"),
    [
        ("f() -> bool", ["return False", "return True"]),
        ("f(a: Estimate, b: float) -> Estimate", ["return a"]),
        ("f(a: float, b: float) -> float", []),
        ("f() -> Problem | None", ["return None"]),
        ("f() -> list[Problem]", ["return []"]),
        ("jump_nearby(line: Line) -> float", ["return 0.0"]),
    ],
)
def test_what_a_function_returns_says_what_takes_its_place(signature, off):
    """Never and always; what it was given; nothing; what is declared; else it is no rule."""
    node = ast.parse(f"def {signature}:\n    return g()").body[0]
    assert [body for _, body in rules._ways(f"gradcheck._measure.file.{node.name}", node)] == off


def test_what_returns_nothing_is_missed_wherever_it_is_called():
    """That it came to None does not say that it did nothing."""
    [does] = [rule for rule in rules.rules() if rule.place == "_entries.measure._by_sites"]
    [finds, *_] = [rule for rule in rules.rules() if rule.place == "_measure.derivative.smooth_at_once"]
    assert (does.body, does.spared) == ("return None", "")
    assert (finds.body, finds.spared) == ("return None", "None")


def test_what_is_declared_of_a_rule_is_found():
    """No rule escapes because it was renamed."""
    assert rules.missing() == []
    bodies = {rule.body for rule in rules.rules()}
    assert set(rules.DECLARED.values()) <= bodies


def test_reads_are_noted_wherever_they_stand(home):
    """In the module itself, under another name elsewhere, and through the module."""
    other = SourceFile(
        "gradcheck._entries.other",
        "from gradcheck._measure.home import RATIO as R\nfrom gradcheck._measure import home\n"
        "def f():\n    return R if home.SAFE else 0",
    )
    seen: set[str] = set()
    homes = {(home.module, name): name for name in ("RATIO", "SAFE")}
    for source in (home, other):
        tree = notes._noted(source, homes, {"_entries.other.f"}, source.tree)
        tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
        see = lambda key, value=None: seen.add(key) or value  # noqa: E731
        values = executed(tree, __see__=see, __give__=see, R=4.0, home=replace(home))
        assert seen == ({"RATIO"} if source is home else set())
        seen.clear()
    with pytest.raises(AttributeError, match="SAFE"):
        values["f"]()  # what stands in for the module has none
    assert seen == {"_entries.other.f"}


RULES = """
def kinked(a) -> bool:
    def inner():
        return 7
    return a > 0

def opinion(a) -> int | None:
    if a:
        return inner(a)

def problems(a) -> list:
    return [1] * a

def moves(a):
    if a:
        yield a
"""


@pytest.mark.parametrize(
    ("name", "given", "came"),
    [
        ("kinked", 1, "True"),
        ("kinked", 0, "False"),
        ("opinion", 1, "something"),
        ("opinion", 0, "None"),
        ("problems", 0, "nothing"),
        ("problems", 2, "something"),
        ("moves", 2, "something"),
    ],
)
def test_what_a_rule_comes_to_is_noted(name, given, came, monkeypatch):
    """Of it alone, and not of the functions in it."""
    for function in (notes.SEE, notes.GIVE):
        monkeypatch.setattr(builtins, function, None, raising=False)  # put back afterwards
    source = SourceFile("gradcheck._measure.home", RULES)
    seen: set[str] = set()
    edits = notes.noting(seen, [], [(source.module, name)])
    assert edits == {}  # it is no module of the package
    tree = notes._noted(source, {}, {f"_measure.home.{name}"}, source.tree)
    result = executed(tree, inner=abs)[name](given)
    assert name != "moves" or list(result) == [2]
    assert notes.outcomes(f"_measure.home.{name}", seen) == {came}


def test_a_case_in_which_a_rule_says_what_takes_its_place_is_not_asked():
    """One that was never a kink does not miss the rule; one that never opined is not missed."""
    off = run.Alteration("kink", "never", {}, "rule", spared="False")
    for came, concerned in (("True", True), ("False", False)):
        seen = ("kink", notes.came_to("kink", came))
        assert run.concerns(off, seen) is concerned
    assert run.concerns(off, ()) is False
    assert run.concerns(replace(off, spared=""), ("kink",)) is True


def test_what_may_be_doubled_without_harm_is_changed_further():
    """Up and down; not what failed, with a case or a test, and not what nobody read."""
    one, *_ = (c for c in constants.constants() if isinstance(c.value, float))
    half, double = run._scaled(one, run.FACTORS)
    row = run.AblationRow(half, 9, 9, 9, (), 1.0, 1.0)
    far = run.further([row, replace(row, change=double)], ())
    assert [(change.place, change.how) for change in far] == [(one.place, how) for how in run.FAR]
    assert run.further([row, replace(row, change=double)], {one.place: ["test_one"]}) == []
    assert run.further([row, replace(row, change=double, failures=("WRONG",))], ()) == []
    assert run.further([replace(row, relevant=0)], ()) == []


BEFORE = Answers("clean Dense", verdict="CORRECT", entries=200, evaluations=10)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, []),
        ({"evaluations": 99}, []),
        ({"fault": "WRONG"}, ["clean Dense: WRONG"]),
        ({"verdict": "UNDECIDED"}, ["clean Dense: UNDECIDED instead of CORRECT"]),
        ({"accused": 1}, ["clean Dense: 1 of 200 accused"]),
        ({"over": 2}, ["clean Dense: 2 of 200 overconfident"]),
        ({"undecided": 1}, []),
        ({"undecided": 2}, ["clean Dense: 2 of 200 undecided"]),
        ({"cause": "a factor"}, []),
    ],
)
def test_what_is_worse_is_said(now, said):
    """Costs alone are no failure; they have columns of their own."""
    assert replace(BEFORE, **now).complaints(BEFORE) == said


def test_what_a_fault_is_taken_for_must_stay():
    """The first sentence of the diagnosis; a hard case has no more to say than its verdict and its entries."""
    before = replace(BEFORE, key="fault forgotten_mean", cause="the mean is forgotten")
    assert replace(before, cause="").complaints(before) == ["fault forgotten_mean: no cause is named"]
    trap = replace(before, key="trap small_mean_or_sum: summed")
    assert replace(trap, cause="", accused=3).complaints(trap) == []


def test_a_planted_error_that_is_lost_is_said():
    """Whether it was missed, or went under in a larger uncertainty."""
    before = replace(BEFORE, key="calibration smooth, 0", planted="found")
    assert replace(before, planted="hidden").complaints(before) == [
        "calibration smooth, 0: the planted error is hidden"
    ]


def test_cheap_cases_are_all_asked_and_dear_ones_now_and_then():
    """The cheapest first, for they fail as well as any."""
    found = {f"{n}": replace(BEFORE, key=f"{n}", evaluations=n) for n in (5000, 3, 900, 2000, 1, 1001)}
    assert [*run.chosen(found, "core")] == ["1", "3", "900", "1001"]
    assert [*run.chosen(found, "full")] == ["1", "3", "900", "1001", "2000", "5000"]


def test_the_cases_of_the_opinions_are_asked_whatever_they_cost():
    """Without them nobody would know what an opinion is for."""
    dear = run.named()[0]
    found = {key: replace(BEFORE, key=key, evaluations=5000) for key in ("1", "2", dear)}
    assert [*run.chosen(found, "core")] == ["1", dear]


def test_the_own_case_of_an_opinion_is_asked_first(few, monkeypatch):
    """Though it costs more than the others; of a constant it is one of many."""
    dear, asked = run.named()[0], []
    before = {key: replace(BEFORE, key=key, seen=("x",)) for key in ("1", "2", dear)}
    monkeypatch.setattr(run, "_asked", lambda question, _: asked.append(question["cases"]) or [])
    for kind in ("opinion", "constant"):
        run.row(run.Alteration("x", "left out", {}, kind), before, 2)
    assert asked == [[dear, "1", "2"], ["1", "2"]]


@pytest.fixture
def few(monkeypatch, tmp_path):
    """Two cases, and a cache of its own."""
    monkeypatch.setattr(run, "keys", lambda quick: ["trap kink_relu_at_zero: 0.5", "trap kink_relu_at_zero: 2"])
    monkeypatch.setattr(run, "CACHE", tmp_path / "cache")


def test_a_case_that_reads_a_clock_is_left_out(few, monkeypatch):
    """Whatever is changed, it would seem to be changed by that."""
    monkeypatch.setattr(run, "keys", lambda quick: ["trap protocol_noise: a clock", "trap kink_relu_at_zero: 2"])
    assert [*run.baseline("quick")] == ["trap kink_relu_at_zero: 2"]


def test_a_kink_that_is_never_seen_fails_the_kinks(few, tmp_path):
    """The change reaches the process that asks; what a case does not read is not asked; a second run asks nobody."""
    off = [change for change in run.changes("kink.apart") if change.how == "never"]
    forward = run.changes("forward_mode._apart")[:1]
    before = run.baseline("quick")
    rows = run.ask_all(off + forward, before)
    assert len(before) == 2
    assert not any(found.fault for found in before.values())
    assert [bool(row.failures) for row in rows] == [True, False]
    assert rows[1].asked == rows[1].relevant == 0
    assert page.needed_by_nothing(rows) == []
    assert run.ask_all(off + forward, before) == rows
    text = page.page(rows, before, {})
    assert "trap kink_relu_at_zero" in text
    assert "- `_protocol.forward_mode._apart`" in text


@pytest.mark.parametrize(("count", "most", "expected"), [(3, 5, [0, 1, 2]), (10, 4, [0, 2, 5, 7])])
def test_of_many_cases_some_are_asked_from_the_cheapest_to_the_dearest(count, most, expected):
    """In their order, and no more than that."""
    assert run.spread([str(n) for n in range(count)], most) == [str(n) for n in expected]


def test_kept_records_are_asked_last(few, monkeypatch):
    """They notice what makes no verdict wrong."""
    kept, trap = "record entries: 3 right entries", "trap kink_relu_at_zero: 2"
    monkeypatch.setattr(run, "keys", lambda quick: [kept, trap])
    assert run._parted([kept, trap]) == ([trap], [kept])
    before = run.baseline("quick")
    rows = run.ask_all([c for c in run.changes("_measure.noise.WINDOW") if c.how == "doubled"], before)
    assert before[kept].fault == ""
    assert before[kept].evaluations > 10
    assert rows[0].asked == 2
    assert rows[0].failures[0].startswith(f"{kept}: says CORRECT: ")


@pytest.mark.parametrize(
    ("failures", "pinned", "idle"),
    [
        ((), [], ["x"]),
        (("record entries: one: says 9",), ["x"], []),
        (("trap one: WRONG", "record entries: one: says 9"), [], []),
    ],
)
def test_what_records_alone_notice_is_told_apart(failures, pinned, idle):
    """From what nothing notices, and from what makes an answer wrong."""
    change = run.Alteration("x", "halved", {}, "constant")
    rows = [run.AblationRow(change, 9, 9, 9, some, 1.0, 1.0) for some in ((), failures)]
    assert (page.pinned(rows), page.needed_by_nothing(rows)) == (pinned, idle)


@pytest.mark.parametrize(
    ("module", "files"),
    [
        ("gradcheck._judge.verdict", ["judge/test_verdict.py", "judge/test_constants.py"]),
        ("gradcheck._entries.sites.audit", ["entries/sites/test_audit.py", "entries/test_constants.py"]),
        ("gradcheck._model.subject", ["model/test_subject.py", "model/test_constants.py"]),
    ],
)
def test_a_module_has_its_tests_and_those_of_the_constants_of_its_room(module, files):
    """Where there are such."""
    assert [str(path.relative_to(run.ROOT / "tests")) for path in unit_tests.mirrors(module)] == files


@pytest.fixture(scope="module")
def judges(tmp_path_factory):
    """The tests of the room that judges, and what each reads."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "CACHE", tmp_path_factory.mktemp("cache"))
        tests = unit_tests.noted(rooms=["tests/judge/test_verdict.py"])
        patched.setattr(unit_tests, "_noted", None)  # a second run asks nobody
        assert unit_tests.noted(rooms=["tests/judge/test_verdict.py"]) == tests
        yield tests


def test_it_is_noted_what_a_test_reads_and_how_long_it_takes(judges):
    """The quickest first; each of its own."""
    halved, _ = run.changes("verdict.DROWNED")
    assert [t.seconds for t in judges] == sorted(t.seconds for t in judges)
    some = unit_tests.reading(judges, halved)
    assert 0 < len(some) < len(judges)
    assert unit_tests.mirroring(judges, halved) == judges
    assert unit_tests.mirroring(judges, run.changes("_measure.noise.WINDOW")[0]) == []


def test_a_unit_test_that_fails_with_a_change_is_named(judges, monkeypatch, tmp_path):
    """The change reaches the process that tests; with the number that it is anyhow they pass."""
    monkeypatch.setattr(run, "CACHE", tmp_path)
    _, doubled = run.changes("verdict.DROWNED")
    for edit, names in ((doubled.edit, "tests/judge/test_verdict.py::test_"), ({**doubled.edit, "value": "4.0"}, "")):
        change = replace(doubled, edit=edit)
        failed = unit_tests.failing(edit, [test.test for test in unit_tests.reading(judges, change)])
        assert failed.startswith(names)
        assert bool(failed) is bool(names)


def test_a_test_that_is_called_after_what_is_changed_is_left_out():
    """It is no failure that nobody is called so; a process that breaks off is one."""
    halved, _ = run.changes("verdict.DROWNED")
    assert unit_tests.failing(halved.edit, ["tests/judge/test_verdict.py::test_gone[4.0]"]) == ""
    assert unit_tests.failing(halved.edit, ["tests/judge/test_gone.py::test_gone"]).startswith("ends with ")


def test_of_many_tests_the_quickest_are_asked(few, monkeypatch):
    """As many as take six seconds; where none does nobody is asked."""
    asked = []
    monkeypatch.setattr(unit_tests, "failing", lambda _, tests: asked.append(tests) or "")
    [halved, _] = run.changes("verdict.DROWNED")
    for tests in ([unit_tests.UnitTest(f"{s}", s, frozenset()) for s in (0.5, 2.0, 3.0, 4.0)], []):
        assert unit_tests.noticing([halved], lambda _, tests=tests: tests) == {}
    assert asked == [["0.5", "2.0", "3.0"]]


def test_every_change_of_a_constant_must_be_noticed(few, monkeypatch):
    """What may be doubled without any test failing is held by none. A second run asks nobody."""
    calls: list[str] = []
    monkeypatch.setattr(unit_tests, "failing", lambda edit, _: calls.append(edit["value"]) or f"one[{edit['value']}]")
    halved, doubled = run.changes("verdict.DROWNED")
    ask = lambda _: [unit_tests.UnitTest("one", 1.0, frozenset())]  # noqa: E731
    for _ in range(2):
        assert unit_tests.noticing([halved, doubled], ask) == {"_judge.verdict.DROWNED": ["one[2.0]", "one[8.0]"]}
    assert calls == ["2.0", "8.0"]
    monkeypatch.setattr(unit_tests, "failing", lambda *_: "")
    assert unit_tests.noticing([halved, replace(doubled, edit={**doubled.edit, "value": "9.0"})], ask) == {}


@pytest.fixture
def forward(few, monkeypatch, tmp_path, capsys):
    """Ask about a rule with one test, never kept and always; return who was asked, what was printed, and the page."""
    place, name = "_protocol.forward_mode._apart", "tests/protocol/test_forward_mode.py::test_one"

    def ask(notices, **keywords):
        asked = []
        monkeypatch.setattr(run, "baseline", lambda *_: {})
        monkeypatch.setattr(run, "row", lambda change, *_: asked.append("cases") or run.AblationRow(change, *CASES))
        monkeypatch.setattr(unit_tests, "noted", lambda _: [unit_tests.UnitTest(name, 0.1, frozenset([place]))])
        monkeypatch.setattr(unit_tests, "failing", lambda _, tests: asked.extend(tests) or notices)
        ablation.main(tmp_path / "page.md", only="forward_mode._apart", quick=True, **keywords)
        return asked, capsys.readouterr().out, (tmp_path / "page.md").read_text()

    return ask


CASES = (2, 2, 2, (), 1.0, 1.0)  # what a row says of two cases that are the same


def test_what_a_test_of_the_module_notices_is_put_to_no_case(forward):
    """The answer is the name of the test."""
    asked, printed, page = forward("tests/protocol/test_forward_mode.py::test_one")
    assert asked == 2 * ["tests/protocol/test_forward_mode.py::test_one"]
    assert "needed by nothing of that: none" in printed
    assert "- `_protocol.forward_mode._apart`: `test_forward_mode.py::test_one`" in page


def test_what_no_test_notices_is_put_to_the_cases(forward):
    """Whichever way it is changed; where they miss nothing either, it is needed by nothing."""
    asked, printed, page = forward("")
    assert asked == ["tests/protocol/test_forward_mode.py::test_one", "cases", "cases"]
    assert "needed by nothing of that: _protocol.forward_mode._apart" in printed
    assert "## Not asked" not in page


def test_what_time_did_not_suffice_for_is_told(forward):
    """Nothing is said to be needed by nothing that was not asked."""
    asked, printed, page = forward("", minutes=0)
    assert asked == []
    assert "1 places not asked in time" in printed
    assert "needed by nothing of that: none" in printed
    assert "- `_protocol.forward_mode._apart`" in page.partition("## Not asked")[2]


def test_what_a_unit_test_notices_is_told_apart():
    """From what nothing notices, whether cases read it or not."""
    change = run.Alteration("x", "halved", {}, "constant")
    row = run.AblationRow(change, 9, 9, 9, (), 1.0, 1.0)
    far = replace(row, change=replace(change, how="a thousandth"))
    unread = replace(row, change=replace(change, place="y"), relevant=0)
    failing = replace(row, change=replace(change, place="z"), failures=("trap one: WRONG",))
    assert page.missed_by_no_case([row, far, unread, failing]) == [change, unread.change]
    text = page.page([row, unread], {}, {"x": ["tests/judge/test_verdict.py::test_one"]})
    idle, tested, rest = (part.partition("\n## ")[0] for part in (text, *text.split("\n## ")[3:5]))
    assert "- `x`: `test_verdict.py::test_one`" in tested
    assert "`x`" not in idle
    assert "- `y`" in rest


def test_a_record_that_says_another_thing_is_a_failure(monkeypatch):
    """It is quoted."""
    test = run.ROOT / "tests" / "entries" / "test_record_of_checks.py"
    lines = ["CORRECT: 12 evaluations, 1 gradients", "x: known"]
    monkeypatch.setattr(import_module("record"), "kept", lambda _: {"one": ["CORRECT: 13 evaluations", "x: known"]})
    told = records._facts(test, "one", lambda: lines)
    assert told["fault"] == "says CORRECT: 12 evaluations, 1 gradients (was: CORRECT: 13 evaluations)"
    assert told["evaluations"] == 12
