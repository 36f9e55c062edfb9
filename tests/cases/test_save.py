"""A call that failed is kept in two files, named after what they hold, written whole or not at all."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from gradcheck import GradientError, check_gradients
from gradcheck._cases.save import SCHEMA, FailedCall, Where, told

X = np.array([0.5, -1.5, 2.5])


def cube(x):
    return float((x**3).sum())


def twice(x):
    return 3 * x**2 * np.array([1, 2, 1])


@pytest.fixture
def failed():
    """Return a call that failed, as it is kept; its claim may be another."""

    def kept(grad=twice, x=X):
        report = check_gradients(cube, x, grad=grad)
        error = GradientError("x[1] is wrong\nand more", report)
        return told((cube, x), {"grad": grad}, error, Where("t.py::test", "t.py:3", Path(__file__).parent))

    return kept


def test_the_page_names_the_worst_entry(failed):
    """With test, line, verdict and the first line of the message, and the files of the project that it takes."""
    page = json.loads(failed().text)
    assert (page["schema"], page["test"], page["call"], page["message"]) == (
        SCHEMA,
        "t.py::test",
        "t.py:3",
        "x[1] is wrong",
    )
    assert (page["verdict"], page["worst"]["tensor"], page["worst"]["index"]) == ("WRONG", "x", [1])
    assert page["untold"] == []
    assert list(page["modules"].values()) == [Path(__file__).name]


@pytest.mark.parametrize("worst", ["a", "b"])
def test_of_several_wrong_tensors_the_worst_is_named(worst):
    """Whichever comes first."""
    factors = {"a": 3, "b": 3} | {worst: 9}
    claims = {name: factor * np.ones(2) for name, factor in factors.items()}
    report = check_gradients(lambda p: p["a"].sum() + p["b"].sum(), {"a": X[:2], "b": X[:2]}, grad=lambda _: claims)
    case = told((cube, X), {}, GradientError("", report), Where("t", "t:1", Path(__file__).parent))
    assert json.loads(case.text)["worst"]["tensor"] == worst


def test_a_claim_without_a_name_is_said_to_be_untold(failed):
    """Then only its test can repeat it; the arrays are kept all the same."""
    case = failed(grad=lambda x: 2 * twice(x))
    assert "which cannot be built from a file" in json.loads(case.text)["untold"][0]
    with np.load(io.BytesIO(case.arrays), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["args[0]"], X)


def test_the_name_is_made_of_what_the_files_hold(failed):
    """The same failure has the same name, other numbers another."""
    assert failed().name == failed().name != failed(x=2 * X).name
    assert FailedCall("{}\n", b"some").name != FailedCall("{}\n", b"others").name


def test_both_files_are_written_whole(tmp_path):
    """Nothing else is left behind; what is written once more is the same."""
    case = FailedCall("{}\n", b"arrays")
    assert case.write(tmp_path) == case.write(tmp_path) == tmp_path / case.file
    assert sorted(path.name for path in tmp_path.iterdir()) == [case.file, f"{case.name}.npz"]


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    """And no part of a file is left."""
    (tmp_path / "taken").touch()
    with pytest.raises(OSError, match="taken"):
        FailedCall("{}\n", b"").write(tmp_path / "taken")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
