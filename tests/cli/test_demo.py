"""`gradcheck demo`: the story that it tells, and what it writes."""

from __future__ import annotations

import csv
import subprocess
import sys
from types import SimpleNamespace

import pytest


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
    shown = (told.folder / "digits.html").read_text(encoding="utf-8")
    assert shown.count('class="chain"') == 1
    assert sorted(p.name for p in told.folder.iterdir()) == ["digits.csv", "digits.html", "digits.md"]


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
