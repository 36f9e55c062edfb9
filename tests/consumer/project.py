"""What a user writes, with types: every public name, and what each call and attribute is to a type checker."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import gradcheck
from gradcheck import (
    BiasMismatch,
    Check,
    Entry,
    Estimate,
    Gradcheck,
    GradientError,
    InputError,
    InputMismatch,
    Oracle,
    Report,
    Run,
    TensorResult,
    UndecidedWarning,
    Verdict,
    WeightMismatch,
    assert_gradients,
    check_adjoint,
    check_gradients,
    fuzz_gradients,
)
from gradcheck.networks import Chain, Dense, Tanh, mlp
from gradcheck.strategies import arrays

Array = NDArray[np.float64]


class Model:
    """A network of a course: parameters by name, and a loss that returns its gradients as well."""

    def __init__(self) -> None:
        self.params: dict[str, Array] = {"w": np.ones(3)}

    def loss(self, x: Array) -> tuple[float, dict[str, Array]]:
        return float(x @ self.params["w"]), {"w": x}


def square(x: Array) -> float:
    return float(x @ x)


def slope(x: Array) -> Array:
    return 2 * x


def checks() -> None:
    x = np.arange(3.0)
    assert_type(check_gradients(square, x, grad=slope, seed=1, rtol=1e-6), Report)
    assert_type(assert_gradients(Model(), x, entries="all", workers=2, progress=False), Report)
    assert_type(check_adjoint((lambda u: 2 * u, lambda v: 2 * v), x), Report)
    network = mlp((3, 4, 2), Tanh(), np.random.default_rng(0))
    assert_type(network, Chain)
    check_gradients(network, x[None], neighbours=2)
    check_gradients(Dense(np.ones((3, 2)), np.zeros(2)), x[None])
    oracle = Oracle({"x": x}, lambda p: square(p["x"]), lambda p: {"x": slope(p["x"])})
    assert_type(check_gradients(oracle), Report)


def reads(report: Report) -> None:
    assert_type(report.verdict, Verdict)
    assert_type(report.tensors, Mapping[str, TensorResult])
    assert_type(report.counts, Mapping[Verdict, int])
    assert_type(report.wrong, tuple[Entry, ...])
    assert_type(report.evaluations, int)
    assert_type(report.diagnosis, tuple[str, ...])
    report.save(Path("report.html"))
    assert_type(Report.load("report.json"), Report)
    worst = report.tensors["w"].worst
    if worst is not None:
        assert_type(worst, Entry)
        assert_type(worst.estimate, float)
        assert_type(worst.index, tuple[int, ...])
    if report.verdict is Verdict.CORRECT:
        return
    for tensor in report.tensors.values():
        assert_type(tensor.shape, tuple[int, ...])


def session() -> None:
    run = Run.load("run.json")
    assert_type(run, Run)
    assert_type(run.checks, tuple[Check, ...])
    assert_type(run.verdict, Verdict)
    assert_type(gradcheck.__version__, str)


def fails() -> None:
    try:
        assert_gradients(square, np.ones(2), grad=slope)
    except (WeightMismatch, BiasMismatch, InputMismatch) as error:
        assert_type(error.report, Report | None)
    except GradientError as error:
        assert_type(error.report, Report | None)
    except InputError as error:
        assert_type(error, InputError)
    assert_type(UndecidedWarning("one entry"), UndecidedWarning)


def test_fixture(gradcheck: Gradcheck) -> None:
    assert_type(gradcheck(square, np.ones(2), grad=slope, seed=7), Report)


def fuzzes() -> None:
    assert_type(Estimate.__doc__, str | None)

    def build(x: Array) -> tuple[Any, ...]:
        return square, x, {"grad": slope}

    fuzz_gradients(build, examples=10, seed=1, x=arrays((3,)))
