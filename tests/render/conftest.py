"""Reports made by hand: no numerics, so that what a face shows is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck._results.estimate import Rung
from gradcheck._results.report import Problem, Report, Stage, TensorResult
from gradcheck._results.verdict import Verdict

LADDER = tuple(
    Rung(step=step, left=slope, right=slope, noise=1e-16 / step)
    for step, slope in [(1e-1, -0.0791), (1e-3, -0.0790481), (1e-4, -0.0790481), (1e-5, -0.0790481)]
)


def make_tensor(
    name="W2",
    kind="weight",
    shape=(10, 64),
    verdict=Verdict.CORRECT,
    claim=-0.0790481,
    estimate=-0.0790481,
    uncertainty=7e-11,
    n=1,
    checked=None,
    **fields,
):
    """Return a tensor whose entries are right, but for `n`, from the middle on, of a verdict."""
    size = int(np.prod(shape))
    checked = size if checked is None else checked
    codes = np.full(checked, Verdict.CORRECT, np.int8)
    columns = np.full((3, checked), [[0.5], [0.5], [1e-10]])
    for k in (np.arange(min(n, checked)) + checked // 2) % max(1, checked):
        codes[k] = verdict
        columns[:, k] = claim, estimate, uncertainty
    slopes = {"lefts": columns[1].copy(), "rights": columns[1].copy()}
    return TensorResult(
        name=name,
        kind=kind,
        shape=shape,
        dtype="float64",
        flat=np.arange(checked),
        claims=columns[0],
        estimates=columns[1],
        uncertainties=columns[2],
        codes=codes,
        **(slopes | fields),
    )


def make_wrong(**fields):
    """Return a tensor of which one entry is claimed twice as large as it is."""
    ladder = {"rungs": {fields.get("checked", 640) // 2: LADDER}}
    return make_tensor(**(ladder | {"verdict": Verdict.WRONG, "claim": -0.158096} | fields))


def make_report(*tensors, **fields):
    """Return a report on these tensors."""
    defaults = {"name": "MLP", "seed": 0, "evaluations": 4820, "gradients": 1}
    return Report(tensors={t.name: t for t in tensors}, **(defaults | fields))


def make_full():
    """Return a report in which every field is filled, with verdicts and numbers of every sort."""
    tensor = TensorResult(
        name="odd",
        kind="input",
        shape=(2, 4),
        dtype="float32",
        flat=np.array([0, 1, 2, 3, 4, 7]),
        claims=np.array([1.0, 0.1, 0.0, 1 / 3, np.nan, np.inf]),
        estimates=np.array([1.0, 0.0, 0.0, 0.3, 5.0, -2.5e-300]),
        uncertainties=np.array([1e-12, 0.0, 0.0, np.inf, 1e-9, 3e-320]),
        lefts=np.array([1.0, -1.0, 0.0, np.nan, 5.0, -np.inf]),
        rights=np.array([1.0, 1.0, 0.0, 0.3, 5.0, 0.1 + 0.2]),
        codes=np.array([1, 2, 3, 4, 5, 6], np.int8),
        rungs={3: LADDER, 7: (Rung(1e-3, np.nan, np.inf, 0.0),)},
        places={4: "a point nearby"},
        means="rank-one probes",
        note="taken at the edge of the domain",
        resolution=2e-9,
    )
    return make_report(
        tensor,
        make_wrong(),
        name="Größe",
        seed=7,
        problems=(Problem(Verdict.BROKEN, "the function changes its input `x`", "x"),),
        diagnosis=("exactly twice the measured value: this term looks counted twice",),
        power=("a missing 1/N cannot be seen: the batch holds one example",),
        notes=("b2 was left out (wrt)",),
        environment={"numpy": "2.4.6", "gradcheck": "0.1.0"},
        stages=(Stage("layers[0] (Dense)", Verdict.WRONG, "taken alone it is wrong"), Stage("layers[1] (Tanh)")),
    )


@pytest.fixture
def tensor():
    """Make a tensor."""
    return make_tensor


@pytest.fixture
def wrong():
    """Make a tensor with one wrong entry."""
    return make_wrong


@pytest.fixture
def report():
    """Make a report."""
    return make_report


@pytest.fixture
def full():
    """Make a report that has everything."""
    return make_full()


@pytest.fixture
def mlp():
    """Make a report on an MLP of which one weight is wrong."""
    return make_report(
        make_tensor(name="W1", shape=(64, 32)),
        make_tensor(name="b1", kind="bias", shape=(32,)),
        make_wrong(),
        make_tensor(name="b2", kind="bias", shape=(10,)),
        diagnosis=("exactly twice the measured value: this term looks counted twice",),
    )
