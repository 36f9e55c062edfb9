"""The pictures of the story: small, on its page, and the same for the same seed."""

from __future__ import annotations

import struct
import subprocess
import sys

import pytest

from gradcheck._explain import pictures

matplotlib_or_skip = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import matplotlib"], capture_output=True, check=False).returncode != 0,
    reason="draws, with matplotlib",
)


@matplotlib_or_skip
def test_the_pictures_are_small_and_on_the_page(run):
    """Each below 60 kB, at least 300 pixels high or wide; the page shows all of them, under words."""
    done = run("--output", "here", "--seed", "1", "--digit", "5")
    assert (done.code, done.err) == (0, "")
    folder = done.folder / "here"
    page = (folder / "explain.md").read_text(encoding="utf-8")
    assert {file.name for file in folder.glob("*.png")} == {f"explain-{name}.png" for name in pictures.PICTURES}
    for file in folder.glob("*.png"):
        data = file.read_bytes()
        width, height = struct.unpack(">II", data[16:24])
        assert len(data) < 60_000
        assert width >= 600
        assert height >= 300
        assert f"]({file.name})" in page
    assert "--digit 5 --seed 1" in page
    assert "Written: here" in done.out


@matplotlib_or_skip
def test_the_same_seed_writes_the_same_bytes(run):
    """Page and pictures; another seed, others. No date and no version is in a picture."""
    for folder, seed in (("one", "0"), ("two", "0"), ("three", "1")):
        assert run("--output", folder, "--seed", seed).code == 0
    here = run("--digit", "12").folder
    for file in (here / "one").iterdir():
        assert file.read_bytes() == (here / "two" / file.name).read_bytes()
        assert b"Software" not in file.read_bytes()
        assert file.read_bytes() != (here / "three" / file.name).read_bytes() or file.name == "explain-digit.png"
