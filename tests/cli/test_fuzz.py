"""`gradcheck fuzz`: its table, its failures, and its exit codes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from gradcheck import check_gradients, networks

FUZZ = ("fuzz", "--examples", "6", "--entries", "1")  # one of each family


def row(page, name="all"):
    return next(line.split() for line in page.splitlines() if line.startswith(name))


@pytest.fixture
def spoilt(monkeypatch):
    """A library whose dense layers count their biases twice."""
    right = networks.Dense.forward

    def forward(self, x):
        y, way_back = right(self, x)
        return y, lambda dy: (way_back(dy)[0], replace(way_back(dy)[1], b=2 * way_back(dy)[1].b))

    monkeypatch.setattr(networks.Dense, "forward", forward)


CASE = "Case(layers=(('dense', 1),))"


def test_a_failing_case_is_written_and_can_be_replayed(run, spoilt, tmp_path):
    """The fuzz exits with 1 and tells how to repeat it; the replay finds the same."""
    done = run(*FUZZ, "--cases", "found")
    assert (done.code, done.err) == (1, "")
    assert done.out.startswith("WRONG  6 networks checked, ")
    assert f"\n  check_gradients(*{CASE}, entries=1)\n" in done.out
    path = done.out.split("gradcheck replay ")[1].split()[0]
    assert (tmp_path / path).parent == tmp_path / "found"
    again = run("replay", path)
    assert again.code == 1
    assert again.out.startswith("WRONG  Dense")
    assert again.out.endswith(f"check_gradients(*{CASE}, entries=1)\n")


@pytest.mark.parametrize("form", ["markdown", "html", "json", "csv", "github"])
def test_a_failure_stands_in_every_form(run, spoilt, form):
    """With the verdict, and, but for the table of families, with the minimal case."""
    page = run(*FUZZ, "--format", form).out
    assert "WRONG" in page
    assert form == "csv" or CASE.replace("'", "&#39;" if form == "html" else "'") in page


def test_json_has_all_of_it(run, spoilt):
    """The families, the layers that were drawn, and the report on each minimal case."""
    told = json.loads(run(*FUZZ, "--format", "json").out)
    assert (told["schema"], told["verdict"], told["examples"]) == (1, "WRONG", 6)
    assert sum(family["networks"] for family in told["families"]) == told["all"]["networks"] == 6
    first = told["failures"][0]
    assert first["code"] == f"check_gradients(*{CASE}, entries=1)"
    assert first["report"]["verdict"] == "WRONG"
    assert first["path"].startswith(".gradcheck/cases/")


def test_random_networks_are_checked(run, tmp_path):
    """A table on stdout, nothing on stderr, no folder where nothing failed."""
    done = run(*FUZZ)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("CORRECT  6 networks checked, no failure\n")
    assert row(done.out)[:2] == ["all", "6"]
    assert not (tmp_path / ".gradcheck").exists()
    assert run(*FUZZ).out == done.out


def test_planted_mistakes_are_found(run):
    """Each is counted as found."""
    done = run("fuzz", "--examples", "6", "--faulty")
    assert (done.code, done.err) == (0, "")
    assert "faults     " in done.out
    assert " found" in done.out


def test_quiet_is_the_exit_code_alone(run):
    """As in every command."""
    done = run(*FUZZ, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_missed_mistake_exits_with_1(run, monkeypatch):
    """The checker failed: its failures are listed."""
    right = check_gradients(lambda x: x @ x, np.ones(2), grad=lambda x: 2 * x)
    monkeypatch.setattr("gradcheck._fuzz.search.check_gradients", lambda *_, **__: right)
    done = run("fuzz", "--examples", "6", "--faulty", "--layers")
    assert done.code == 1
    assert done.out.startswith("MISSED  6 layers checked")
    assert "\nMISSED " in done.out
    assert "fault=(" in done.out


def test_a_crash_exits_with_2(run, monkeypatch):
    """There is nothing to say of the gradient."""

    def crash(*_, **__):
        raise ZeroDivisionError(3)

    monkeypatch.setattr("gradcheck._fuzz.search.check_gradients", crash)
    done = run(*FUZZ)
    assert done.code == 2
    assert done.out.startswith("BROKEN  6 networks checked")
    assert "\nZeroDivisionError 3" in done.out


def test_an_interrupted_fuzz_exits_with_130_and_what_it_has(run, monkeypatch):
    """The table has the networks that were checked by then."""
    checked = []

    def interrupt(*args, **keywords):
        checked.append(args)
        if len(checked) == 3:
            raise KeyboardInterrupt
        return check_gradients(*args, **keywords)

    monkeypatch.setattr("gradcheck._fuzz.search.check_gradients", interrupt)
    done = run(*FUZZ)
    assert done.code == 130
    assert done.out.startswith("CORRECT  2 of 6 networks checked")
    assert row(done.out)[:2] == ["all", "2"]
    assert done.err == "gradcheck: interrupted after 2 of 6 networks\n"


@pytest.mark.parametrize("options", [("--examples", "0"), ("--examples", "x"), ("--seed", "x"), ("--entries", "most")])
def test_a_fuzz_that_makes_no_sense_exits_with_2(run, options):
    """In words, before anything is checked."""
    done = run("fuzz", *options)
    assert (done.code, done.out) == (2, "")
    assert "write" in done.err


def test_a_folder_that_cannot_be_made_exits_with_2(run, spoilt, tmp_path):
    """The reason on stderr."""
    (tmp_path / "taken").touch()
    done = run(*FUZZ, "--cases", "taken")
    assert done.code == 2
    assert "taken" in done.err
