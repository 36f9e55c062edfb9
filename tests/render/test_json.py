"""JSON is the source: whatever a report holds comes back, and nothing else is taken for one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from gradcheck import Check, Run
from gradcheck._render import read
from gradcheck._render.faces import render
from gradcheck._results.estimate import Rung
from gradcheck._results.report import Problem, Report, Stage, TensorResult

HERE = Path(__file__).parent


def same(a, b):
    """Compare all the way down; nan is nan."""
    if is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or (isinstance(a, float) and math.isnan(a)))


def test_the_comparison_sees_a_difference(full, mlp):
    """The test of the test: two reports that differ are not the same."""
    assert not same(full, mlp)


def test_a_report_survives_the_round_trip(full, tmp_path):
    """Every field of every part is what it was, of the same type, inf and nan included."""
    full.save(tmp_path / "full.json")
    assert same(full, Report.load(tmp_path / "full.json"))


@pytest.fixture
def run(full, mlp):
    """Make a run of two checks."""
    checks = (
        Check(full, "tests/test_a.py::test", "tests/test_a.py", 7, 3, ".gradcheck/cases/63cc66b.json"),
        Check(mlp),
    )
    return Run(checks, "all of it")


def test_a_run_survives_the_round_trip(run, tmp_path):
    """Every check of it, with the report and where it was made."""
    run.save(tmp_path / "run.json")
    assert same(run, Run.load(tmp_path / "run.json"))


def test_a_report_alone_is_a_run_of_one_check(mlp, tmp_path):
    """So whoever reads runs reads reports too; the other way round the error says what to write."""
    mlp.save(tmp_path / "mlp.json")
    loaded = Run.load(tmp_path / "mlp.json")
    assert same(loaded, Run((Check(mlp),), "MLP"))
    loaded.save(tmp_path / "run.json")
    with pytest.raises(ValueError, match=r"holds a whole run; write Run\.load\('.*run\.json'\)\.checks\[0\]\.report"):
        Report.load(tmp_path / "run.json")


def test_a_report_of_schema_1_can_still_be_read(full):
    """The file was written by a version that knew no stages."""
    old = Report.load(HERE / "data" / "report-1.json")
    assert same(old, replace(full, tensors={"odd": full.tensors["odd"]}, stages=()))


@pytest.mark.parametrize("what", ["full", "run"])
def test_the_schema_in_the_documentation_fits(request, what):
    """It accepts what is written, refuses what is not, and names every field."""
    schema = json.loads((HERE.parents[1] / "docs" / "report.schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator(schema)
    page = json.loads(render(request.getfixturevalue(what), "json"))
    checker.check_schema(schema)
    checker.validate(page)
    for spoil in ({"verdict": "FINE"}, {"schema": 99}):
        assert not checker.is_valid(page | spoil)
    kinds = {"report": Report, "tensor": TensorResult, "rung": Rung, "problem": Problem, "stage": Stage, "check": Check}
    for name, kind in kinds.items():
        assert {f.name for f in fields(kind)} <= set(schema["$defs"][name]["properties"])
        assert schema["$defs"][name]["additionalProperties"] is False


@pytest.mark.parametrize("kind", [Report, TensorResult, Rung, Problem, Stage, Run, Check])
def test_no_field_is_forgotten(kind):
    """Each field has a reader; whoever adds one to the report adds one here."""
    assert [f.name for f in fields(kind)] == list(read._READERS[kind])


def test_the_json_is_strict(full):
    """Inf and nan, which JSON does not know, are strings; the schema has a version."""

    def refuse(constant):
        raise AssertionError(constant)

    page = json.loads(render(full, "json"), parse_constant=refuse)
    assert page["schema"] == Report.SCHEMA == 2
    assert page["verdict"] == "WRONG"
    assert page["tensors"][0]["claims"][-2:] == ["nan", "inf"]


def test_a_mark_at_the_beginning_of_a_file_does_no_harm(mlp, tmp_path):
    """Some editors, and some shells, write one."""
    (tmp_path / "marked.json").write_text(render(mlp, "json"), encoding="utf-8-sig")
    assert same(mlp, Report.load(tmp_path / "marked.json"))
