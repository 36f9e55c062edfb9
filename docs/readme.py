"""How do the examples and their output get onto a page? By running them: `python docs/readme.py README.md`.

Between `<!-- word argument -->` and `<!-- end -->` stands what the function of that name below returns.
Without a page it is README.md and those pages of the manual that need no framework. `python docs/readme.py
docs/howto/*.md` writes the pages of the fields, whose examples stand beside them.
"""

from __future__ import annotations

import ast
import difflib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from gradcheck import Verdict
from gradcheck._render.rows import ENTRY_HEADER, TENSOR_HEADER

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
EXAMPLES = ROOT / "docs" / "examples"
PAGES = (  # whose blocks are filled from here, and need no framework
    README,
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "first_project",
            "reading",
            "calls",
            "in_tests",
            "in_ci",
            "command_line",
            "fuzzing",
            "verdicts",
            "limits",
            "billion",
            "beside",
            "networks",
        )
    ),
)
HOWTO = ROOT / "docs" / "howto"  # a page and its example for each field
TUTORIAL = ROOT / "docs" / "tutorial"  # pages, and the programs that they are written of
UNSEEN = {"under_xdist": ("xdist",)}  # what the example of a page needs, and does not import
PROJECT = EXAMPLES / "project.toml"  # what makes a project of them
CALLED = {  # an example -> the name of the file in a project
    "project.toml": "pyproject.toml",
    "workflow.yml": ".github/workflows/gradients.yml",
    "on_github.yml": ".github/workflows/gradients.yml",
}
BLOCK = re.compile(r"(<!-- (\w+)(?: ([\w./:= -]+?))? -->\n).*?(<!-- end -->)", re.DOTALL)
CUT = "# --8<--\n"  # above it stands what an example needs and a reader does not


def written(text: str) -> str:
    """Return the page with every block filled again."""
    return BLOCK.sub(lambda m: f"{m[1]}{WORDS[m[2]](m[3] or '').rstrip()}\n{m[4]}", text)


def code(name: str) -> str:
    """Return an example below its name."""
    file = next(path for path in (HOWTO / name, TUTORIAL / name, EXAMPLES / name) if path.exists())
    return f"`{CALLED.get(name, name)}`\n\n{program(file)}"


def program(file: Path) -> str:
    """Return a program without its docstring, or what stands below the cut; any other file as it is."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return fenced(text, file.suffix[1:])
    _, cut, below = text.partition(CUT)
    return fenced(below if cut else text.split('"""', 2)[2].lstrip(), "python")


def output(names: str) -> str:
    """Run an example, "a.py", "a.py with b.py as c.py" or "VARIABLE=value a.py", and return what it prints."""
    return fenced(run(names, sys.executable))


def source(place: str) -> str:
    """Return the lines of a function, "file.py function", or of a class as far as a method, "file.py Class.method"."""
    file, name = place.split()
    whole, _, last = name.partition(".")
    text = (ROOT / file).read_text(encoding="utf-8")
    top = _called(whole, ast.parse(text).body)
    end = _called(last, top.body) if last else top
    first = min(node.lineno for node in (top, *top.decorator_list))
    return fenced("\n".join(text.splitlines()[first - 1 : end.end_lineno]), "python")


def _called(name: str, body: list[ast.stmt]) -> ast.ClassDef | ast.FunctionDef:
    """Return the class or function of this name."""
    return next(node for node in body if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name)


def command(arguments: str) -> str:
    """Run the command `gradcheck`, and return what it prints."""
    return fenced(f"$ gradcheck {arguments}\n{run('', sys.executable, '-m', 'gradcheck', *arguments.split())}")


def change(names: str) -> str:
    """Return the lines in which two examples differ."""
    old, new = ((EXAMPLES / name).read_text(encoding="utf-8").splitlines() for name in names.split())
    lines = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
    return fenced("\n".join(lines), "diff")


def session(names: str) -> str:
    """Run pytest where the examples are a project, and return what it prints except for what it says of the machine."""
    arguments = names.partition(" with ")[0]
    lines = run(names, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_network.py").splitlines()
    shown = [line for line in lines if not line.startswith(("platform ", "rootdir: ", "plugins: "))]
    return fenced("\n".join([f"$ pytest {arguments}", *shown]))


def verdicts(_: str) -> str:
    """Return the verdicts and what they mean."""
    rows = [f"| `{verdict}` | {verdict.sentence} |" for verdict in sorted(Verdict)]
    return "\n".join(["| verdict | sentence |", "|---|---|", *rows])


TENSOR_COLUMNS = (  # what each column of the tables says, in their order
    "the name of a parameter or input, as it is written in code",
    "weight, bias, input or parameter, as the name suggests",
    "its shape",
    "how many of its entries were measured, such as `100 of 8,192` where not all were",
    "how many of them are wrong",
    "the index of the worst entry",
    "its error, in units of the measured uncertainty: below 1 means agreement",
    "its error, relative to the larger of claim and measured slope",
    "the smallest relative error that would have been seen in any tested entry",
    "the worst verdict of its entries",
)
ENTRY_COLUMNS = (
    "the name and index of an entry",
    "what the gradient says",
    "the measured slope, with its uncertainty",
    "the error, in units of that uncertainty",
    "the error, relative to the larger of the two",
    "the point at which it was measured, if not the given one",
)


def columns(which: str) -> str:
    """Return what the columns of a table mean: of tensors, or of entries."""
    header, said = {"tensors": (TENSOR_HEADER, TENSOR_COLUMNS), "entries": (ENTRY_HEADER, ENTRY_COLUMNS)}[which]
    rows = [f"| *{name}* | {what} |" for name, what in zip(header, said, strict=True)]
    return "\n".join(["| column | meaning |", "|---|---|", *rows])


def table(place: str) -> str:
    """Return a table of a report, "file.md" for the first and "file.md 2" for the second."""
    name, _, number = place.partition(" ")
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    tables = [list(rows) for is_row, rows in itertools.groupby(lines, lambda line: line.startswith("|")) if is_row]
    return "\n".join(tables[int(number or 1) - 1])


WORDS: dict[str, Callable[[str], str]] = {
    "code": code,
    "output": output,
    "change": change,
    "command": command,
    "source": source,
    "session": session,
    "verdicts": verdicts,
    "columns": columns,
    "table": table,
}


def run(names: str, *command: str) -> str:
    """Run an example in a folder of its own, and return what it prints."""
    called, _, swap = names.partition(" with ")
    words = called.split()
    variables = list(itertools.takewhile(lambda word: "=" in word and word[0].isupper(), words))
    with tempfile.TemporaryDirectory() as folder:
        for file in itertools.chain.from_iterable(place.glob("*.py") for place in (EXAMPLES, HOWTO, TUTORIAL)):
            shutil.copy(file, folder)
        shutil.copy(PROJECT, Path(folder, "pyproject.toml"))
        if swap:
            new, _, old = swap.partition(" as ")
            shutil.copy(EXAMPLES / new, Path(folder, old))
        environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
        environment |= dict(variable.split("=") for variable in variables)
        for spoiler in [key for key in environment if key.startswith(("PYTEST_", "COV_", "CI", "BUILD_NUMBER"))]:
            del environment[spoiler]
        done = subprocess.run(  # noqa: S603  our own examples
            [*command, *words[len(variables) :]],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    if done.stderr:
        msg = f"{names} wrote to stderr: {done.stderr}"
        raise RuntimeError(msg)
    return done.stdout.strip()


def fenced(text: str, language: str = "text") -> str:
    """Return text as a block of code."""
    return f"```{language}\n{text.strip()}\n```"


def missing(page: Path) -> list[str]:
    """Return the packages that the example beside a page needs, and that are not installed."""
    example = page.with_suffix(".py")
    tree = ast.parse(example.read_text(encoding="utf-8") if example.exists() else "")
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    packages = {*(name.partition(".")[0] for name in names), *UNSEEN.get(page.stem, ())}
    return sorted(name for name in packages if find_spec(name) is None)


if __name__ == "__main__":
    for page in [Path(name) for name in sys.argv[1:]] or PAGES:
        if absent := missing(page):
            sys.stdout.write(f"{page} stays as it is: it needs {', '.join(absent)}\n")
            continue
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
