"""How does the gallery get into reports/? By running the cases of docs/gallery: `python docs/gallery.py`.

Each case is a program that makes a `report`; its docstring is a title and what it teaches.
"""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gradcheck import Report
from gradcheck._render import markdown
from gradcheck._render.faces import render

ROOT = Path(__file__).parents[1]
CASES = ROOT / "docs" / "gallery"
REPORTS = ROOT / "reports"
OTHERS = {  # the other pages of reports/, what they tell, and the command that writes each
    "digits.md": ("a network that reads handwritten digits, checked before and after training", "gradcheck demo"),
    "explain.md": ("what backpropagation says about a single digit", "gradcheck explain"),
    "traps.md": ("a thousand hard cases of nineteen kinds, put to eight other checkers as well", "make traps"),
    "faults.md": ("every mistake that can be planted in the networks, and what is said about it", "make reports"),
    "ecosystem.md": ("layers, losses, solvers and derivatives of public packages, as they come", "make ecosystem"),
    "large.md": ("large networks: every entry, and one wrong one of many", "make bench"),
    "growth.md": ("how the cost grows with the size of what is checked, beside the others", "make bench"),
    "cluster.md": ("what a check of a billion weights costs", "python -m benchmarks cluster"),
    "opinfo.md": ("the operators of PyTorch, put to its own checker as well", "make opinfo"),
    "benchmarks.md": ("how long it takes, beside the others", "make bench"),
    "ablation.md": ("what fails without each constant and each rule", "python -m benchmarks ablation --corpus spread"),
    "mutation.md": ("which changes of the code that judges would pass its tests", "make mutation"),
    "soak.md": ("a hundred thousand checks in one process, and what grows", "make endurance"),
    "calibration.md": ("the true error beside the stated uncertainty", "python -m benchmarks calibration"),
}


@dataclass(frozen=True)
class Case:
    """One case of the gallery."""

    name: str  # of its pages
    title: str
    lesson: str
    code: str
    report: Report

    @property
    def page(self) -> str:
        """The page in Markdown."""
        parts = (
            f"# {self.title}",
            self.lesson,
            f"```python\n{self.code}\n```",
            f"The same report [as a page for the browser]({self.name}.html), with its pictures.",
            markdown.render(self.report, level=2).rstrip(),
        )
        return "\n\n".join(parts) + "\n"


def case(path: Path) -> Case:
    """Run a case."""
    text = path.read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(text)) or ""
    head, _, lesson = said.partition("\n\n")
    code = text.split('"""', 2)[2].strip()
    return Case(path.stem[2:].replace("_", "-"), head, lesson, code, runpy.run_path(str(path))["report"])


def cases() -> Iterator[Case]:
    """Run the cases, in the order of their names."""
    yield from map(case, sorted(CASES.glob("*.py")))


def index(shown: list[Case]) -> str:
    """Return the page that leads to all others."""
    gallery = [_row(one) for one in shown]
    others = [f"| [{name}]({name}) | {what} | `{how}` |" for name, (what, how) in OTHERS.items()]
    return "\n".join(
        [
            "# Reports\n",
            "Everything here was written by a command: the cases by `make reports`, the others as the table says.\n",
            "## Ten cases\n",
            "Each page shows a small program, what it teaches, and the report, which it links as an HTML page too.\n",
            "| case | verdict | what it teaches |",
            "|---|---|---|",
            *gallery,
            "\n## The others\n",
            "| page | what it tells | written by |",
            "|---|---|---|",
            *others,
            "",
        ]
    )


def _row(shown: Case) -> str:
    name, _, lesson = shown.title.rstrip(".").partition(": ")
    return f"| [{name}](gallery/{shown.name}.md) | {shown.report.verdict} | {lesson} |"


def write(folder: Path) -> None:
    """Write two pages for each case, and the index."""
    shown = list(cases())
    (folder / "gallery").mkdir(parents=True, exist_ok=True)
    for one in shown:
        _write(folder / "gallery" / f"{one.name}.md", one.page)
        _write(folder / "gallery" / f"{one.name}.html", render(one.report, "html"))
    _write(folder / "README.md", index(shown))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else REPORTS)
