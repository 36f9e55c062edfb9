"""Runs made by hand, to be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gradcheck import Check, Report, Run, TensorResult, Verdict


def tensor(name="W", verdict=Verdict.CORRECT, uncertainty=1e-10, n=4):
    return TensorResult(
        name=name,
        kind="weight",
        shape=(8,),
        dtype="float64",
        flat=np.arange(n),
        claims=np.ones(n),
        estimates=np.ones(n),
        uncertainties=np.full(n, uncertainty),
        lefts=np.ones(n),
        rights=np.ones(n),
        codes=np.full(n, verdict, np.int8),
    )


def check(*tensors, test="test_it", model="Net", problems=(), **fields):
    report = Report(model, 0, {t.name: t for t in tensors}, problems, environment={"numpy": "2.0"})
    return Check(replace(report, **fields), test, "test_net.py", 7)


def run(*checks):
    return Run(checks)
