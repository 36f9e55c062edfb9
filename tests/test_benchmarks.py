"""Do the benchmarks run, without the peers, at their smallest?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import faults, peers, questions, speed, traps, wrong
from gradcheck.networks import FAULTS, Dense, MaxPool2d

ROOT = Path(__file__).parents[1]


def test_the_speed_is_measured_and_written(tmp_path):
    """One row for the loop and one for ours, both of which pass the right gradient and find the wrong ones."""
    output = tmp_path / "benchmarks.md"
    command = [sys.executable, "-m", "benchmarks", "speed", "--quick", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    rows = [line for line in output.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert [row.split("|")[1].strip() for row in rows] == ["textbook loop", "gradcheck"]
    assert all(row.count("yes") == 3 for row in rows)
    assert "textbook loop" in done.stdout


def test_the_small_network_is_right_and_its_faults_are_not():
    """The gradient that is timed is the gradient, and a fault changes one tensor of it."""
    case = speed.case(quick=True)
    right = case.grad(case.params)
    for fault in speed.faults(case).values():
        wrong = fault.grad(fault.params)
        assert sum(not np.array_equal(right[name], wrong[name]) for name in right) == 1
    peers.ask_textbook(case.question())


def test_a_loss_is_counted_each_time_it_is_called():
    """The textbook loop calls it twice for each entry, and once to see what it returns."""
    case = speed.case(quick=True)
    speed.CountedLoss.calls = 0
    peers.ask_textbook(case.question())
    assert speed.CountedLoss.calls == 2 * case.size + 1


@pytest.mark.parametrize(
    "trap", [t for t in traps.traps() if t.case.startswith(("protocol", "linalg"))], ids=lambda t: t.id
)
def test_a_question_asks_what_the_trap_asks(trap):
    """A peer is given the function and the claim of the trap, at its point."""
    asked = questions.question(trap.f, trap.args, trap.keywords)
    with np.errstate(all="ignore"):
        output = asked.value([array.copy() for array in asked.arrays])
        gradients = asked.pullback([array.copy() for array in asked.arrays], np.ones(np.shape(output)))
    assert [g.shape for g in gradients] == [a.shape for a in asked.arrays]


def test_the_report_has_every_trap_and_no_other():
    """Run `make traps` if this fails."""
    page = (ROOT / "reports" / "traps.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (\w+: .*?) +\| (right|wrong|neither) +\|", page, re.MULTILINE)
    assert cells == [(trap.id.replace("|", "\\|"), trap.truth) for trap in traps.traps()]


def row(truth, **answers):
    return traps.TrapRow("scale and offset", "case: name", truth, answers)


def test_what_is_false_is_said_in_words():
    """A wrong gradient that passes is a false pass, a right one that is accused a false alarm."""
    wrong, right = row("wrong", ours="WRONG", peer="passes"), row("right", ours="UNDECIDED", peer="accuses")
    assert [wrong.cell("ours"), wrong.cell("peer")] == ["WRONG", "**false pass**"]
    assert [right.cell("ours"), right.cell("peer")] == ["UNDECIDED", "**false alarm**"]


def test_the_totals_count_what_was_asked():
    """Points without a derivative are not counted, nor what could not be asked."""
    rows = [row("wrong", a="passes"), row("wrong", a="n/a"), row("right", a="UNTESTED"), row("neither", a="WRONG")]
    assert traps.totals(rows) == [["a", "1 of 1", "0 of 1", 1, 0]]


def test_the_page_has_a_table_for_each_family():
    """The totals come first, then those of each kind."""
    page = traps.page([row("wrong", gradcheck="WRONG"), row("right", gradcheck="CORRECT")], [])
    assert page.index("false passes") < page.index("## By kind") < page.index("## Scale and offset")


def test_each_kind_is_counted_by_itself():
    """Wrong ones that passed, then right ones that were accused; nothing where nobody asked."""
    rows = [row("wrong", a="passes", b="n/a"), row("right", a="WRONG", b="n/a"), row("right", a="CORRECT", b="n/a")]
    assert traps.by_kind(rows) == [["scale and offset", "1 / 2", "1 / 1", "not asked"]]


def test_the_report_has_every_fault_and_no_other():
    """Run `python -m benchmarks faults --output reports/faults.md` if this fails."""
    page = (ROOT / "reports" / "faults.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| `(\w+)` +\| (\w+) +\|", page, re.MULTILINE)
    assert cells == [(fault.name, fault.kind.__name__) for fault in FAULTS.values()]


def test_a_fault_is_put_to_every_checker(tmp_path, capsys):
    """One row each, with its clean twin and the cause; the totals are printed, and come first on the page."""
    faults.main(tmp_path / "faults.md", quick=True)
    page = (tmp_path / "faults.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` .*\|$", page, re.MULTILINE)
    assert rows == list(FAULTS)[:3]
    assert "| check_gradients    | 3 of 3 " in page
    assert page.index("faults found") < page.index("`forgotten_mean`")
    assert "6 is the batch size" in page
    assert "3 of 3" in capsys.readouterr().out


def test_the_textbooks_are_told_what_they_ask():
    """Their differences are the slopes, of every parameter and input; a wrong claim is an accusation."""
    network, x = faults.SPECIMENS[Dense]()
    case = faults.AlongCotangent(network, {"input 0": x})
    claims = case.claims()
    assert list(claims) == list(case.point)
    assert not faults.ratio_of_norms(claims, Dense)
    assert not faults.element_by_element(faults.measured(Dense, faults.ELEMENT_STEP), Dense)
    for accuses in faults.TEXTBOOKS.values():
        assert accuses(claims | {"input 0": 2 * claims["input 0"]}, Dense)


def test_a_false_alarm_is_shown_as_one():
    """And so is a fault that was not found."""
    row = faults.FaultRow(
        FAULTS["max_pool_to_all"], {"ours": True, "other": False}, {"ours": False, "other": True}, "a|b"
    )
    assert row.cells() == ["`max_pool_to_all`", MaxPool2d.__name__, "yes", "no", "**no**", "**yes**", "a\\|b"]


def test_a_wrong_gradient_costs_hardly_more_than_the_right_one(tmp_path, capsys):
    """In evaluations, the diagnosis included; the page says for what they were made."""
    wrong.main(tmp_path / "wrong.md", quick=True)
    assert "made for" in capsys.readouterr().out
    for pair in wrong.pairs(quick=True):
        (_, right, red, *_), phases = wrong.row(pair, 1)
        assert int(red) <= 2 * int(right)
        assert sum(int(line[-1]) for line in phases) == int(red)
    assert "named as" in (tmp_path / "wrong.md").read_text(encoding="utf-8")
