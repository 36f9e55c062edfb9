"""Do those programs of examples/ that need a framework or a package find their mistakes, and pass what is mended?"""

from __future__ import annotations

import pytest
from programs import NOTEBOOK, printed, verdicts, words

SAID = {  # what it needs, the verdicts in order, and what is said of the mistake
    "jax_fixed_point": ("jax", ["WRONG", "CORRECT"], ["last_step", "20 wrong", "20 correct"]),
    "least_squares": ("scipy", ["WRONG", "CORRECT"], ["120 wrong, 236 correct", "0.05 times the measured value"]),
    "pylops_operator": ("pylops", ["CORRECT", "WRONG", "CORRECT"], ["wrong in 2 entries, within the block A["]),
    "torch_function": (
        "torch",
        ["WRONG", "WRONG", "WRONG", "CORRECT"],
        ["1/5 with 5 the first axis of x", "division by a norm", "order 2: x"],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_program_finds_its_mistake_and_passes_what_is_mended(name, tmp_path):
    """As a user runs it; it leaves nothing behind."""
    package, found, sentences = SAID[name]
    pytest.importorskip(package)
    text = printed(name, tmp_path)
    assert verdicts(text) == found
    assert [sentence for sentence in sentences if sentence not in words(text)] == []
    assert list(tmp_path.iterdir()) == []


def test_the_notebook_runs_in_a_kernel():
    """With outputs that a browser can show."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(NOTEBOOK, 4)
    nbclient.NotebookClient(notebook, timeout=300).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert sum("text/html" in output.get("data", {}) for output in outputs) == 3
