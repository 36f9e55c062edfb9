"""Does each row time a check that does its work, and is what it measures kept and shown? Without the frameworks."""

from __future__ import annotations

import json
from itertools import count

import numpy as np
import pytest

from benchmarks import waiting
from benchmarks.waiting import beginning, clock, contest, counts, figure, page, pendulum, red, run, session
from benchmarks.waiting.figure import Figure, NotAsExpected, NotHere, WaitingRow
from gradcheck import check_gradients


@pytest.fixture
def alone(monkeypatch):
    """Take no framework for installed, and one turn for enough."""
    monkeypatch.setattr(figure, "installed", lambda _: "")
    monkeypatch.setattr(clock, "IN_A_HURRY", 1)


def rows_in(file):
    return {row["name"]: row for row in json.loads(file.read_text(encoding="utf-8"))["waiting"]["rows"]}


def test_the_rows_of_numpy_are_measured_written_and_kept(alone, tmp_path, capsys):
    """Each with its tensor accused; those with a peer are left out with a sentence, and what others wrote stays."""
    output = tmp_path / "benchmarks.md"
    output.write_text("# Speed\n\nfast\n", encoding="utf-8")
    waiting.main(output, quick=True, only="numpy")
    found = rows_in(tmp_path / "benchmarks.json")
    assert len(found) == 5
    assert all(row["evaluations"] > row["other_evaluations"] for row in found.values())
    text = output.read_text(encoding="utf-8")
    assert text.startswith("# Speed\n\nfast\n\n## How long one waits\n")
    assert "Left out: a right one, beside a peer: NumPy, three numbers: torch is not installed." in text
    waiting.main(output, quick=True, only="tensors of ten")
    assert len(rows_in(tmp_path / "benchmarks.json")) == 6
    assert output.read_text(encoding="utf-8").count("## How long one waits\n") == 1
    assert "in a hurry" in output.read_text(encoding="utf-8")
    assert "100 tensors of ten entries" in capsys.readouterr().out


def test_what_other_packages_measured_is_not_kept(alone, tmp_path, monkeypatch):
    """Numbers of one table come from the same versions; what others keep in the file stays."""
    output, file = tmp_path / "benchmarks.md", tmp_path / "benchmarks.json"
    file.write_text('{"others": 1}', encoding="utf-8")
    waiting.main(output, quick=True, only="tensors of ten")
    monkeypatch.setattr(page, "environment", lambda: {"numpy": "1.0"})
    waiting.main(output, quick=True, only="layers deep")
    assert [*rows_in(file)] == ["an entry, 30 layers deep"]
    assert json.loads(file.read_text(encoding="utf-8"))["others"] == 1


def test_every_row_has_a_name_of_its_own():
    """By which it is kept."""
    names = [row.id for row in run.rows()]
    assert len(names) == len(set(names))


def test_a_row_is_chosen_by_a_piece_of_its_name():
    """In letters of either case, with the group before it."""
    row = WaitingRow("red beside green", "NumPy, W", "the right one", 2, None)
    assert row.meets("")
    assert row.meets("numpy")
    assert row.meets("RED*w")
    assert not row.meets("torch")


def test_a_row_whose_package_is_missing_says_so(alone):
    """Nothing is measured."""
    with pytest.raises(NotHere, match="torch is not installed"):
        WaitingRow("group", "name", "peer", 2, None, "torch").figure(quick=True)


def test_a_number_that_does_not_reach_is_shown_in_bold():
    """With its extremes, and both counts of evaluations."""
    row = WaitingRow("group", "name", "other", 2, None)
    assert page.cells(row, Figure(1.5, 1, 2))[2:4] == ["1.5 (1 to 2)", "2"]
    assert page.cells(row, Figure(2.5, 2.5, 2.5, evaluations=1200, other_evaluations=3))[2:5] == [
        "**2.5**",
        "2",
        "1,200 beside 3",
    ]


# ---------------------------------------------------------------------------------------- what refuses to be timed


def test_a_check_that_is_not_right_is_not_timed():
    """Wrong where it should be right; right where it should be wrong; another tensor than the one that was named."""
    fork = red.network(quick=True)
    figure.right(fork.green())
    figure.wrong(fork.red(), fork.accused)
    with pytest.raises(NotAsExpected, match="WRONG, where CORRECT was expected"):
        red.told_apart(red.Fork(fork.red, fork.red, fork.accused), quick=True)
    with pytest.raises(NotAsExpected, match="CORRECT, wrong are"):
        red.told_apart(red.Fork(fork.green, fork.green, fork.accused), quick=True)
    with pytest.raises(NotAsExpected, match="where b was expected"):
        red.told_apart(red.Fork(fork.green, fork.red, "b"), quick=True)


@pytest.mark.parametrize("tensors", [2, 1])
def test_a_wrong_gradient_is_not_counted(tensors):
    """However the numbers are cut."""
    x = list(np.random.default_rng(0).normal(size=(tensors, 3)))
    counts.cut(x)
    with pytest.raises(NotAsExpected):
        counts.cut(x, factor=2.0)


def test_a_first_check_that_is_wrong_has_no_time():
    """Nor have tests that fail."""
    with pytest.raises(NotAsExpected, match="WRONG"):
        beginning.fresh(beginning.FIRST, quick=True, factor=2.0)
    with pytest.raises(NotAsExpected, match="1 failed"):
        session.run(1, factor=2.0)


def test_a_session_times_both_kinds_of_tests():
    """And what it ends with."""
    times = session.run(3, factor=1.0)
    assert {name: len(found) for name, found in times.items()} == {"test_fixture": 3, "test_bare": 3, "end": 1}


def made(*, peer=lambda: True, entries=2, other=1.0):
    x = np.array([0.5, 2.0])

    def ours():
        return check_gradients(lambda x: float(np.sum(x**2)), x, grad=lambda x: 2 * x)

    return contest.Contest(ours, peer, entries, lambda: ([x @ x, 2 * x], [x @ x, other * 2 * x]))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (made(other=1.1), "for ours is"),
        (made(entries=3), "2 entries are checked, 3 by the peer"),
        (made(peer=lambda: False), "the peer is not content"),
    ],
)
def test_two_that_are_not_asked_the_same_are_not_compared(alone, asked, said):
    """Another gradient, other entries, or a peer that does not pass it."""
    assert contest.raced(made(), quick=True).evaluations > 0
    with pytest.raises(NotAsExpected, match=said):
        contest.raced(asked, quick=True)


# --------------------------------------------------------------------------------------------- what is measured


def test_the_pendulum_goes_back_by_hand():
    """Its gradient is the difference quotient, and only the second entry is off if it is to be."""
    problem, p = pendulum.pendulum()
    steps = 1e-6 * np.eye(2)
    slopes = [(problem.loss(p + step) - problem.loss(p - step)) / 2e-6 for step in steps]
    assert problem.grad(p) == pytest.approx(slopes, rel=1e-7)
    assert pendulum.pendulum(1.5)[0].grad(p) == pytest.approx(problem.grad(p) * [1, 1.5])


def test_both_sides_take_turns(monkeypatch):
    """One is first in every other turn, and the ratio is that of their times."""
    now, calls = [0.0], []

    def takes(name, seconds):
        def call():
            calls.append(name)
            now[0] += seconds

        return call

    monkeypatch.setattr(clock, "process_time", lambda: now[0])
    turns = clock.in_turn(takes("ours", 3.0), takes("other", 2.0), quick=True)
    assert turns.ratios == pytest.approx([1.5] * 3)
    assert (turns.ours_ms, turns.other_ms) == pytest.approx((3000, 2000))
    assert calls[-6:] == ["ours", "other", "other", "ours", "ours", "other"]


def test_short_calls_are_timed_together(monkeypatch):
    """Until the clock is fine enough; dear ones a few times only."""
    ticks = count()
    monkeypatch.setattr(clock, "process_time", lambda: next(ticks) * clock.LEAST / 10)
    calls = []
    clock.in_turn(lambda: calls.append(1), lambda: None, quick=False)
    assert len(calls) == 2 + 10 * clock.MOST
