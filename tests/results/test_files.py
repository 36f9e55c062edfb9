"""A file is written whole or not at all, whoever writes it at the same time, and whatever the disk has room for."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gradcheck._results import files
from gradcheck._results.files import append, encoded, write

FULL = """
import resource, sys
from pathlib import Path
from gradcheck._results import files

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    files.{way}(Path(sys.argv[1]), "new" * 1000)
except OSError as error:
    print("refused")
"""


def other(tmp_path):
    """Return what lies in the folder beside the file."""
    return [path.name for path in tmp_path.iterdir() if path.name != "report.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of this kind")
@pytest.mark.parametrize("way", ["write", "append"])
@pytest.mark.parametrize("before", ["old", None], ids=["a file", "no file"])
def test_what_finds_no_room_leaves_the_file_as_it_was(tmp_path, way, before):
    """Neither half of a file nor a part of one."""
    path = tmp_path / "report.json"
    if before:
        path.write_text(before)
    done = subprocess.run([sys.executable, "-c", FULL.format(way=way), str(path)], capture_output=True, check=False)
    assert done.stdout == b"refused\n", done.stderr
    assert (path.read_text() if path.exists() else "") == (before or "")
    assert other(tmp_path) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupt_leaves_the_file_as_it_was(tmp_path, monkeypatch, stop):
    """However much was written by then."""
    path = tmp_path / "report.json"
    path.write_text("old")

    def half(file, data):
        file.write(data[: len(data) // 2])
        raise stop

    monkeypatch.setattr(files, "_write_all", half)
    for way in (write, append):
        with pytest.raises(type(stop) if isinstance(stop, OSError) else stop):
            way(path, "new" * 100)
        assert path.read_text() == "old"
    assert other(tmp_path) == []


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """Return a file in a folder that takes no other; root may write everywhere, so that nothing is made to open."""
    path = tmp_path / "report.json"
    path.write_text("the old, which is longer")
    real = Path.open

    def refusing(self, mode="r", *rest, **options):
        if "x" in mode:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", refusing)
    return path


def test_in_a_folder_that_takes_no_file_the_one_that_is_there_is_written_over(closed):
    """A file that may be written is written; a new one there is refused."""
    write(closed, "new")
    assert closed.read_text() == "new"
    with pytest.raises(PermissionError):
        write(closed.with_name("another.json"), "new")


def test_what_is_written_over_comes_back_if_there_is_no_room(closed, monkeypatch):
    """Then too the old file survives."""
    real = files._write_all

    def once(file, data):
        if bytes(data).startswith(b"new"):
            file.write(data[:1])
            raise OSError(28, "No space left on device")
        real(file, data)

    monkeypatch.setattr(files, "_write_all", once)
    with pytest.raises(OSError, match="No space"):
        write(closed, "new")
    assert closed.read_text() == "the old, which is longer"


def test_a_file_that_cannot_be_replaced_is_written_over(tmp_path, monkeypatch):
    """It may be a mount of its own, as in a container."""
    path = tmp_path / "report.json"
    path.write_text("old")

    def busy(self, target):
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", busy)
    write(path, "new")
    assert (path.read_text(), other(tmp_path)) == ("new", [])


def test_a_link_stays_a_link_and_its_file_keeps_its_rights(tmp_path):
    """What others may read they may read afterwards."""
    path, link = tmp_path / "real.json", tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write(link, "new")
    assert link.is_symlink()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_is_written_to(tmp_path):
    """It is no file that could be replaced."""
    path = tmp_path / "report.json"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(path.read_text)
        write(path, "new")
        assert read.result() == "new"
    assert path.is_fifo()


def test_half_a_character_is_spelled_out(tmp_path):
    """As JSON has it: the name of a file may hold what no encoding has."""
    write(tmp_path / "report.json", '"\ud800"')
    assert (tmp_path / "report.json").read_text() == r'"\ud800"'
    assert encoded("ä") == b"\xc3\xa4"


def test_several_that_write_one_file_leave_that_of_one_of_them(tmp_path):
    """Whole, and nothing else."""
    path = tmp_path / "report.json"
    pages = [str(n) * 100_000 for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda page: write(path, page), pages))
    assert path.read_text() in pages
    assert other(tmp_path) == []


def test_what_several_append_stands_there_one_after_the_other(tmp_path):
    """No page is cut by another."""
    path = tmp_path / "report.json"
    code = "import sys; from pathlib import Path; from gradcheck._results.files import append\n"
    code += "for _ in range(20): append(Path(sys.argv[1]), sys.argv[2] * 50_000 + '\\n')"
    each = [subprocess.Popen([sys.executable, "-c", code, str(path), letter]) for letter in "ab"]
    assert [one.wait() for one in each] == [0, 0]
    assert sorted(path.read_text().splitlines()) == ["a" * 50_000] * 20 + ["b" * 50_000] * 20


def test_where_nothing_can_be_locked_it_is_appended_all_the_same(tmp_path, monkeypatch):
    """As on Windows."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    append(tmp_path / "report.json", "a")
    append(tmp_path / "report.json", "b")
    assert (tmp_path / "report.json").read_text() == "ab"
