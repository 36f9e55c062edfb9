"""What does backpropagation do? A network learns to read digits, and its gradients are explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap

from gradcheck._explain.chapters import Chapter, story
from gradcheck._explain.example import WorkedExample, learned
from gradcheck._explain.lessons import LESSONS
from gradcheck._explain.pictures import PICTURES, draw
from gradcheck._render import markdown, text
from gradcheck._results.files import write

NAME = "explain"
INDENT = 13

MISSING = "for the pictures install matplotlib: pip install 'gradcheck[plot]'"

ABOUT = """# What does backpropagation say?

A network has learned to read handwritten digits. {steps} times over it predicted, was compared with the truth, went
backward from the output to the input, and changed every weight and bias by how much the cost was sensitive to it, on
average over a mini-batch. Here we listen to what it is told on the way, and how each example pulls on the weights.

`gradcheck explain --digit {digit} --seed {seed}` wrote this page. The functions that were asked are `sensitivity`,
`pull`, `wishes` and `promise` of `gradcheck.networks`; they will answer of any network of yours.
"""


def explain(folder: Path, digit: int = 2, seed: int = 0) -> Iterator[str]:
    """Yield the story line by line, and write it with its pictures to the folder.

    Raises ValueError for a digit that there is not.
    """
    if digit not in range(10):
        msg = f"there is no digit {digit}; write one from 0 to 9"
        raise ValueError(msg)
    example = learned(digit, seed)
    told = list(story(example))
    yield "A network has learned to read handwritten digits. What does backpropagation tell it?"
    for number, chapter in enumerate(told, 1):
        yield ""
        yield from _lines(number, chapter)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = _draw(example, folder)
    page = folder / f"{NAME}.md"
    about = ABOUT.format(steps=len(example.history.costs), digit=digit, seed=seed)
    write(page, "\n".join([about, *_page(example, told, drawn)]))
    yield ""
    yield f"Written: {page}" + (f", and {len(drawn)} pictures." if drawn else f"; {MISSING}")


def _lines(number: int, chapter: Chapter) -> Iterator[str]:
    """Yield a chapter as it stands on the terminal."""
    first = f"{number}  {chapter.title}".ljust(INDENT)
    yield from wrap(chapter.said, text.WIDTH, initial_indent=first, subsequent_indent=" " * INDENT)
    shown = chapter.table and replace(chapter.table, rows=chapter.table.rows[: chapter.listed])
    table = text.table(shown).splitlines() if shown else []
    width = max(map(len, chapter.beside), default=-2) + 2
    for left, right in zip_longest(chapter.beside, table, fillvalue=""):
        yield (" " * INDENT + left.ljust(width) + right).rstrip()


def _draw(example: WorkedExample, folder: Path) -> dict[str, str]:
    """Draw what can be drawn; return the file's name of each picture."""
    files = {name: f"{NAME}-{name}.png" for name in PICTURES}
    try:
        for name, file in files.items():
            draw(example, name, folder / file)
    except ImportError:
        return {}
    return files


def _page(example: WorkedExample, told: Iterable[Chapter], drawn: dict[str, str]) -> Iterator[str]:
    for number, chapter in enumerate(told, 1):
        yield f"## {number}. {chapter.title}\n"
        yield chapter.said + "\n"
        if chapter.table is not None:
            yield markdown.table(chapter.table) + "\n"
        yield from (f"![{seen}]({drawn[name]})\n" for name, seen in chapter.pictures if name in drawn)
        yield LESSONS[chapter.title].format(k=example.digit)
    if not drawn:
        yield f"(Without pictures; {MISSING}.)\n"
