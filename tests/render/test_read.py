"""A file that is no report, or a spoilt one, is refused: what is wrong with it, and where."""

from __future__ import annotations

import json
import random

import pytest
from damage import damaged
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradcheck._compare import faces
from gradcheck._compare.pairs import compare
from gradcheck._render import read
from gradcheck._render.faces import FORMS, render
from gradcheck._results.report import Report
from gradcheck._results.run import Check, Run


def spoilt(path, value):
    """Return a change of one place of the JSON."""

    def change(page):
        *above, last = path
        for key in above:
            page = page[key]
        if value is None:
            del page[last]
        else:
            page[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (spoilt(["schema"], None), "it has no key 'schema'"),
        (spoilt(["schema"], 3), "its schema is 3, this version of gradcheck reads 1 to 2"),
        (spoilt(["schema"], "1"), "its schema is '1', this version of gradcheck reads 1 to 2"),
        (spoilt(["name"], None), "report lacks name"),
        (spoilt(["seed"], 1.5), r"report\.seed should be a whole number, not 1\.5"),
        (spoilt(["seed"], True), r"report\.seed should be a whole number, not True"),
        (spoilt(["notes"], "x"), r"report\.notes should be a list, not 'x'"),
        (spoilt(["tensors"], {}), r"report\.tensors should be a list, not \{\}"),
        (spoilt(["tensors", 0], 3), r"report\.tensors\[0\] should be a mapping, not 3"),
        (spoilt(["tensors", 0, "codes", 1], "FINE"), r"codes\[1\] should be a verdict, not 'FINE'"),
        (spoilt(["tensors", 0, "codes", 1], 6), r"codes\[1\] should be a verdict, not 6"),
        (spoilt(["tensors", 0, "claims", 0], "many"), r"claims\[0\] should be a number, .*'many'"),
        (spoilt(["tensors", 0, "claims"], []), r"tensors\[0\] should be as long in 'claims' as"),
        (
            spoilt(["tensors", 0, "flat", 0], 99),
            r"tensors\[0\] should be below 8 in 'flat', not 99",
        ),
        (spoilt(["tensors", 0, "flat", 0], 2**63), rf"flat\[0\] should be at most {2**63 - 1}, not {2**63}"),
        (spoilt(["tensors", 0, "shape"], [2**62, 4]), rf"tensors\[0\] should be of {2**63 - 1} entries at most"),
        (spoilt(["tensors", 0, "shape"], [1] * 65), r"tensors\[0\] should be of 64 axes at most"),
        (spoilt(["tensors", 0, "claims", 0], 10**400), r"claims\[0\] should be a number, .*, not 1000"),
        (spoilt(["tensors", 0, "codes", 1], []), r"codes\[1\] should be a verdict, not \[\]"),
        (spoilt(["tensors", 0, "rungs"], []), r"rungs should be a mapping, not \[\]"),
        (
            spoilt(["tensors", 0, "rungs"], {"x": []}),
            r"rungs should be mapping whole numbers, not 'x'",
        ),
        (spoilt(["tensors", 0, "rungs", "3", 0, "step"], None), r"rungs\['3'\]\[0\] lacks step"),
        (spoilt(["problems", 0, "sentence"], 1), r"problems\[0\]\.sentence should be a string"),
    ],
)
def test_a_spoilt_file_is_refused(full, tmp_path, change, message):
    """The error says which file, what is wrong with it, and where."""
    page = json.loads(render(full, "json"))
    change(page)
    path = tmp_path / "spoilt.json"
    path.write_text(json.dumps(page))
    with pytest.raises(ValueError, match=f"'spoilt.json' is not a report.*: .*{message}"):
        Report.load(path)


@pytest.mark.parametrize("text", ["", "not JSON", "[]", "3", "null", '{"a": 1}', "[" * 100_000])
def test_a_foreign_file_is_refused(tmp_path, text):
    """Whatever is no report raises ValueError."""
    path = tmp_path / "foreign.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"'foreign\.json' is not a report that gradcheck saved"):
        Report.load(path)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    """Bytes that are no UTF-8 raise ValueError too."""
    path = tmp_path / "binary.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="is not a report"):
        Report.load(path)


def test_a_field_with_a_default_may_be_absent(mlp):
    """A report of an older version, which knew fewer fields, can still be read."""
    page = json.loads(render(mlp, "json"))
    del page["environment"], page["tensors"][0]["means"]
    report = read.parse(json.dumps(page))
    assert report.environment == {}
    assert report.tensors["W1"].means == "one by one"


@pytest.mark.parametrize("step", [0, -1.0, "inf", "nan"])
def test_a_step_is_a_number_above_0(full, step):
    """A picture of slopes against steps has no place for another."""
    page = json.loads(render(full, "json"))
    spoilt(["tensors", 0, "rungs", "3", 0, "step"], step)(page)
    with pytest.raises(ValueError, match=r"rungs\['3'\]\[0\]\.step should be a number above 0, and finite"):
        read.parse(json.dumps(page))


def test_half_a_character_in_a_name_comes_back(mlp):
    """The name of a file may hold what no encoding has."""
    page = json.loads(render(mlp, "json"))
    page["tensors"][0]["name"] = "\ud800"
    again = render(read.parse(json.dumps(page)), "json")
    assert again.encode()
    assert "\ud800" in read.parse(again).tensors


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_damaged_file_is_refused_or_shown(full, mlp, seed):
    """In every form, also on a page with its pictures, and beside another run."""
    rng = random.Random(seed)
    text = render(rng.choice([full, mlp, Run((Check(full, "t", "f.py", 3), Check(mlp)))]), "json")
    try:
        found = read.parse(damaged(text, rng).decode())
    except ValueError:
        return
    for form in FORMS:
        assert render(found, form).encode()
    changes = compare(Run.of(found), Run((Check(full, "t"),)), 10.0)
    for form in ("table", "markdown", "html", "json", "csv", "github"):
        assert faces.render(changes, form).encode()
