"""Do the programs of examples/ find the mistake that they are about, and pass what is mended?"""

from __future__ import annotations

import ast
import json
import shutil

import pytest
from programs import EXAMPLES, NOTEBOOK, PROGRAMS, cells, printed, verdicts, words

from gradcheck import Report, Verdict

LINES = 60  # a program is read in two minutes
ELSEWHERE = {"jax_fixed_point", "least_squares", "pylops_operator", "torch_function"}  # tests/frameworks runs them

SAID = {  # the verdicts in order, and what is said of the mistake
    "c_kernel": (["WRONG", "CORRECT"], ["2 wrong, 7 correct", "call np.ascontiguousarray(cotangent) first"]),
    "heat_equation": (["WRONG", "CORRECT"], ["21 wrong, 20 correct", "wrong in k, right in u"]),
    "hidden_markov": (["WRONG", "CORRECT"], ["24 wrong", "24 correct"]),
    "logistic_score": (["CORRECT", "WRONG"], ["20 correct", "without p (1 - p)"]),
    "physics_loss": (["WRONG", "CORRECT"], ["w, b: the way back through s2", "24 correct"]),
    "two_layers": (["WRONG", "CORRECT"], ["the number of the course", "5 wrong, 26 correct", "31 correct"]),
}


@pytest.mark.parametrize("name", SAID)
def test_a_program_finds_its_mistake_and_passes_what_is_mended(name, tmp_path):
    """As a user runs it; it leaves nothing behind."""
    if name == "c_kernel" and not shutil.which("cc"):
        pytest.skip("there is no C compiler")
    text = printed(name, tmp_path)
    found, sentences = SAID[name]
    assert verdicts(text)[: len(found)] == found
    assert [sentence for sentence in sentences if sentence not in words(text)] == []
    assert list(tmp_path.iterdir()) == []


def test_the_notebook_shows_its_reports(monkeypatch, tmp_path):
    """Cell by cell: what ends a cell is shown, a report as a page."""
    monkeypatch.chdir(tmp_path)
    reports = [value for value in _run(cells()) if isinstance(value, Report)]
    assert [report.verdict for report in reports] == [Verdict.WRONG, Verdict.CORRECT, Verdict.CORRECT]
    assert all("<table" in report._repr_html_() for report in reports)
    assert [entry.tensor for entry in reports[0].wrong] == ["slopes"] * 3
    assert "100 the batch size" in reports[0].diagnosis[0]


def _run(code):
    """Yield what ends each cell; all share their names."""
    names = {}
    for cell in code:
        body = ast.parse(cell).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), NOTEBOOK.name, "exec"), names)
        yield last and eval(compile(ast.Expression(last.value), NOTEBOOK.name, "eval"), names)


def test_the_notebook_holds_no_output():
    """It is made where it is read, so that no change of a digit is a change of the file."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all((cell["outputs"], cell["execution_count"]) == ([], None) for cell in code)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_is_short_and_says_what_it_shows(program):
    """In its docstring: one line, and then more."""
    text = program.read_text(encoding="utf-8")
    first, *more = ast.get_docstring(ast.parse(text)).splitlines()
    assert first.endswith((".", "?"))
    assert more
    assert len(text.splitlines()) <= LINES


def test_every_program_is_listed():
    """With the first line of its docstring."""
    rows = [line for line in (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines() if line[:3] == "| ["]
    docs = {path.name: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in PROGRAMS}
    expected = [f"| [{name}]({name}) | {doc.splitlines()[0]} |" for name, doc in docs.items()]
    assert rows == [*expected, "| [notebook.ipynb](notebook.ipynb) | Reports in a notebook. |"]


def test_every_program_is_run():
    """Here, or where the frameworks are."""
    assert {path.stem for path in PROGRAMS} == {*SAID, *ELSEWHERE}
