"""One rule for the exit codes of all commands."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

ENDLESS = """
import time
import sys
import numpy as np

def cases():
    yield np.sum, np.ones(2), {"grad": lambda x: 2 * np.ones(2)}
    print("ready", file=sys.stderr, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize(
    ("target", "code", "strict"),
    [("wrong", 1, 1), ("fine", 0, 0), ("idle", 0, 2), ("untested", 5, 5), ("unsteady", 2, 2)],
)
def test_strict_lets_nothing_untested_pass(run, target, code, strict):
    """Entries that nothing moves fail as well; what failed before fails as it did."""
    assert run("check", f"models:{target}").code == code
    assert run("check", f"models:{target}", "--strict").code == strict


def test_the_signal_is_given_back(run):
    """Whoever calls main from Python keeps his own handler."""
    before = signal.getsignal(signal.SIGTERM)
    run("check", "models:fine")
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_shows_what_was_found_by_then(tmp_path, number, code):
    """Ctrl-C, and the time limit of a CI job: a partial table, and an exit code that says so."""
    (tmp_path / "endless.py").write_text(ENDLESS)
    code_to_run = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background job ignores\n"
        "from gradcheck._cli.main import main; sys.exit(main(['check', 'endless.py']))"
    )
    command = [sys.executable, "-c", code_to_run]
    with subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=50)
    assert process.returncode == code
    assert "WRONG  endless.py: 1 wrong" in out
    assert err == "gradcheck: interrupted after 1 case\n"
