"""Is a module on a device told right from wrong as it is on the CPU? By shifts and by vmap, in three precisions."""

from __future__ import annotations

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

import on_device  # noqa: E402
from on_device import MODULES, Case, Checked, differences  # noqa: E402

WRONG = Case("wrong", torch.float64, "double")
NO_DEVICE = "no CUDA device here: run python tests/on_device.py cuda where there is one"


@pytest.fixture(scope="module")
def checked():
    """Check a wrong module and a right one."""
    return {name: replace(WRONG, name=name).check("cpu") for name in ("right", "wrong")}


def test_what_differs_is_told(checked):
    """A wrong module that passes elsewhere, or other entries; what was asked more often; what shifts did not do."""
    right, wrong = checked["right"], checked["wrong"]
    assert differences(wrong, wrong, WRONG) == []
    passed = differences(wrong, right, WRONG)
    assert {"the verdict", "wrong entries", "what was expected"} <= set(passed)
    assert differences(right, wrong, replace(WRONG, name="right"))[-1] == "what was expected"
    assert differences(right, wrong, replace(WRONG, dtype=torch.float16, precision="as-is")) == [
        "the verdict",
    ]
    assert differences(wrong, replace(wrong, calls=2 * wrong.calls), WRONG) == ["how often it is called"]
    one_by_one = {name: replace(t, means="one by one") for name, t in wrong.report.tensors.items()}
    other = Checked(replace(wrong.report, tensors=one_by_one), wrong.calls)
    assert differences(wrong, other, WRONG) == ["what shifts measured"]


def test_the_wrong_entries_are_those_that_were_planted(checked):
    """A row of the weights and the last bias of one layer, all by shifts; none of the right module."""
    row = {("0.weight", (1, k)) for k in range(on_device.INWARD)}
    assert on_device.wrong(checked["wrong"].report) == row | {("0.bias", (on_device.HIDDEN - 1,))}
    assert not on_device.wrong(checked["right"].report)
    assert len(on_device.by_shifts(checked["wrong"].report)) == 5


@pytest.mark.parametrize("name", [name for name in MODULES if "scaled" in name])
def test_where_shifts_say_nothing_values_are_taken_at_once(name):
    """Far fewer calls than evaluations."""
    found = Case(name, torch.float64, "double").check("cpu")
    assert not on_device.by_shifts(found.report)
    assert found.calls < found.report.evaluations / 2


def test_the_program_compares_every_case(monkeypatch, capsys):
    """With a row each, and returns 1 where anything differs: here where a module is not what its name says."""
    every = list(on_device.cases())
    assert {(case.name, case.dtype) for case in every} == {(m, d) for m in MODULES for d in on_device.DTYPES}
    few = [case for case in every if case.precision == "double" and case.dtype != torch.float64][:4]
    monkeypatch.setattr(on_device, "cases", lambda: iter(few))
    assert on_device.main("cpu") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(few)
    monkeypatch.setitem(on_device.MODULES, "right", MODULES["wrong"])
    assert on_device.main("cpu") == 1
    assert "what was expected |" in capsys.readouterr().out


@pytest.mark.skipif(not torch.cuda.is_available(), reason=NO_DEVICE)
@pytest.mark.parametrize("case", [*on_device.cases()], ids=lambda case: f"{case.name}, {case.dtype}, {case.precision}")
def test_a_device_says_what_the_cpu_says(case):
    """The same verdicts and the same wrong entries, by the same means."""
    assert differences(case.check("cpu"), case.check("cuda"), case) == []
