"""The bar is shown where it is wanted, from when a check takes long; what shows it is not loaded before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gradcheck import _progress
from gradcheck._progress import Progress


@pytest.mark.parametrize(("wanted", "delay", "shown"), [(True, -1.0, True), (True, 60.0, False), (False, -1.0, False)])
def test_it_is_shown_only_where_it_is_wanted_and_takes_long(wanted, delay, shown, capsys, monkeypatch):
    monkeypatch.setattr(_progress, "DELAY", delay)
    with Progress(10, wanted) as progress:
        for _ in range(10):
            progress.update(1)
    assert progress.done == 10
    assert ("/10" in capsys.readouterr().err) is shown


def test_nobody_is_shown_a_bar_who_has_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(_progress, "DELAY", -1.0)
    with Progress(10, None) as progress:
        progress.update(10)
    assert not capsys.readouterr().err


def test_what_was_done_before_it_is_shown_counts(capsys, monkeypatch):
    with Progress(10, wanted=True) as progress:
        progress.update(7)
        monkeypatch.setattr(_progress, "DELAY", -1.0)
        progress.update(1)
        assert progress.shown.n == 8
    assert "8/10" in capsys.readouterr().err


def interrupted(progress):
    with progress:
        progress.update(1)
        raise KeyboardInterrupt


def test_an_exception_takes_the_bar_away(monkeypatch):
    monkeypatch.setattr(_progress, "DELAY", -1.0)
    progress = Progress(10, wanted=True)
    with pytest.raises(KeyboardInterrupt):
        interrupted(progress)
    assert progress.shown.disable


def test_a_short_check_loads_nothing_for_it():
    code = (
        "import sys\n"
        "from gradcheck._progress import Progress\n"
        "with Progress(3, True) as progress:\n"
        "    progress.update(3)\n"
        "print('tqdm' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
