"""The command `gradcheck` as a whole: its help, its exits, and how it is cut short."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from gradcheck import __version__
from gradcheck._cli.main import main


def test_alone_it_says_what_can_be_typed(run):
    """Three examples and the exit codes, as help, on stderr; nothing was done, so it fails."""
    done = run()
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("usage: gradcheck")
    examples = done.err.split("examples:\n")[1].split("\n\n")[0].splitlines()
    assert len(examples) == 3
    assert all(line.startswith("  gradcheck ") for line in examples)


def test_the_version_and_the_help(run):
    """The version is that of the package; the help names the exit codes."""
    assert run("--version").out == f"gradcheck {__version__}\n"
    assert "5 nothing was checked" in " ".join(run("--help").out.split())


def test_an_interruption_exits_with_130(run, monkeypatch):
    """Ctrl-C is no traceback."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("gradcheck._cli.check.load", interrupt)
    done = run("check", "models:fine")
    assert (done.code, done.out, done.err) == (130, "", "gradcheck: interrupted\n")


def test_it_may_be_called_from_a_thread(run):
    """Where no signal can be caught."""
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["check", "models:fine", "--quiet"])))
    thread.start()
    thread.join()
    assert codes == [0]


@pytest.mark.parametrize(("command", "home"), [("demo", "_demo"), ("explain", "_explain.tell")])
def test_a_reader_that_has_seen_enough_is_not_complained_of(command, home):
    """As in `gradcheck demo | head`."""
    code = (
        "import sys, types\n"
        "def enough(*_):\n    raise BrokenPipeError(32, 'Broken pipe')\n"
        f"sys.modules['gradcheck.{home}'] = types.SimpleNamespace({command}=enough)\n"
        f"from gradcheck._cli.main import main; sys.exit(main(['{command}']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_disk_that_is_full_is_told_of(tmp_path):
    """In a sentence, not a traceback, be it before the end or at it."""
    (tmp_path / "models.py").write_text("cases = []\n")
    command = [sys.executable, "-m", "gradcheck", "check", "models"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "gradcheck: [Errno 28] No space left on device\n")


def test_help_waits_for_no_numerics():
    """Neither NumPy nor the checker is loaded to say what can be typed."""
    code = "import sys; from gradcheck._cli.parser import parser; parser(); print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_shell_completes_where_argcomplete_is_installed(monkeypatch):
    """Only if the shell asks; and without it the command works as before."""
    asked = []
    monkeypatch.setitem(sys.modules, "argcomplete", SimpleNamespace(autocomplete=asked.append))
    with pytest.raises(SystemExit):
        main(["--version"])
    assert asked == []
    monkeypatch.setenv("_ARGCOMPLETE", "1")
    with pytest.raises(SystemExit):
        main(["--version"])
    assert [parser.prog for parser in asked] == ["gradcheck"]
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
