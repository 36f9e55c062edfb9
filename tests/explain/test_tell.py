"""The command `gradcheck explain`: a story with numbers in it, a page, and pictures."""

from __future__ import annotations

import struct
import sys
from dataclasses import replace
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

from gradcheck._cli import main
from gradcheck._explain import chapters, lessons, pictures, tell
from gradcheck._explain import example as examples
from gradcheck.networks import CrossEntropy, parameters, rebuild

matplotlib_or_skip = pytest.mark.skipif(find_spec("matplotlib") is None, reason="draws, with matplotlib")


@pytest.fixture(scope="module")
def example():
    """The story of a 2."""
    return examples.learned(digit=2, seed=0)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run the command in an empty folder; return code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def command(*argv):
        try:
            code = main.main(["explain", *argv])
        except SystemExit as stop:
            code = stop.code
        said = capsys.readouterr()
        return SimpleNamespace(code=code, out=said.out, err=said.err, folder=tmp_path)

    return command


@pytest.fixture
def without_matplotlib(monkeypatch):
    """As if it were not installed."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)


def test_the_numbers_are_those_of_the_network(example):
    """A chapter says what the functions said: planted in the network, another number is told."""
    bias = example.network.layers[2].b.copy()
    bias[2] += 3
    other = replace(example, network=rebuild(example.network, {"layers[2].b": bias}))
    told = [chapter.said for chapter in chapters.story(example)]
    assert [chapter.said for chapter in chapters.story(other)] != told
    q = example.believed[example.n]
    assert f"It says {q.argmax()} with {q.max():.0%}" in told[0]
    cost, _ = CrossEntropy(example.labels).forward(example.network.forward(example.x)[0])
    assert example.cost == pytest.approx(float(cost))
    assert f"The cost of the mini-batch, {example.cost:.2g}," in told[4]


@pytest.mark.parametrize("digit", range(10))
def test_the_example_is_the_digit_that_is_read_worst(example, digit):
    """Of those in the mini-batch; there is one of each."""
    chosen = [n for n in range(len(example.labels)) if example.labels[n] == digit]
    assert examples.learned(digit, seed=0).n == min(chosen, key=lambda n: example.believed[n, digit])


def test_the_pull_on_first_weights_is_the_picture(example):
    """In a chosen unit's weights the example appears, as it is or in the negative."""
    j = chapters.most_asked(example)
    image, b = example.of_layer(0).W[:, j].reshape(8, 8), example.of_layer(0).b[j]
    np.testing.assert_allclose(image, example.picture * b, rtol=1e-12)


def test_white_pixels_are_what_is_not_felt(example):
    """The number of weights that the cost does not feel is that of those from pixels always white."""
    white = int((example.x == 0).all(axis=0).sum())
    assert sum(felt.gradient == 0 for felt in example.felt) == white * examples.WIDTHS[1]
    assert f"{white * examples.WIDTHS[1]} not at all" in list(chapters.story(example))[4].said


def test_the_mean_pull_is_the_gradient_of_the_mini_batch(example):
    """As the page says: with the sign turned."""
    of_all = {(felt.path, felt.index): felt.gradient for felt in example.felt}
    for path, p in parameters(example.pull.on).items():
        mean = p.mean(axis=0)
        for place in np.ndindex(mean.shape):
            assert mean[place] == pytest.approx(-of_all[path, place], rel=1e-9, abs=1e-14)


def test_beyond_the_turn_the_parabola_rises(example):
    """Promise and bend, together nothing at the rate named."""
    (tiny,) = example.steps([examples.TINY])
    rate = example.turn
    assert rate * tiny.promised / examples.TINY + tiny.bend / 2 * rate**2 == pytest.approx(0, abs=1e-12)


def test_every_chapter_has_a_lesson(example):
    """And every lesson a chapter, every picture a place."""
    told = list(chapters.story(example))
    assert [chapter.title for chapter in told] == list(lessons.LESSONS)
    assert {name for chapter in told for name, _ in chapter.pictures} == set(pictures.PICTURES)


def test_the_story_fits_two_screens(run, without_matplotlib):
    """Some sixty lines of 100 columns, whatever the digit; the words of learning are in it."""
    for digit in ("2", "9"):
        done = run("--digit", digit)
        lines = done.out.splitlines()
        assert (done.code, done.err) == (0, "")
        assert len(lines) <= 64
        assert max(map(len, lines)) <= 100
    for word in ("Predict", "Compare", "Go back", "Average", "Change", "Repeat", "raise output 9"):
        assert word in " ".join(done.out.split())


def test_without_matplotlib_the_tables_remain(run, without_matplotlib):
    """A sentence says what to install; the page shows no pictures that are not there."""
    done = run()
    assert "install matplotlib: pip install 'gradcheck[plot]'" in done.out
    assert [file.name for file in (done.folder / "reports").iterdir()] == ["explain.md"]
    page = (done.folder / "reports" / "explain.md").read_text(encoding="utf-8")
    assert "![" not in page
    assert "gradcheck[plot]" in page
    assert page.count("\n\n|") == 5  # tables


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


@pytest.mark.parametrize("digit", ["12", "-1", "10"])
def test_a_digit_that_there_is_not_is_refused(run, digit):
    """A sentence, exit code 2, nothing written."""
    done = run(f"--digit={digit}")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"gradcheck: there is no digit {digit}; write one from 0 to 9\n"
    assert not (done.folder / "reports").exists()


def test_a_digit_that_is_no_number_is_refused(run):
    """By the command line itself."""
    done = run("--digit", "two")
    assert done.code == 2
    assert "invalid int value: 'two'" in done.err


def test_a_folder_that_cannot_be_written_is_refused(run, without_matplotlib):
    """A file in its place: a sentence, exit code 2."""
    (run("--digit", "12").folder / "taken").touch()
    done = run("--output", "taken")
    assert done.code == 2
    assert done.err.startswith("gradcheck: ")
    assert "taken" in done.err


def test_a_negative_seed_is_refused(run):
    """There is none."""
    assert run("--seed=-1").code == 2


def test_the_command_is_one_of_a_function():
    """Lines may be had without the command."""
    with pytest.raises(ValueError, match="no digit 10"):
        next(iter(tell.explain(folder=None, digit=10)))
