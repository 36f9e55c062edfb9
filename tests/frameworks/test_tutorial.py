"""Are the pictures of docs/tutorial those that its program draws?"""

from __future__ import annotations

import pytest
from pages import DOCS, _loaded

tutorial = _loaded(DOCS / "tutorial.py")


def test_the_pictures_are_those_that_the_program_draws(tmp_path):
    """Run `python docs/tutorial.py` if this fails: it draws these files, in this size."""
    image = pytest.importorskip("matplotlib.image")
    tutorial.main(tmp_path)
    drawn = {path.name: image.imread(path).shape for path in tmp_path.iterdir()}
    kept = {path.name: image.imread(path).shape for path in tutorial.FOLDER.glob("*.png")}
    assert drawn == kept


def test_the_curve_is_that_of_the_program_on_the_page():
    """It starts at the same weight, and goes down by the same steps."""
    text = (tutorial.FOLDER / "one_weight.py").read_text(encoding="utf-8")
    assert f"x, truth = {tutorial.X}, {tutorial.TRUTH}" in text
    assert f"w = np.array({tutorial.START})" in text
    assert f"w = w - {tutorial.RATE} * gradient(w)" in text
    assert f"range({tutorial.STEPS})" in text
